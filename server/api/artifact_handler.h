#ifndef SERVER_API_ARTIFACT_HANDLER_H_
#define SERVER_API_ARTIFACT_HANDLER_H_

#include <cstdint>

#include "registry/store/artifact_store.h"
#include "server/api/routing_table.h"

namespace orrery::server {

// Adds /v1/artifacts/sha256/{sha256}[/{name}]: GET and HEAD with Range, ETag
// and Repr-Digest (RFC 9530), immutable for caches; PUT takes the bytes in and
// keeps them only when they have the digest (422 otherwise). The name is for
// people and decides nothing. `store` must outlive the table.
void AddArtifactRoutes(registry::ArtifactStore* store,
                       uint64_t max_artifact_bytes, RoutingTable* table);

}  // namespace orrery::server

#endif  // SERVER_API_ARTIFACT_HANDLER_H_
