#include "catalog/api/resolution_service.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "catalog/api/resolve_query_proto.h"
#include "catalog/resolution/outdated.h"
#include "catalog/resolution/why.h"
#include "registry/format/json_parse.h"
#include "registry/status/grpc_status.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::ToGrpcStatus;
using registry::WriteJson;

absl::Status ResolveFor(const v1::ResolveRequest& request,
                        PackageResolver& resolver,
                        v1::ResolveResponse* response) {
  ORRERY_ASSIGN_OR_RETURN(const ResolveQuery query, ResolveQueryOf(request));
  ORRERY_ASSIGN_OR_RETURN(Resolution resolution, resolver.Resolve(query));
  resolution.lock = LockOf(query, resolution);
  response->set_answer(WriteJson(ResolutionToJson(resolution)));
  return absl::OkStatus();
}

absl::Status WhyFor(const v1::WhyRequest& request, PackageResolver& resolver,
                    v1::WhyResponse* response) {
  ORRERY_ASSIGN_OR_RETURN(const NodeName node, ParseNodeName(request.node()));
  ORRERY_ASSIGN_OR_RETURN(ResolveQuery query,
                          ResolveQueryOf(request.request()));
  const std::string text = NodeText(node.package, node.instance);
  ORRERY_ASSIGN_OR_RETURN(const Resolution resolution,
                          query.lock.has_value()
                              ? resolver.ReadLock(*query.lock)
                              : resolver.Resolve(query));
  ORRERY_ASSIGN_OR_RETURN(const registry::JsonValue answer,
                          WhyToJson(resolution, text));
  response->set_answer(WriteJson(answer));
  return absl::OkStatus();
}

absl::Status OutdatedFor(const v1::OutdatedRequest& request,
                         PackageResolver& resolver,
                         v1::OutdatedResponse* response) {
  ORRERY_ASSIGN_OR_RETURN(const registry::JsonValue answer,
                          OutdatedToJson(request.cluster(), resolver));
  response->set_answer(WriteJson(answer));
  return absl::OkStatus();
}

}  // namespace

grpc::Status ResolutionService::Resolve(grpc::ServerContext*,
                                        const v1::ResolveRequest* request,
                                        v1::ResolveResponse* response) {
  return ToGrpcStatus(ResolveFor(*request, resolver_, response));
}

grpc::Status ResolutionService::Why(grpc::ServerContext*,
                                    const v1::WhyRequest* request,
                                    v1::WhyResponse* response) {
  return ToGrpcStatus(WhyFor(*request, resolver_, response));
}

grpc::Status ResolutionService::Outdated(grpc::ServerContext*,
                                         const v1::OutdatedRequest* request,
                                         v1::OutdatedResponse* response) {
  return ToGrpcStatus(OutdatedFor(*request, resolver_, response));
}

}  // namespace orrery::catalog
