#include "registry/package_service.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "registry/index/dependents.h"
#include "registry/page.h"
#include "registry/proto_conversion.h"
#include "registry/status/grpc_status.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

constexpr absl::string_view kPackages = "packages";
constexpr PageLimits kSearchLimits = {.default_size = 20, .max_size = 100};

absl::Status ListDefaults(const Registry& registry,
                          const v1::ListPackagesRequest& request,
                          v1::ListPackagesResponse* response) {
  ORRERY_ASSIGN_OR_RETURN(const KeyPage page,
                          KeyPageOf(PageRequestOf(kPackages, request)));
  ORRERY_ASSIGN_OR_RETURN(const SearchResult list,
                          registry.List(page.after, page.size));
  for (const ReleasePtr& release : list.releases) {
    *response->add_packages() = SummaryToProto(*release);
  }
  if (list.more) {
    response->set_next_page_token(TokenAfter(kPackages, list.last_place));
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

// The best source comes first, then the highest number.
std::string PlaceOf(const Snapshot& snapshot, const Release& release) {
  const SourceContents* source = snapshot.FindSource(release.source);
  return absl::StrCat(SortableNumber(source == nullptr ? 0 : source->priority),
                      release.source, absl::string_view("\0", 1),
                      SortableNumber(~release.release));
}

absl::Status ListReleasesOf(const Snapshot& snapshot,
                            const v1::ListReleasesRequest& request,
                            v1::ListReleasesResponse* response) {
  ORRERY_ASSIGN_OR_RETURN(const PackagePtr package,
                          snapshot.GetPackage(request.package()));
  const std::vector<ReleasePtr>& releases = package->releases;
  ORRERY_ASSIGN_OR_RETURN(
      const Page page,
      PageOf(
          PageRequestOf(absl::StrCat("releases:", request.package()), request),
          releases.size(),
          [&](size_t i) { return PlaceOf(snapshot, *releases[i]); }));
  for (size_t i = page.begin; i < page.end; ++i) {
    *response->add_releases() = ReleaseSummaryToProto(*releases[i]);
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
      PageOf(PageRequestOf(absl::StrCat("dependents:", request.package()),
                           request),
             dependents.size(), [&dependents](size_t i) {
               const Dependent& dependent = dependents[i];
               return absl::StrJoin(
                   {dependent.package, dependent.source, dependent.requirement},
                   absl::string_view("\0", 1));
             }));
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
  const std::string list = absl::StrCat("search:", request.query());
  ORRERY_ASSIGN_OR_RETURN(
      const KeyPage page,
      KeyPageOf(PageRequestOf(list, request, kSearchLimits)));
  ORRERY_ASSIGN_OR_RETURN(
      const SearchResult result,
      registry.Search({request.query(), page.after, page.size}));
  for (const ReleasePtr& release : result.releases) {
    *response->add_packages() = SummaryToProto(*release);
  }
  for (const std::string& name : result.did_you_mean) {
    response->add_did_you_mean(name);
  }
  if (result.more) {
    response->set_next_page_token(TokenAfter(list, result.last_place));
  }
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
