#include "server/api/webhook_handler.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"

#include "server/api/message_json.h"
#include "server/http/problem.h"

namespace orrery::server {
namespace {

using registry::WebhookDelivery;
using registry::WebhookFields;
using registry::v1::NotifySourceRequest;
using registry::v1::NotifySourceResponse;

constexpr int kAccepted = 202;
constexpr uint64_t kMaxBodyBytes = uint64_t{25} << 20;

std::vector<std::string> Values(const HttpFields& fields,
                                absl::string_view name) {
  std::vector<std::string> values;
  for (const HttpField& field : fields.List()) {
    if (absl::EqualsIgnoreCase(field.name, name)) {
      values.emplace_back(field.value);
    }
  }
  return values;
}

// One notification under way.
class Notification {
 public:
  Notification(const Notifications* notifications, std::string source,
               const HttpFields& fields)
      : notifications_(*notifications),
        source_(std::move(source)),
        fields_{Values(fields, "X-Hub-Signature-256"),
                Values(fields, "X-Gitea-Signature"),
                Values(fields, "X-Gitlab-Token")} {}

  bool Take(absl::string_view piece) {
    if (!Begin()) return false;
    delivery_->Add(piece);
    return true;
  }

  HttpResponse Finish(const HttpRequest& request) {
    NotifySourceResponse response;
    if (Begin()) {
      auto begun = notifications_.end(source_, *std::move(delivery_));
      status_ = begun.status();
      if (begun.ok()) *response.mutable_operation() = *std::move(begun);
    }
    return status_.ok() ? HttpResponse::Text(kAccepted, "application/json",
                                             MessageJson(response))
                        : ProblemResponse(ProblemOf(status_), request);
  }

 private:
  // Reads the secret, which may block, and so not where it is admitted.
  bool Begin() {
    if (delivery_.has_value()) return true;
    if (!status_.ok()) return false;
    auto begun = notifications_.begin(source_, std::move(fields_));
    status_ = begun.status();
    if (begun.ok()) delivery_ = *std::move(begun);
    return status_.ok();
  }

  const Notifications& notifications_;
  const std::string source_;
  WebhookFields fields_;
  std::optional<WebhookDelivery> delivery_;
  absl::Status status_;
};

}  // namespace

void AddWebhookRoute(Notifications notifications, RoutingTable* table) {
  Route route{.verb = "POST",
              .path = PathTemplate("/v1/sources/{source}:notify"),
              .summary = "NotifySource",
              .rpc = "orrery.registry.v1.SourceService.NotifySource",
              .request = NotifySourceRequest::descriptor(),
              .response = NotifySourceResponse::descriptor()};
  route.success_status = kAccepted;
  route.body_type = "*/*";
  route.admit = [notifications = std::make_shared<const Notifications>(
                     std::move(notifications))](
                    const HttpRequest& request,
                    const PathTemplate::Variables& variables) {
    const auto notification = std::make_shared<Notification>(
        notifications.get(), variables.front().second, request.fields);
    Admission admission;
    // Soon done, and not to be kept waiting by syncs.
    admission.lane = Lane::kRead;
    admission.max_body_bytes = kMaxBodyBytes;
    admission.take_body = [notification](absl::string_view piece) {
      return notification->Take(piece);
    };
    admission.handle = [notification](const HttpRequest& whole) {
      return notification->Finish(whole);
    };
    return admission;
  };
  table->Add(std::move(route));
}

}  // namespace orrery::server
