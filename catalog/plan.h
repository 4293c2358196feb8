#ifndef CATALOG_PLAN_H_
#define CATALOG_PLAN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "catalog/orchestrator/orchestrator.h"
#include "registry/format/json_value.h"

namespace orrery::catalog {

enum class PlanAction : uint8_t { kApply, kRemove };

// An option that the schema of the release does not know.
struct PlanOption {
  // JSON pointer.
  std::string pointer;
  // JSON type its value has.
  std::string type;
  // JSON text.
  std::string value;
};

// A piece of a text: itself, or where a port of a service is.
struct LatePiece {
  enum class Kind : uint8_t { kText, kAddress, kEndpoints };
  Kind kind = Kind::kText;
  // The text, or the name of the port.
  std::string text;
  // Of an address `host`, `port`, or empty for both.
  std::string part;
  // Between several endpoints.
  std::string join;
};

// An option whose value is known only when another service runs.
struct LateOption {
  // JSON pointer.
  std::string option;
  // Stands for the value in the manifest.
  std::string placeholder;
  // Name of the other service, and of its output.
  std::string provider;
  std::string output;
  std::vector<LatePiece> pieces;
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
  // Name of the release's source.
  std::string source;
  // The user's options without defaults, one JSON object as text.
  std::string options = "{}";
  // Options that relations set, under the user's; one JSON object as text.
  std::string computed = "{}";
  std::vector<LateOption> late;
  // Services of the plan that must run before this one starts.
  std::vector<std::string> after;
  // The Marathon app as JSON text; empty for a removal.
  std::string manifest;
  std::vector<ArtifactPin> artifacts;
  int instances = 0;
  std::vector<PlanOption> undeclared_options;
};

// What will be done, fixed before it is done.
struct Plan {
  // SHA-256 in lower-case hex over the steps.
  std::string id;
  // In order of execution; empty when nothing has to change.
  std::vector<PlanStep> steps;
  // What a reader should know before agreeing; not part of the id.
  std::vector<std::string> warnings;
};

// The plan of these steps, named by their digest.
Plan MakePlan(std::vector<PlanStep> steps, std::vector<std::string> warnings);

// The stored form.
registry::JsonValue PlanToJson(const Plan& plan);
// kDataLoss when `json` is no stored plan.
absl::StatusOr<Plan> PlanFromJson(const registry::JsonValue& json);

}  // namespace orrery::catalog

#endif  // CATALOG_PLAN_H_
