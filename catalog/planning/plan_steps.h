#ifndef CATALOG_PLANNING_PLAN_STEPS_H_
#define CATALOG_PLANNING_PLAN_STEPS_H_

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

#include "catalog/orchestrator/clusters.h"
#include "catalog/resolution/resolution.h"
#include "catalog/resolution/wiring.h"
#include "catalog/store/catalog_store.h"
#include "catalog/store/plan.h"
#include "registry/format/json_value.h"
#include "registry/index/release_relations.h"
#include "registry/index/snapshot.h"

namespace orrery::catalog {

// A step with the service that it changes or takes away, as it was read.
struct PlannedService {
  PlanStep step;
  std::optional<StoredService> running;
  // The user's, as they were given to the renderer: nulls included.
  registry::JsonValue options = registry::JsonValue::Object();
};

// What somebody wants beside the answer.
struct StepWishes {
  // Node that was asked for.
  std::string asked;
  // It is to stay though nothing else needs it.
  bool is_wanted = false;
  // The user's options by node text; of others that run, those they have count.
  std::map<std::string, registry::JsonValue> options;
  // Of the node that was asked for.
  bool allow_unknown_options = false;
};

// The steps that carry out an answer: services start, become another release or
// go, and who is bound to one that changes is told what its outputs are now.
class PlanSteps {
 public:
  // All must outlive this.
  PlanSteps(CatalogStore* store, const Clusters* clusters,
            const registry::Snapshot* snapshot, const Resolution* resolution,
            const StepWishes* wishes);

  // Providers first, what goes last. Errors as MakeServiceStep and
  // WireServices; kAborted with reason PLAN_CHANGED when something went away
  // meanwhile; kFailedPrecondition with reason RELEASE_LOST when options or
  // features are asked of a service whose release left its source.
  absl::StatusOr<std::vector<PlannedService>> Make();

  // What a reader should know before agreeing.
  const std::vector<std::string>& warnings() const { return warnings_; }
  // Those of them that the answer has.
  const std::vector<AnswerNote>& notes() const { return notes_; }
  // What the steps ask for, beside what is free.
  const std::optional<PlanRoom>& room() const { return room_; }

 private:
  // What is read of a node once.
  struct NodeFiles {
    std::optional<registry::JsonValue> config;
    std::shared_ptr<const registry::RelationsDocument> relations;
    // Text of the file in force.
    std::string relations_text;
    std::optional<StoredService> running;
  };

  void FindRewired();
  absl::Status ReadNodes();
  absl::Status ReadNode(const ResolvedNode& node);
  absl::Status ReadRunning(const ResolvedNode& node);
  // kFailedPrecondition when a service that must stay as it is would have to be
  // rendered anew to be what is asked for.
  absl::Status CheckLost(const ResolvedNode& node);
  absl::Status ReadRelations(const ResolvedNode& node);
  // Whether the package has the release of the node.
  absl::StatusOr<bool> ReadRelationsIn(const registry::PackageEntry& package,
                                       const ResolvedNode& node);
  registry::JsonValue OptionsOf(const ResolvedNode& node) const;
  absl::StatusOr<std::map<std::string, WiredService>> Wire(
      Orchestrator* cluster);
  // Whether a service that keeps its release has nothing to be told.
  bool IsSame(const ResolvedNode& node, const WiredService& wired) const;
  absl::StatusOr<PlanStep> ApplyStep(const ResolvedNode& node,
                                     const WiredService& wired,
                                     const std::string& owner,
                                     Orchestrator& cluster);
  absl::StatusOr<std::vector<DefaultChange>> ChangedDefaults(
      const ResolvedNode& node,
      const std::vector<registry::JsonValue>& given) const;
  PlanStep RemoveStep(const ResolvedNode& node) const;
  std::vector<ServiceBinding> BindingsOf(const ResolvedNode& node) const;
  std::vector<std::string> AddedFor(const ResolvedNode& node) const;
  // Of several steps one may say what another has said.
  void AddWarning(std::string text, const std::string& service);
  void AddNotes(bool name_services);
  void CompareWithFree(const Orchestrator& cluster);

  CatalogStore* store_;
  const Clusters* clusters_;
  const registry::Snapshot& snapshot_;
  const Resolution& resolution_;
  const StepWishes& wishes_;
  std::map<std::string, NodeFiles> files_;
  // Nodes whose options are worked out anew.
  std::set<std::string> rewired_;
  // With the services that they are about.
  std::vector<std::pair<std::string, std::vector<std::string>>> step_warnings_;
  std::vector<std::string> warnings_;
  std::vector<AnswerNote> notes_;
  Resources needed_;
  std::optional<PlanRoom> room_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_PLANNING_PLAN_STEPS_H_
