// Whether a notification comes from somebody who knows the source's secret.

#ifndef REGISTRY_WEBHOOK_H_
#define REGISTRY_WEBHOOK_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace orrery::registry {

// A delivery, and the values of its header fields as often as they came.
struct WebhookDelivery {
  // As it came, byte for byte.
  std::string body;
  // X-Hub-Signature-256: `sha256=` and the HMAC-SHA256 of the body in hex.
  std::vector<std::string> hub_signatures;
  // X-Gitea-Signature: the same HMAC as bare hex.
  std::vector<std::string> gitea_signatures;
  // X-Gitlab-Token: the secret itself.
  std::vector<std::string> gitlab_tokens;
};

// kUnauthenticated with reason NOTIFICATION_NOT_VERIFIED unless at least one of
// the three fields came, none came twice, and every one is right: Forgejo sends
// two of them, and one that is wrong makes the other suspect.
absl::Status VerifyWebhook(const WebhookDelivery& delivery,
                           absl::string_view secret);

}  // namespace orrery::registry

#endif  // REGISTRY_WEBHOOK_H_
