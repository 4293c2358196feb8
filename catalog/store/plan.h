#ifndef CATALOG_STORE_PLAN_H_
#define CATALOG_STORE_PLAN_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "catalog/orchestrator/orchestrator.h"
#include "catalog/resolution/late_option.h"
#include "catalog/resolution/resolution.h"
#include "catalog/resolution/solve_basis.h"
#include "catalog/store/service_record.h"
#include "registry/format/json_value.h"

namespace orrery::catalog {

// kUpdate makes a service that runs another one.
enum class PlanAction : uint8_t { kApply, kRemove, kUpdate };

// An option that the schema of the release does not know.
struct PlanOption {
  // JSON pointer.
  std::string pointer;
  // JSON type its value has.
  std::string type;
  // JSON text.
  std::string value;
};

// A default that another release has changed, and that counts for the service.
struct DefaultChange {
  // JSON pointer.
  std::string option;
  // JSON texts.
  std::string from;
  std::string to;
};

// One act on one cluster.
struct PlanStep {
  PlanAction action = PlanAction::kApply;
  std::string cluster;
  std::string service;
  std::string package;
  int64_t release = 0;
  // Label of the release.
  std::string version;
  // Of the release's content in the log; `h1:…`.
  int64_t revision = 0;
  std::string tree;
  // Name and URL of the release's source.
  std::string source;
  std::string source_url;
  // Of an update: what runs, number and label.
  int64_t from_release = 0;
  std::string from_version;
  // Why it is done, unless somebody asked for it.
  std::string reason;
  // The user's options without defaults, one JSON object as text.
  std::string options = "{}";
  // Options that relations set, under the user's; one JSON object as text.
  std::string computed = "{}";
  std::vector<LateOption> late;
  // Those that relations set and that nobody may be shown; JSON pointers.
  std::vector<std::string> secrets;
  // Features that are on, sorted, and what it uses of others.
  std::vector<std::string> features;
  std::vector<ServiceBinding> bindings;
  // As of ServiceRecord.
  std::vector<std::string> added_for;
  // Services of the plan that must be done before this one begins.
  std::vector<std::string> after;
  // The Marathon app as JSON text; empty for a removal.
  std::string manifest;
  std::vector<ArtifactPin> artifacts;
  // The release's package.json, and the relations in force; empty for none.
  std::string package_json;
  std::string relations;
  int instances = 0;
  std::vector<PlanOption> undeclared_options;
  // Of an update to another release.
  std::vector<DefaultChange> default_changes;
  // Of a removal: volumes whose data stays, by their path in the container.
  std::vector<std::string> kept_volumes;
};

// What a plan asks of its cluster.
struct PlanRoom {
  // Beyond what its services have.
  Resources needed;
  Resources free;
};

// What will be done, fixed before it is done.
struct Plan {
  // SHA-256 in lower-case hex over the steps.
  std::string id;
  // In order of execution; empty when nothing has to change.
  std::vector<PlanStep> steps;
  // What a reader should know before agreeing; not part of the id.
  std::vector<std::string> warnings;
  // Those of them that the answer has; not part of the id.
  std::vector<AnswerNote> notes;
  // What stays below its newest release, and why; not part of the id.
  std::vector<HeldNode> held;
  // Digest of each package of the answer (resolver.md §12.2); not part of the
  // id.
  std::map<std::string, std::string> catalog;
  // Text of the lock file, if one is wanted; not part of the id.
  std::string lock;
  // Nothing where the cluster does not say what is free; not part of the id.
  std::optional<PlanRoom> room;
  // What it was verified by (trust.md §14.5); not part of the id.
  std::string evidence;
  // What the answer rests on, while it is planned; not part of the id.
  std::optional<SolveBasis> basis;
};

// Whether an update goes to a lower version label (resolver.md §2), which a
// newer release may have.
bool LabelGoesDown(const PlanStep& step);

// Whether the step gives a service the very content that it runs: then it stays
// what it is, whatever else it is told. Numbers of two sources, or of two
// revisions, say nothing.
bool HasSameContent(const PlanStep& step, const ServiceRecord& record);

// What relations set, as JSON text, with a reference in the place of each
// secret, as in the labels of an app.
std::string ComputedWithoutSecrets(const PlanStep& step);

// Makes a record what the step has made of its service.
void TakeStep(const PlanStep& step, ServiceRecord* record);

// The plan of these steps, named by their digest.
Plan MakePlan(std::vector<PlanStep> steps, std::vector<std::string> warnings);

// What the id is the digest of: the steps as one JSON array.
std::string PlanDocument(const Plan& plan);

// The stored form.
registry::JsonValue PlanToJson(const Plan& plan);
// kDataLoss when `json` is no stored plan.
absl::StatusOr<Plan> PlanFromJson(const registry::JsonValue& json);

}  // namespace orrery::catalog

#endif  // CATALOG_STORE_PLAN_H_
