#include "registry/repository_access.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "registry/error_details.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

absl::StatusOr<FollowedCommit> FollowLocal(const Source& source,
                                           const SourceUrl& url) {
  FollowedCommit followed;
  followed.path = url.path;
  ORRERY_ASSIGN_OR_RETURN(followed.repository, GitRepository::Open(url.path));
  followed.ref = source.ref;
  if (source.ref == "HEAD") {
    ORRERY_ASSIGN_OR_RETURN(const RefList list, ListRefs(*followed.repository));
    ORRERY_ASSIGN_OR_RETURN(followed.ref, ChooseRef(list, ""));
  }
  const absl::StatusOr<ObjectId> commit =
      followed.repository->ResolveRef(followed.ref);
  if (absl::IsNotFound(commit.status())) {
    ORRERY_ASSIGN_OR_RETURN(const RefList list, ListRefs(*followed.repository));
    return RefGone(list, followed.ref);
  }
  ORRERY_RETURN_IF_ERROR(commit.status());
  followed.commit = *commit;
  return followed;
}

}  // namespace

RepositoryAccess::RepositoryAccess(Options options)
    : options_(std::move(options)) {}

absl::Status RepositoryAccess::CheckAllowed(const SourceUrl& url) const {
  if (options_.allow_local_sources || !url.local_only()) {
    return absl::OkStatus();
  }
  return WithReason(
      absl::PermissionDeniedError(absl::StrCat(
          "\"", url.text,
          "\" is a local source (a path, file://, plain http:// or this "
          "machine), which this server follows only with "
          "--allow-local-sources=true")),
      "LOCAL_SOURCE_REFUSED", {{"url", url.text}});
}

absl::StatusOr<RefList> RepositoryAccess::List(
    const Source& source, const AccessLimits& limits) const {
  ORRERY_ASSIGN_OR_RETURN(const SourceUrl url, ParseSourceUrl(source.url));
  ORRERY_RETURN_IF_ERROR(CheckAllowed(url));
  if (url.scheme == UrlScheme::kLocal) {
    ORRERY_ASSIGN_OR_RETURN(const std::unique_ptr<GitRepository> repository,
                            GitRepository::Open(url.path));
    return ListRefs(*repository);
  }
  (void)limits;
  return absl::UnimplementedError("remote sources are not fetched yet");
}

absl::StatusOr<FollowedCommit> RepositoryAccess::Follow(
    const Source& source, const AccessLimits& limits) const {
  ORRERY_ASSIGN_OR_RETURN(const SourceUrl url, ParseSourceUrl(source.url));
  ORRERY_RETURN_IF_ERROR(CheckAllowed(url));
  if (url.scheme == UrlScheme::kLocal) return FollowLocal(source, url);
  (void)limits;
  return absl::UnimplementedError("remote sources are not fetched yet");
}

}  // namespace orrery::registry
