#include "catalog/api/operation_service.h"

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "catalog/api/message_streams.h"
#include "catalog/api/proto_conversion.h"
#include "catalog/api/stream_reactor.h"
#include "registry/api/page.h"
#include "registry/status/grpc_status.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::ToGrpcStatus;

// The newest comes first.
std::string PlaceOf(const Operation& operation) {
  return absl::StrCat(
      registry::SortableNumber(~absl::ToUnixNanos(operation.create_time)),
      operation.name);
}

absl::Status ListOperationsOf(const CatalogStore& store,
                              const OperationRunner& runner,
                              const v1::ListOperationsRequest& request,
                              v1::ListOperationsResponse* response) {
  ORRERY_ASSIGN_OR_RETURN(const std::vector<Operation> operations,
                          store.ListOperations());
  ORRERY_ASSIGN_OR_RETURN(
      const registry::Page page,
      registry::PageOf(
          registry::PageRequestOf("operations", request), operations.size(),
          [&operations](size_t i) { return PlaceOf(operations[i]); }));
  for (size_t i = page.begin; i < page.end; ++i) {
    // The runner knows what a running one waits for.
    const absl::StatusOr<Operation> current = runner.Get(operations[i].name);
    *response->add_operations() =
        ToProto(current.ok() ? *current : operations[i]);
  }
  if (!page.next_token.empty()) {
    response->set_next_page_token(page.next_token);
  }
  return absl::OkStatus();
}

}  // namespace

OperationService::OperationService(const CatalogStore* store,
                                   OperationRunner* runner)
    : store_(store), runner_(runner) {}

grpc::Status OperationService::ListOperations(
    grpc::ServerContext*, const v1::ListOperationsRequest* request,
    v1::ListOperationsResponse* response) {
  return ToGrpcStatus(ListOperationsOf(*store_, *runner_, *request, response));
}

grpc::Status OperationService::GetOperation(
    grpc::ServerContext*, const v1::GetOperationRequest* request,
    v1::GetOperationResponse* response) {
  const absl::StatusOr<Operation> operation =
      runner_->Get(request->operation());
  if (!operation.ok()) return ToGrpcStatus(operation.status());
  *response->mutable_operation() = ToProto(*operation);
  return grpc::Status::OK;
}

grpc::Status OperationService::AbortOperation(
    grpc::ServerContext*, const v1::AbortOperationRequest* request,
    v1::AbortOperationResponse* response) {
  const absl::StatusOr<Operation> operation =
      runner_->Abort(request->operation());
  if (!operation.ok()) return ToGrpcStatus(operation.status());
  *response->mutable_operation() = ToProto(*operation);
  return grpc::Status::OK;
}

absl::StatusOr<std::unique_ptr<MessageStream<v1::WatchOperationResponse>>>
OperationService::OpenWatch(const v1::WatchOperationRequest& request) const {
  return OperationStream::Open(runner_, request.operation());
}

grpc::ServerWriteReactor<v1::WatchOperationResponse>*
OperationService::WatchOperation(grpc::CallbackServerContext*,
                                 const v1::WatchOperationRequest* request) {
  return new StreamReactor<v1::WatchOperationResponse>(OpenWatch(*request));
}

}  // namespace orrery::catalog
