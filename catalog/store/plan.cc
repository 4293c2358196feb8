#include "catalog/store/plan.h"

#include <utility>

#include "catalog/options/merge_options.h"
#include "catalog/options/option_path.h"
#include "catalog/store/stored_json.h"
#include "registry/format/json_parse.h"
#include "resolver/version.h"
#include "signing/digest.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

const std::vector<std::string>& ActionWords() {
  static const auto* const kWords =
      new std::vector<std::string>{"apply", "remove", "update"};
  return *kWords;
}

JsonValue OptionToJson(const PlanOption& option) {
  return JsonValue::Object({{"pointer", StoredText(option.pointer)},
                            {"type", StoredText(option.type)},
                            {"value", StoredText(option.value)}});
}

const std::vector<std::string>& PieceWords() {
  static const auto* const kWords =
      new std::vector<std::string>{"text", "address", "endpoints"};
  return *kWords;
}

JsonValue PieceToJson(const LatePiece& piece) {
  const size_t kind = static_cast<size_t>(piece.kind);
  return JsonValue::Object({{"kind", StoredText(PieceWords()[kind])},
                            {"text", StoredText(piece.text)},
                            {"part", StoredText(piece.part)},
                            {"join", StoredText(piece.join)},
                            {"service", StoredText(piece.service)}});
}

JsonValue LateToJson(const LateOption& late) {
  return JsonValue::Object({{"option", StoredText(late.option)},
                            {"placeholder", StoredText(late.placeholder)},
                            {"provider", StoredText(late.provider)},
                            {"output", StoredText(late.output)},
                            {"pieces", StoredList(late.pieces, PieceToJson)},
                            {"is_list", JsonValue::Integer(late.is_list)},
                            {"join", StoredText(late.join)},
                            {"schema", StoredText(late.schema)}});
}

JsonValue ChangeToJson(const DefaultChange& change) {
  return JsonValue::Object({{"option", StoredText(change.option)},
                            {"from", StoredText(change.from)},
                            {"to", StoredText(change.to)}});
}

LateOption ReadLate(StoredObject& stored) {
  LateOption late;
  late.option = stored.String("option");
  late.placeholder = stored.String("placeholder");
  late.provider = stored.String("provider");
  late.output = stored.String("output");
  late.pieces = stored.List(
      "pieces", "piece of a late option", [&late](StoredObject& piece) {
        return LatePiece{
            static_cast<LatePiece::Kind>(piece.Word("kind", PieceWords())),
            piece.String("text"), piece.String("part"), piece.String("join"),
            piece.Has("service") ? piece.String("service") : late.provider};
      });
  // Those of earlier versions have none of these.
  if (stored.Has("schema")) {
    late.is_list = stored.Integer("is_list") != 0;
    late.join = stored.String("join");
    late.schema = stored.String("schema");
  }
  return late;
}

PlanOption ReadOption(StoredObject& stored) {
  return {stored.String("pointer"), stored.String("type"),
          stored.String("value")};
}

DefaultChange ReadChange(StoredObject& stored) {
  return {stored.String("option"), stored.String("from"), stored.String("to")};
}

JsonValue StepToJson(const PlanStep& step) {
  const size_t action = static_cast<size_t>(step.action);
  return JsonValue::Object(
      {{"action", StoredText(ActionWords()[action])},
       {"cluster", StoredText(step.cluster)},
       {"service", StoredText(step.service)},
       {"package", StoredText(step.package)},
       {"release", JsonValue::Integer(step.release)},
       {"version", StoredText(step.version)},
       {"revision", JsonValue::Integer(step.revision)},
       {"tree", StoredText(step.tree)},
       {"source", StoredText(step.source)},
       {"source_url", StoredText(step.source_url)},
       {"from_release", JsonValue::Integer(step.from_release)},
       {"from_version", StoredText(step.from_version)},
       {"reason", StoredText(step.reason)},
       {"features", StoredStrings(step.features)},
       {"bindings", StoredList(step.bindings, BindingToJson)},
       {"added_for", StoredStrings(step.added_for)},
       {"options", StoredText(step.options)},
       {"computed", StoredText(step.computed)},
       {"late", StoredList(step.late, LateToJson)},
       {"secrets", StoredStrings(step.secrets)},
       {"after", StoredStrings(step.after)},
       {"manifest", StoredText(step.manifest)},
       {"artifacts", StoredList(step.artifacts, ArtifactToJson)},
       {"package_json", StoredText(step.package_json)},
       {"relations", StoredText(step.relations)},
       {"instances", JsonValue::Integer(step.instances)},
       {"undeclared_options",
        StoredList(step.undeclared_options, OptionToJson)},
       {"default_changes", StoredList(step.default_changes, ChangeToJson)},
       {"kept_volumes", StoredStrings(step.kept_volumes)}});
}

