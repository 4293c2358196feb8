#ifndef CATALOG_RESOLUTION_PACKAGE_RESOLVER_H_
#define CATALOG_RESOLUTION_PACKAGE_RESOLVER_H_

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "catalog/orchestrator/clusters.h"
#include "catalog/resolution/package_facts.h"
#include "catalog/resolution/release_admission.h"
#include "catalog/resolution/resolution.h"
#include "catalog/resolution/resolve_query.h"
#include "catalog/resolution/resolver_request.h"
#include "catalog/resolution/running_service.h"
#include "registry/index/snapshot.h"

namespace orrery::catalog {

// What runs on a cluster.
using RunningServicesOf =
    std::function<absl::StatusOr<std::vector<RunningService>>(
        absl::string_view cluster)>;

// Finds the set of releases that runs together. Thread-safe.
class PackageResolver {
 public:
  // `clusters` must outlive this; the others give what is current. With null
  // for `admission` every release may be chosen.
  PackageResolver(RunningServicesOf services, const Clusters* clusters,
                  std::function<registry::SnapshotPtr()> snapshot,
                  std::function<ReleaseAdmissionPtr()> admission);

  // That there is no answer is an answer, and so is what holds services back.
  // Takes at most 30 s, or as `query` says.
  // kNotFound for an unknown cluster or node, kFailedPrecondition for a circle
  // of services that wait for each other; the refusal of a release, with reason
  // NOT_TRUSTED, when only the policy is in the way.
  absl::StatusOr<Resolution> Resolve(const ResolveQuery& query);

  // For several questions to one state: what all queries of this cluster, with
  // what runs there or without, go by.
  absl::StatusOr<QueryInputs> InputsOf(const ResolveQuery& query);
  absl::StatusOr<Resolution> Resolve(const ResolveQuery& query,
                                     const QueryInputs& inputs);

  // What a lock says is there and why; nothing is looked for.
  absl::StatusOr<Resolution> ReadLock(const Lock& lock);

  // The first fact in the way of `answer`, to `query`, with that release of one
  // of its nodes.
  absl::StatusOr<std::string> WhyNot(const ResolveQuery& query,
                                     const QueryInputs& inputs,
                                     const Resolution& answer,
                                     const ResolvedNode& node,
                                     const registry::Release& release);

 private:
  // What a refusal says.
  enum class Advice { kNothing, kFacts, kFixes };

  // `has_refused`, if not null, becomes whether the admission of the inputs
  // kept any release from being chosen; also with an error.
  absl::StatusOr<Resolution> ResolveOnce(const ResolveQuery& query,
                                         const QueryInputs& inputs,
                                         Advice advice,
                                         bool* has_refused = nullptr);
  // Refuses with what the log says of an item that names a release exactly
  // which nobody offers.
  absl::Status CheckNamedReleases(const ResolveQuery& query,
                                  const QueryInputs& inputs);
  // The refusal of what would be chosen if the policy refused nothing.
  absl::Status CheckPolicyIsInTheWay(const ResolveQuery& query,
                                     const QueryInputs& inputs);
  // Why nodes that change or come are not at their newest release.
  absl::Status FindHeld(const ResolveQuery& query, const QueryInputs& inputs,
                        Resolution* resolution);
  // Why others change or go than those that were asked for.
  absl::Status FindMoved(const ResolveQuery& query, const QueryInputs& inputs,
                         Resolution* resolution);
  absl::StatusOr<std::string> ReasonToMove(const ResolveQuery& query,
                                           const QueryInputs& inputs,
                                           const Resolution& resolution,
                                           const ResolvedNode& node);

  RunningServicesOf services_;
  const Clusters* clusters_;
  std::function<registry::SnapshotPtr()> snapshot_;
  std::function<ReleaseAdmissionPtr()> admission_;
  const std::shared_ptr<PackageFactsCache> cache_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_PACKAGE_RESOLVER_H_
