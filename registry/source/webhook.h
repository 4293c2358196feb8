// Whether a notification comes from somebody who knows the source's secret.

#ifndef REGISTRY_SOURCE_WEBHOOK_H_
#define REGISTRY_SOURCE_WEBHOOK_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/hmac.h"

namespace orrery::registry {

// What a delivery says of itself: the values of its header fields, as often as
// they came.
struct WebhookFields {
  // X-Hub-Signature-256: `sha256=` and the HMAC-SHA256 of the body in hex.
  std::vector<std::string> hub_signatures;
  // X-Gitea-Signature: the same HMAC as bare hex.
  std::vector<std::string> gitea_signatures;
  // X-Gitlab-Token: the secret itself.
  std::vector<std::string> gitlab_tokens;
};

// A delivery whose body comes piece by piece; nothing of it is kept. It is
// verified when at least one of the three fields came, none came twice, and
// every one is right: Forgejo sends two of them, and one that is wrong makes
// the other suspect.
class WebhookDelivery {
 public:
  // kUnauthenticated with reason NOTIFICATION_NOT_VERIFIED when the fields show
  // already that it is not.
  static absl::StatusOr<WebhookDelivery> Begin(WebhookFields fields,
                                               absl::string_view secret);

  // The next bytes of the body, as they came.
  void Add(absl::string_view piece) { mac_.Add(piece); }
  // After the whole body, once. Errors as Begin.
  absl::Status Verify();

 private:
  WebhookDelivery(WebhookFields fields, absl::string_view secret)
      : fields_(std::move(fields)), mac_(secret) {}

  WebhookFields fields_;
  signing::HmacBuilder mac_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_SOURCE_WEBHOOK_H_
