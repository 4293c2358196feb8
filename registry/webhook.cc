#include "registry/webhook.h"

#include "absl/strings/str_cat.h"

#include "registry/status/error_details.h"
#include "signing/hmac.h"

namespace orrery::registry {
namespace {

absl::Status NotVerified(absl::string_view why) {
  return WithReason(absl::UnauthenticatedError(
                        absl::StrCat("the notification is not taken: ", why)),
                    "NOTIFICATION_NOT_VERIFIED");
}

}  // namespace

absl::Status VerifyWebhook(const WebhookDelivery& delivery,
                           absl::string_view secret) {
  const std::string mac = signing::HmacSha256(secret, delivery.body).Hex();
  struct Field {
    const char* name;
    const std::vector<std::string>& values;
    std::string right;
  };
  const Field fields[] = {
      {"X-Hub-Signature-256", delivery.hub_signatures,
       absl::StrCat("sha256=", mac)},
      {"X-Gitea-Signature", delivery.gitea_signatures, mac},
      {"X-Gitlab-Token", delivery.gitlab_tokens, std::string(secret)}};
  bool verified = false;
  for (const Field& field : fields) {
    if (field.values.empty()) continue;
    if (field.values.size() > 1) {
      return NotVerified(absl::StrCat("it has ", field.name, " ",
                                      field.values.size(), " times"));
    }
    if (!signing::EqualsSecret(field.values[0], field.right)) {
      return NotVerified(absl::StrCat("its ", field.name, " is wrong"));
    }
    verified = true;
  }
  if (verified) return absl::OkStatus();
  return NotVerified(
      "it has none of X-Hub-Signature-256, X-Gitea-Signature and "
      "X-Gitlab-Token");
}

}  // namespace orrery::registry
