#include "registry/package_service.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "registry/index/dependents.h"
#include "registry/page.h"
#include "registry/proto_conversion.h"
#include "registry/status/grpc_status.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

constexpr absl::string_view kPackages = "packages";
constexpr PageLimits kSearchLimits = {.default_size = 20, .max_size = 100};
// A page is cut before its matches are counted.
constexpr size_t kUncounted = std::numeric_limits<int32_t>::max();

absl::Status ListDefaults(const Registry& registry,
                          const v1::ListPackagesRequest& request,
                          v1::ListPackagesResponse* response) {
  ORRERY_ASSIGN_OR_RETURN(
      const NamePage page,
      NamePageOf(kPackages, request.page_size(), request.page_token()));
  ORRERY_ASSIGN_OR_RETURN(const SearchResult list,
                          registry.List(page.after, page.size));
  for (const ReleasePtr& release : list.releases) {
    *response->add_packages() = SummaryToProto(*release);
  }
  if (list.more && !list.releases.empty()) {
    response->set_next_page_token(
        TokenAfter(kPackages, list.releases.back()->name));
  }
  return absl::OkStatus();
}

absl::Status SelectRelease(const Snapshot& snapshot,
                           const v1::GetPackageRequest& request,
                           v1::GetPackageResponse* response) {
  resolver::VersionRange range;
  if (!request.range().empty()) {
    ORRERY_ASSIGN_OR_RETURN(range,
                            resolver::VersionRange::Parse(request.range()));
  }
  ORRERY_ASSIGN_OR_RETURN(const ReleasePtr release,
                          snapshot.Select(request.package(), range));
  ORRERY_ASSIGN_OR_RETURN(*response->mutable_release(),
                          ReleaseToProto(snapshot, *release));
  return absl::OkStatus();
}

absl::Status ListReleasesOf(const Snapshot& snapshot,
                            const v1::ListReleasesRequest& request,
                            v1::ListReleasesResponse* response) {
  ORRERY_ASSIGN_OR_RETURN(const PackagePtr package,
                          snapshot.GetPackage(request.package()));
  ORRERY_ASSIGN_OR_RETURN(const Page page,
                          PageOf(absl::StrCat("releases:", request.package()),
                                 package->releases.size(), request.page_size(),
                                 request.page_token()));
  for (size_t i = page.begin; i < page.end; ++i) {
    *response->add_releases() = ReleaseSummaryToProto(*package->releases[i]);
  }
  if (!page.next_token.empty()) {
    response->set_next_page_token(page.next_token);
  }
  return absl::OkStatus();
}

absl::Status FindRelease(const Snapshot& snapshot,
                         const v1::GetReleaseRequest& request,
                         v1::GetReleaseResponse* response) {
  ORRERY_ASSIGN_OR_RETURN(
      const ReleasePtr release,
      snapshot.GetRelease(request.package(), request.release(),
                          request.source()));
  ORRERY_ASSIGN_OR_RETURN(*response->mutable_release(),
                          ReleaseToProto(snapshot, *release));
  return absl::OkStatus();
}

absl::Status ListDependentsOf(const Snapshot& snapshot,
                              const v1::ListDependentsRequest& request,
                              v1::ListDependentsResponse* response) {
  if (!absl::StartsWith(request.package(), "cap:") &&
      !absl::StartsWith(request.package(), "@")) {
    ORRERY_RETURN_IF_ERROR(snapshot.GetPackage(request.package()).status());
  }
  ORRERY_ASSIGN_OR_RETURN(const std::vector<Dependent> dependents,
                          FindDependents(snapshot, request.package()));
  ORRERY_ASSIGN_OR_RETURN(
      const Page page,
      PageOf(absl::StrCat("dependents:", request.package()), dependents.size(),
             request.page_size(), request.page_token()));
  for (size_t i = page.begin; i < page.end; ++i) {
    v1::Dependent* message = response->add_dependents();
    message->set_package(dependents[i].package);
    message->set_source(dependents[i].source);
    message->set_requirement(dependents[i].requirement);
    for (const int64_t release : dependents[i].releases) {
      message->add_releases(release);
    }
  }
  if (!page.next_token.empty()) {
    response->set_next_page_token(page.next_token);
  }
  return absl::OkStatus();
}

absl::Status SearchIn(const Registry& registry,
                      const v1::SearchPackagesRequest& request,
                      v1::SearchPackagesResponse* response) {
  ORRERY_ASSIGN_OR_RETURN(
      const Page page,
      PageOf(absl::StrCat("search:", request.query()), kUncounted,
             request.page_size(), request.page_token(), kSearchLimits));
  ORRERY_ASSIGN_OR_RETURN(
      const SearchResult result,
      registry.Search({request.query(), page.begin, page.end - page.begin}));
  for (const ReleasePtr& release : result.releases) {
    *response->add_packages() = SummaryToProto(*release);
  }
  for (const std::string& name : result.did_you_mean) {
    response->add_did_you_mean(name);
  }
  if (result.more) response->set_next_page_token(page.next_token);
  if (!result.releases.empty()) return absl::OkStatus();
  for (const SourceStatus& status : registry.ListSources()) {
    const bool empty =
        status.contents == nullptr || status.contents->packages == 0;
    if (empty && status.sync_time.has_value()) {
      response->add_empty_sources(status.source.name);
    }
  }
  return absl::OkStatus();
}

}  // namespace

grpc::Status PackageService::ListPackages(
    grpc::ServerContext*, const v1::ListPackagesRequest* request,
    v1::ListPackagesResponse* response) {
  return ToGrpcStatus(ListDefaults(registry_, *request, response));
}

grpc::Status PackageService::GetPackage(grpc::ServerContext*,
                                        const v1::GetPackageRequest* request,
                                        v1::GetPackageResponse* response) {
  return ToGrpcStatus(SelectRelease(*registry_.snapshot(), *request, response));
}

grpc::Status PackageService::ListReleases(
    grpc::ServerContext*, const v1::ListReleasesRequest* request,
    v1::ListReleasesResponse* response) {
  return ToGrpcStatus(
      ListReleasesOf(*registry_.snapshot(), *request, response));
}

grpc::Status PackageService::GetRelease(grpc::ServerContext*,
                                        const v1::GetReleaseRequest* request,
                                        v1::GetReleaseResponse* response) {
  return ToGrpcStatus(FindRelease(*registry_.snapshot(), *request, response));
}

grpc::Status PackageService::ListDependents(
    grpc::ServerContext*, const v1::ListDependentsRequest* request,
    v1::ListDependentsResponse* response) {
  return ToGrpcStatus(
      ListDependentsOf(*registry_.snapshot(), *request, response));
}

grpc::Status PackageService::SearchPackages(
    grpc::ServerContext*, const v1::SearchPackagesRequest* request,
    v1::SearchPackagesResponse* response) {
  return ToGrpcStatus(SearchIn(registry_, *request, response));
}

}  // namespace orrery::registry
