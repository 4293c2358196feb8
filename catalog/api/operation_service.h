#ifndef CATALOG_API_OPERATION_SERVICE_H_
#define CATALOG_API_OPERATION_SERVICE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "grpcpp/grpcpp.h"

#include "catalog/api/message_stream.h"
#include "catalog/operation/operation_runner.h"
#include "catalog/store/catalog_store.h"
#include "catalog/v1/operation.grpc.pb.h"

namespace orrery::catalog {

// orrery.catalog.v1.OperationService: converts, calls, converts. The context
// may be null: the HTTP listener calls the same methods.
class OperationService
    : public v1::OperationService::WithCallbackMethod_WatchOperation<
          v1::OperationService::Service> {
 public:
  // Both must outlive this.
  OperationService(const CatalogStore* store, OperationRunner* runner);

  grpc::Status ListOperations(grpc::ServerContext* context,
                              const v1::ListOperationsRequest* request,
                              v1::ListOperationsResponse* response) override;
  grpc::Status GetOperation(grpc::ServerContext* context,
                            const v1::GetOperationRequest* request,
                            v1::GetOperationResponse* response) override;
  grpc::Status AbortOperation(grpc::ServerContext* context,
                              const v1::AbortOperationRequest* request,
                              v1::AbortOperationResponse* response) override;

  grpc::ServerWriteReactor<v1::WatchOperationResponse>* WatchOperation(
      grpc::CallbackServerContext* context,
      const v1::WatchOperationRequest* request) override;

  // What WatchOperation sends, for listeners other than gRPC.
  absl::StatusOr<std::unique_ptr<MessageStream<v1::WatchOperationResponse>>>
  OpenWatch(const v1::WatchOperationRequest& request) const;

 private:
  const CatalogStore* store_;
  OperationRunner* runner_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_API_OPERATION_SERVICE_H_
