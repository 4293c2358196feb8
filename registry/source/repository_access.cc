#include "registry/source/repository_access.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "registry/status/refusal_details.h"
#include "signing/refusal.h"
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

RepositoryAccess::RepositoryAccess(const Options& options)
    : allow_local_sources_(options.allow_local_sources),
      clones_(options.clones) {}

absl::Status RepositoryAccess::CheckAllowed(const SourceUrl& url) const {
  if (allow_local_sources_ || !url.local_only()) {
    return absl::OkStatus();
  }
  return WithRefusal(
      absl::PermissionDeniedError(absl::StrCat(
          "\"", url.text,
          "\" is a local source (a path, file://, plain http:// or this "
          "machine), which this server follows only with "
          "--allow-local-sources=true")),
      "LOCAL_SOURCE_REFUSED", signing::RefusalCode::kGitUrl,
      {{"url", url.text}});
}

absl::StatusOr<RefList> RepositoryAccess::List(const Source& source,
                                               const AccessLimits& limits) {
  ORRERY_ASSIGN_OR_RETURN(const SourceUrl url, ParseSourceUrl(source.url));
  ORRERY_RETURN_IF_ERROR(CheckAllowed(url));
  if (url.scheme == UrlScheme::kLocal) {
    ORRERY_ASSIGN_OR_RETURN(const std::unique_ptr<GitRepository> repository,
                            GitRepository::Open(url.path));
    return ListRefs(*repository);
  }
  return clones_.List(source, url, limits);
}

absl::StatusOr<FollowedCommit> RepositoryAccess::Follow(
    const Source& source, const AccessLimits& limits) {
  ORRERY_ASSIGN_OR_RETURN(const SourceUrl url, ParseSourceUrl(source.url));
  ORRERY_RETURN_IF_ERROR(CheckAllowed(url));
  if (url.scheme == UrlScheme::kLocal) return FollowLocal(source, url);
  return clones_.Follow(source, url, limits);
}

void RepositoryAccess::LeaveAlone(const Source& source, const std::string& why,
                                  absl::Duration time) {
  const absl::StatusOr<SourceUrl> url = ParseSourceUrl(source.url);
  if (!url.ok() || url->scheme == UrlScheme::kLocal) return;
  clones_.LeaveAlone(source, why, time);
}

void RepositoryAccess::Tend(const Source& source, const AccessLimits& limits) {
  const absl::StatusOr<SourceUrl> url = ParseSourceUrl(source.url);
  if (!url.ok() || url->scheme == UrlScheme::kLocal) return;
  clones_.Tend(source, *url, limits);
}

bool RepositoryAccess::Discard(const Source& source) {
  const absl::StatusOr<SourceUrl> url = ParseSourceUrl(source.url);
  if (!url.ok() || url->scheme == UrlScheme::kLocal) return false;
  clones_.Discard(source, *url);
  return true;
}

void RepositoryAccess::KeepOnly(const std::vector<Source>& sources) {
  clones_.KeepOnly(sources);
}

}  // namespace orrery::registry
