// A query as the resolver takes it.

#ifndef CATALOG_RESOLUTION_RESOLVER_REQUEST_H_
#define CATALOG_RESOLUTION_RESOLVER_REQUEST_H_

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "catalog/resolution/release_admission.h"
#include "catalog/resolution/resolution.h"
#include "catalog/resolution/resolve_query.h"
#include "catalog/resolution/running_service.h"
#include "catalog/resolution/snapshot_metadata.h"
#include "resolver/edges.h"
#include "resolver/request.h"

namespace orrery::catalog {

// What a query is asked of.
struct QueryInputs {
  registry::SnapshotPtr snapshot;
  // Of that snapshot.
  std::shared_ptr<PackageFactsCache> cache;
  // Of the cluster; nothing when none is looked at.
  std::optional<std::map<std::string, std::string>> facts;
  // Those of the cluster; empty if none are looked at.
  std::vector<RunningService> services;
  // Which releases may be chosen anew; null: all.
  ReleaseAdmissionPtr admission = nullptr;
  // False: what it refuses is a candidate all the same.
  bool bars_refused = true;
};

// Adds to the snapshot what the query names of the past; errors are those of
// reading it.
absl::Status AddNamed(const ResolveQuery& query, QueryInputs* inputs);

// A query over one snapshot, with what belongs to it.
struct PreparedQuery {
  std::unique_ptr<SnapshotMetadata> metadata;
  resolver::Request request;
  // What the request borrows.
  std::deque<std::vector<resolver::ReleaseEdges>> edges;
  // Parallel to request.installed.
  std::vector<RunningService> services;
  // Services that go, and, of those that stay, whose release is in no source
  // any more.
  std::vector<RunningService> removed;
  std::vector<RunningService> lost;
  std::optional<std::map<std::string, std::string>> facts;
  // Held nodes, each as `node=release`.
  std::vector<std::string> hold;
};

// kNotFound when the query names a service that is not there.
absl::StatusOr<PreparedQuery> PrepareQuery(const ResolveQuery& query,
                                           const QueryInputs& inputs);

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_RESOLVER_REQUEST_H_
