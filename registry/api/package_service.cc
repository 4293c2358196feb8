#include "registry/api/package_service.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "registry/api/page.h"
#include "registry/api/proto_conversion.h"
#include "registry/index/dependents.h"
#include "registry/log/logged_revisions.h"
#include "registry/log/yanks.h"
#include "registry/status/grpc_status.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

constexpr absl::string_view kPackages = "packages";
constexpr PageLimits kSearchLimits = {.default_size = 20, .max_size = 100};

// The summary of a package whose default release is `release`: of the next
// when that was taken back.
absl::StatusOr<v1::PackageSummary> SummaryOfDefault(const Snapshot& snapshot,
                                                    const Yanks& yanks,
                                                    const Release& release) {
  const std::string* const reason = yanks.ReasonOf(release);
  if (reason == nullptr) return SummaryToProto(release);
  ORRERY_ASSIGN_OR_RETURN(const PackagePtr package,
                          snapshot.GetPackage(release.name));
  const ReleasePtr next = yanks.WithoutYanked(*package).default_release();
  if (next != nullptr && yanks.ReasonOf(*next) == nullptr) {
    return SummaryToProto(*next);
  }
  v1::PackageSummary summary = SummaryToProto(release);
  summary.set_yank_reason(*reason);
  return summary;
}

absl::Status ListDefaults(const Registry& registry,
                          const v1::ListPackagesRequest& request,
                          v1::ListPackagesResponse* response) {
  ORRERY_ASSIGN_OR_RETURN(const KeyPage page,
                          KeyPageOf(PageRequestOf(kPackages, request)));
  ORRERY_ASSIGN_OR_RETURN(const SearchResult list,
                          registry.List(page.after, page.size));
  ORRERY_ASSIGN_OR_RETURN(const Yanks yanks, registry.PublishedYanks());
  const SnapshotPtr snapshot = registry.snapshot();
  for (const ReleasePtr& release : list.releases) {
    ORRERY_ASSIGN_OR_RETURN(*response->add_packages(),
                            SummaryOfDefault(*snapshot, yanks, *release));
  }
  if (list.more) {
    response->set_next_page_token(TokenAfter(kPackages, list.last_place));
  }
  return absl::OkStatus();
}

// The release with what the log says of its content.
absl::StatusOr<v1::Release> ReleaseAsLogged(const Registry& registry,
                                            const Snapshot& snapshot,
                                            const Release& release) {
  ORRERY_ASSIGN_OR_RETURN(v1::Release message,
                          ReleaseToProto(snapshot, release));
  ORRERY_ASSIGN_OR_RETURN(const std::string catalog,
                          registry.PublishedCatalogOf(release.name));
  for (const LoggedRevision& logged : ReadRevisions(catalog)) {
    if (logged.source != release.source || logged.release != release.release ||
        logged.tree != message.tree()) {
      continue;
    }
    message.set_revision(static_cast<int32_t>(logged.revision));
    message.set_state(logged.state);
    message.set_evidence(logged.evidence);
    break;
  }
  ORRERY_ASSIGN_OR_RETURN(const Yanks yanks, registry.PublishedYanks());
  if (const std::string* const reason = yanks.ReasonOf(release)) {
    message.set_yank_reason(*reason);
  }
  return message;
}

absl::Status SelectRelease(const Registry& registry, const Snapshot& snapshot,
                           const v1::GetPackageRequest& request,
                           v1::GetPackageResponse* response) {
  resolver::VersionRange range;
  if (!request.range().empty()) {
    ORRERY_ASSIGN_OR_RETURN(range,
                            resolver::VersionRange::Parse(request.range()));
  }
  ORRERY_ASSIGN_OR_RETURN(const PackagePtr package,
                          snapshot.GetPackage(request.package()));
  ORRERY_ASSIGN_OR_RETURN(const Yanks yanks, registry.PublishedYanks());
  ReleasePtr release = yanks.WithoutYanked(*package).Best(range);
  // What is asked for and was taken back is shown as that.
  if (release == nullptr) {
    ORRERY_ASSIGN_OR_RETURN(release, snapshot.Select(request.package(), range));
  }
  ORRERY_ASSIGN_OR_RETURN(*response->mutable_release(),
                          ReleaseAsLogged(registry, snapshot, *release));
  return absl::OkStatus();
}

// In the order of ReadRevisions.
std::string PlaceOf(const LoggedRevision& revision) {
  return absl::StrCat(
      revision.is_retired ? "1" : "0", SortableNumber(revision.priority),
      revision.source, absl::string_view("\0", 1),
      SortableNumber(~revision.release), SortableNumber(~revision.revision));
}

