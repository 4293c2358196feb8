#include "registry/source/webhook.h"

#include "absl/strings/str_cat.h"

#include "registry/status/error_details.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

absl::Status NotVerified(absl::string_view why) {
  return WithReason(absl::UnauthenticatedError(
                        absl::StrCat("the notification is not taken: ", why)),
                    "NOTIFICATION_NOT_VERIFIED");
}

constexpr char kHub[] = "X-Hub-Signature-256";
constexpr char kGitea[] = "X-Gitea-Signature";
constexpr char kGitlab[] = "X-Gitlab-Token";

absl::Status CheckOnce(absl::string_view field,
                       const std::vector<std::string>& values) {
  if (values.size() <= 1) return absl::OkStatus();
  return NotVerified(
      absl::StrCat("it has ", field, " ", values.size(), " times"));
}

// Requires: at most one value.
absl::Status CheckRight(absl::string_view field,
                        const std::vector<std::string>& values,
                        absl::string_view right) {
  if (values.empty() || signing::EqualsSecret(values[0], right)) {
    return absl::OkStatus();
  }
  return NotVerified(absl::StrCat("its ", field, " is wrong"));
}

}  // namespace

absl::StatusOr<WebhookDelivery> WebhookDelivery::Begin(
    WebhookFields fields, absl::string_view secret) {
  if (fields.hub_signatures.empty() && fields.gitea_signatures.empty() &&
      fields.gitlab_tokens.empty()) {
    return NotVerified(
        absl::StrCat("it has none of ", kHub, ", ", kGitea, " and ", kGitlab));
  }
  ORRERY_RETURN_IF_ERROR(CheckOnce(kHub, fields.hub_signatures));
  ORRERY_RETURN_IF_ERROR(CheckOnce(kGitea, fields.gitea_signatures));
  ORRERY_RETURN_IF_ERROR(CheckOnce(kGitlab, fields.gitlab_tokens));
  ORRERY_RETURN_IF_ERROR(CheckRight(kGitlab, fields.gitlab_tokens, secret));
  return WebhookDelivery(std::move(fields), secret);
}

absl::Status WebhookDelivery::Verify() {
  const std::string mac = mac_.Finish().Hex();
  ORRERY_RETURN_IF_ERROR(
      CheckRight(kHub, fields_.hub_signatures, absl::StrCat("sha256=", mac)));
  return CheckRight(kGitea, fields_.gitea_signatures, mac);
}

}  // namespace orrery::registry
