// Notifications of git servers, which sign what they send in header fields.

#ifndef SERVER_WEBHOOK_HANDLER_H_
#define SERVER_WEBHOOK_HANDLER_H_

#include "registry/v1/source.grpc.pb.h"
#include "server/routing_table.h"

namespace orrery::server {

// POST /v1/sources/{source}:notify, answered with 202 when it is taken. The
// body may be of any type and of at most 8 MiB; only its signature is looked
// at, and the query is not. `sources` must outlive the table.
void AddWebhookRoute(registry::v1::SourceService::Service* sources,
                     RoutingTable* table);

}  // namespace orrery::server

#endif  // SERVER_WEBHOOK_HANDLER_H_