// What is served, by source and number.
using ServedReleases =
    std::map<std::pair<absl::string_view, int64_t>, const Release*>;

ServedReleases ServedOf(const PackageEntry& package) {
  ServedReleases served;
  for (const ReleasePtr& release : package.releases) {
    served[{release->source, release->release}] = release.get();
  }
  return served;
}

const Release* FindServed(const ServedReleases& served,
                          const LoggedRevision& revision) {
  const auto found = served.find({revision.source, revision.release});
  return found == served.end() ? nullptr : found->second;
}

v1::ReleaseSummary SummaryOf(absl::string_view package,
                             const LoggedRevision& revision,
                             const Release* served, const Yanks& yanks) {
  v1::ReleaseSummary summary;
  summary.set_release(revision.release);
  summary.set_version(revision.version);
  summary.set_source(revision.source);
  summary.set_hidden(served != nullptr && served->hidden);
  summary.set_revision(static_cast<int32_t>(revision.revision));
  summary.set_state(revision.state);
  summary.set_evidence(revision.evidence);
  summary.set_tree(revision.tree);
  if (const std::string* const reason = yanks.ReasonOf(
          package, revision.source, revision.release, revision.revision)) {
    summary.set_yank_reason(*reason);
  }
  return summary;
}

absl::Status ListReleasesOf(const Registry& registry, const Snapshot& snapshot,
                            const v1::ListReleasesRequest& request,
                            v1::ListReleasesResponse* response) {
  ORRERY_ASSIGN_OR_RETURN(const PackagePtr package,
                          snapshot.FindPackage(request.package()));
  ORRERY_ASSIGN_OR_RETURN(const std::string catalog,
                          registry.PublishedCatalogOf(request.package()));
  std::vector<LoggedRevision> revisions = ReadRevisions(catalog);
  // A better source has the same label, or it is not indexed yet.
  const ServedReleases served =
      package == nullptr ? ServedReleases() : ServedOf(*package);
  std::erase_if(revisions, [&served](const LoggedRevision& revision) {
    return revision.is_current() && FindServed(served, revision) == nullptr;
  });
  if (revisions.empty()) return snapshot.GetPackage(request.package()).status();
  ORRERY_ASSIGN_OR_RETURN(
      const Page page,
      PageOf(
          PageRequestOf(absl::StrCat("releases:", request.package()), request),
          revisions.size(), [&](size_t i) { return PlaceOf(revisions[i]); }));
  ORRERY_ASSIGN_OR_RETURN(const Yanks yanks, registry.PublishedYanks());
  for (size_t i = page.begin; i < page.end; ++i) {
    *response->add_releases() =
        SummaryOf(request.package(), revisions[i],
                  FindServed(served, revisions[i]), yanks);
  }
  if (!page.next_token.empty()) {
    response->set_next_page_token(page.next_token);
  }
  return absl::OkStatus();
}

absl::Status FindRelease(const Registry& registry, const Snapshot& snapshot,
                         const v1::GetReleaseRequest& request,
                         v1::GetReleaseResponse* response) {
  ORRERY_ASSIGN_OR_RETURN(
      const ReleasePtr release,
      snapshot.GetRelease(request.package(), request.release(),
                          request.source()));
  ORRERY_ASSIGN_OR_RETURN(*response->mutable_release(),
                          ReleaseAsLogged(registry, snapshot, *release));
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
  ORRERY_ASSIGN_OR_RETURN(const Yanks yanks, registry.PublishedYanks());
  const SnapshotPtr snapshot = registry.snapshot();
  for (const ReleasePtr& release : result.releases) {
    ORRERY_ASSIGN_OR_RETURN(*response->add_packages(),
                            SummaryOfDefault(*snapshot, yanks, *release));
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
  return ToGrpcStatus(
      SelectRelease(registry_, *registry_.snapshot(), *request, response));
}

grpc::Status PackageService::ListReleases(
    grpc::ServerContext*, const v1::ListReleasesRequest* request,
    v1::ListReleasesResponse* response) {
  return ToGrpcStatus(
      ListReleasesOf(registry_, *registry_.snapshot(), *request, response));
}

grpc::Status PackageService::GetRelease(grpc::ServerContext*,
                                        const v1::GetReleaseRequest* request,
                                        v1::GetReleaseResponse* response) {
  return ToGrpcStatus(
      FindRelease(registry_, *registry_.snapshot(), *request, response));
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
