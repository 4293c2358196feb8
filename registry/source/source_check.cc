#include "registry/source/source_check.h"

#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "registry/git/secret_file.h"
#include "registry/source/sync.h"
#include "registry/status/error_details.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

constexpr absl::Duration kCheckTime = absl::Seconds(10);
// Of these, for a look whether the folder is there.
constexpr absl::Duration kFolderTime = absl::Seconds(5);

absl::Status CheckReadable(const std::string& file, absl::string_view what) {
  if (file.empty() || ::access(file.c_str(), R_OK) == 0) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "the ", what, " \"", file, "\" cannot be read by the server"));
}

absl::Status CheckFiles(const SourceFiles& files) {
  ORRERY_RETURN_IF_ERROR(CheckReadable(files.token, "token file"));
  ORRERY_RETURN_IF_ERROR(CheckReadable(files.ssh_key, "ssh key file"));
  ORRERY_RETURN_IF_ERROR(CheckReadable(files.known_hosts, "known hosts file"));
  ORRERY_RETURN_IF_ERROR(CheckReadable(files.certificate_authorities,
                                       "certificate authorities file"));
  if (files.webhook_secret.empty()) return absl::OkStatus();
  return ReadSecretFile(files.webhook_secret, kWebhookSecretFile).status();
}

}  // namespace

absl::StatusOr<std::vector<std::string>> CheckSource(RepositoryAccess& access,
                                                     std::stop_token stop,
                                                     Source& source) {
  ORRERY_RETURN_IF_ERROR(CheckFiles(source.files));
  AccessLimits limits;
  limits.deadline = absl::Now() + kCheckTime;
  // One listing does for both.
  limits.seen_since = absl::Now();
  limits.stop = std::move(stop);
  ORRERY_ASSIGN_OR_RETURN(const RefList list, access.List(source, limits));
  ORRERY_ASSIGN_OR_RETURN(source.ref, ChooseRef(list, source.ref));
  std::vector<std::string> warnings;
  ORRERY_ASSIGN_OR_RETURN(const SourceUrl url, ParseSourceUrl(source.url));
  limits.deadline = std::min(limits.deadline, absl::Now() + kFolderTime);
  const absl::StatusOr<FollowedCommit> followed = access.Follow(source, limits);
  // A large remote takes longer; its status will say the same later.
  if (!followed.ok() && url.scheme != UrlScheme::kLocal &&
      ReasonOf(followed.status()).reason != "NOT_SMART") {
    return warnings;
  }
  ORRERY_RETURN_IF_ERROR(followed.status());
  ORRERY_ASSIGN_OR_RETURN(
      const std::optional<std::string> missing,
      ExplainMissingFolder(*followed->repository, followed->commit,
                           source.subdir, TreeLimits()));
  if (missing.has_value()) warnings.push_back(*missing);
  return warnings;
}

}  // namespace orrery::registry