PlanStep ReadStep(StoredObject& stored) {
  PlanStep step;
  step.action = static_cast<PlanAction>(stored.Word("action", ActionWords()));
  step.cluster = stored.String("cluster");
  step.service = stored.String("service");
  step.package = stored.String("package");
  step.release = stored.Integer("release");
  step.version = stored.String("version");
  step.source = stored.String("source");
  step.options = stored.String("options");
  // Those of earlier versions have none of these.
  if (stored.Has("tree")) {
    step.revision = stored.Integer("revision");
    step.tree = stored.String("tree");
  }
  if (stored.Has("computed")) {
    step.computed = stored.String("computed");
    step.after = stored.Strings("after");
    step.late = stored.List("late", "late option of a plan", ReadLate);
  }
  if (stored.Has("bindings")) {
    step.bindings =
        stored.List("bindings", "binding of a service", ReadBinding);
    step.source_url = stored.String("source_url");
    step.from_release = stored.Integer("from_release");
    step.from_version = stored.String("from_version");
    step.reason = stored.String("reason");
    step.features = stored.Strings("features");
    step.package_json = stored.String("package_json");
    step.relations = stored.String("relations");
  }
  if (stored.Has("secrets")) step.secrets = stored.Strings("secrets");
  if (stored.Has("added_for")) {
    step.added_for = stored.Strings("added_for");
    step.kept_volumes = stored.Strings("kept_volumes");
    step.default_changes =
        stored.List("default_changes", "changed default of a plan", ReadChange);
  }
  step.manifest = stored.String("manifest");
  step.instances = static_cast<int>(stored.Integer("instances"));
  if (stored.Has("artifacts")) {
    step.artifacts = stored.List("artifacts", "artifact", ReadArtifact);
  }
  step.undeclared_options =
      stored.List("undeclared_options", "option of a plan", ReadOption);
  return step;
}

}  // namespace

bool LabelGoesDown(const PlanStep& step) {
  if (step.action != PlanAction::kUpdate) return false;
  const auto from = resolver::Version::Parse(step.from_version);
  const auto to = resolver::Version::Parse(step.version);
  return from.ok() && to.ok() && *to < *from;
}

bool HasSameContent(const PlanStep& step, const ServiceRecord& record) {
  // Records of versions that kept no log have no tree.
  return record.package == step.package && record.source == step.source &&
         record.release == step.release &&
         (record.tree.empty() || record.tree == step.tree);
}

std::string ComputedWithoutSecrets(const PlanStep& step) {
  absl::StatusOr<registry::JsonDocument> computed =
      registry::ParseJson(step.computed);
  if (step.secrets.empty() || !computed.ok()) return step.computed;
  JsonValue shown = std::move(computed->root);
  for (const std::string& secret : step.secrets) {
    const absl::StatusOr<OptionPath> path = ParseOptionPath(secret);
    if (!path.ok()) continue;
    shown = MergeOptions(
        std::move(shown),
        ObjectWith(*path,
                   JsonValue::Object({{"$secret", StoredText(secret)}})));
  }
  return registry::WriteJson(shown);
}

void TakeStep(const PlanStep& step, ServiceRecord* record) {
  record->name = step.service;
  record->cluster = step.cluster;
  record->package = step.package;
  record->release = step.release;
  record->version = step.version;
  record->revision = step.revision;
  record->tree = step.tree;
  record->source = step.source;
  record->source_url = step.source_url;
  record->options = step.options;
  record->computed = step.computed;
  record->secrets = step.secrets;
  record->features = step.features;
  record->bindings = step.bindings;
  record->added_for = step.added_for;
  record->manifest = step.manifest;
  record->artifacts = step.artifacts;
  record->package_json = step.package_json;
  record->relations = step.relations;
  record->instances = step.instances;
}

Plan MakePlan(std::vector<PlanStep> steps, std::vector<std::string> warnings) {
  Plan plan;
  plan.steps = std::move(steps);
  plan.warnings = std::move(warnings);
  plan.id = signing::Digest::Of(PlanDocument(plan)).Hex();
  return plan;
}

std::string PlanDocument(const Plan& plan) {
  return registry::WriteJson(StoredList(plan.steps, StepToJson));
}

JsonValue PlanToJson(const Plan& plan) {
  return JsonValue::Object({{"id", StoredText(plan.id)},
                            {"steps", StoredList(plan.steps, StepToJson)},
                            {"evidence", StoredText(plan.evidence)},
                            {"warnings", StoredStrings(plan.warnings)}});
}

absl::StatusOr<Plan> PlanFromJson(const JsonValue& json) {
  StoredObject stored(json, "plan");
  Plan plan;
  plan.id = stored.String("id");
  plan.warnings = stored.Strings("warnings");
  if (stored.Has("evidence")) {
    plan.evidence = stored.String("evidence");
  }
  plan.steps = stored.List("steps", "plan step", ReadStep);
  ORRERY_RETURN_IF_ERROR(stored.status());
  return plan;
}

}  // namespace orrery::catalog
