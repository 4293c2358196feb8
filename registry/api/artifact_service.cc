#include "registry/api/artifact_service.h"

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "registry/api/page.h"
#include "registry/status/grpc_status.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

absl::Status ListPage(const ArtifactStore& store,
                      const v1::ListArtifactsRequest& request,
                      v1::ListArtifactsResponse* response) {
  ORRERY_ASSIGN_OR_RETURN(const std::vector<StoredArtifact> artifacts,
                          store.List());
  ORRERY_ASSIGN_OR_RETURN(
      const Page page,
      PageOf(PageRequestOf("artifacts", request), artifacts.size(),
             [&](size_t i) { return artifacts[i].digest.Hex(); }));
  for (size_t i = page.begin; i < page.end; ++i) {
    v1::Artifact* artifact = response->add_artifacts();
    artifact->set_sha256(artifacts[i].digest.Hex());
    artifact->set_size(artifacts[i].size);
    const timespec time = absl::ToTimespec(artifacts[i].create_time);
    artifact->mutable_create_time()->set_seconds(time.tv_sec);
    artifact->mutable_create_time()->set_nanos(
        static_cast<int32_t>(time.tv_nsec));
  }
  if (!page.next_token.empty()) {
    response->set_next_page_token(page.next_token);
  }
  return absl::OkStatus();
}

absl::Status Delete(ArtifactStore& store, absl::string_view sha256) {
  ORRERY_ASSIGN_OR_RETURN(const signing::Digest digest,
                          signing::Digest::ParseHex(sha256));
  return store.Remove(digest);
}

}  // namespace

grpc::Status ArtifactService::ListArtifacts(
    grpc::ServerContext*, const v1::ListArtifactsRequest* request,
    v1::ListArtifactsResponse* response) {
  return ToGrpcStatus(ListPage(store_, *request, response));
}

grpc::Status ArtifactService::DeleteArtifact(
    grpc::ServerContext*, const v1::DeleteArtifactRequest* request,
    v1::DeleteArtifactResponse*) {
  return ToGrpcStatus(Delete(store_, request->sha256()));
}

}  // namespace orrery::registry
