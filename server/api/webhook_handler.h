// Notifications of git servers, which sign what they send in header fields.

#ifndef SERVER_API_WEBHOOK_HANDLER_H_
#define SERVER_API_WEBHOOK_HANDLER_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "registry/source/webhook.h"
#include "registry/v1/source.pb.h"
#include "server/api/routing_table.h"

namespace orrery::server {

// What takes the notifications of a source, as registry::Registry does.
struct Notifications {
  std::function<absl::StatusOr<registry::WebhookDelivery>(
      const std::string& source, registry::WebhookFields fields)>
      begin;
  // After the whole body; returns the look that it begins.
  std::function<absl::StatusOr<registry::v1::SourceOperation>(
      const std::string& source, registry::WebhookDelivery delivery)>
      end;
};

// POST /v1/sources/{source}:notify, answered with 202 when it is taken. The
// body may be of any type and of at most 25 MiB, which is what GitHub sends;
// nothing of it is kept. The query is not looked at.
void AddWebhookRoute(Notifications notifications, RoutingTable* table);

}  // namespace orrery::server

#endif  // SERVER_API_WEBHOOK_HANDLER_H_
