#include "catalog/verify/plan_document.h"

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "registry/format/json_parse.h"
#include "signing/digest.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

// Jobs of many services, each with its package in a label.
constexpr size_t kMaxDocumentBytes = size_t{64} << 20;

absl::Status Refuse(absl::string_view detail) {
  return signing::At(
      {.check = 17},
      signing::Refuse(signing::RefusalCode::kPlanDigest, detail));
}

absl::StatusOr<JsonValue> ParseText(absl::string_view text) {
  absl::StatusOr<registry::JsonDocument> json =
      registry::ParseJson(text, {.max_bytes = kMaxDocumentBytes});
  if (json.ok()) return std::move(json->root);
  return Refuse(absl::StrCat("the text of the plan cannot be read: ",
                             json.status().message()));
}

int64_t Number(const JsonValue& object, absl::string_view name) {
  const JsonValue* value = object.Find(name);
  return value == nullptr ? 0 : value->AsInteger().value_or(0);
}

// The JSON that a member holds as text; of none, `otherwise`.
absl::StatusOr<JsonValue> Document(const JsonValue& object,
                                   absl::string_view name,
                                   JsonValue otherwise) {
  const absl::string_view text = object.FindString(name);
  if (text.empty()) return otherwise;
  return ParseText(text);
}

std::vector<std::string> Texts(const JsonValue& object,
                               absl::string_view name) {
  std::vector<std::string> texts;
  const JsonValue* list = object.Find(name);
  if (list == nullptr) return texts;
  for (const JsonValue& item : list->items()) texts.push_back(item.text());
  return texts;
}

absl::StatusOr<ClaimedStep> ReadStep(const JsonValue& json) {
  ClaimedStep step;
  step.action = std::string(json.FindString("action"));
  step.service = std::string(json.FindString("service"));
  step.package = std::string(json.FindString("package"));
  step.source = std::string(json.FindString("source"));
  step.version = std::string(json.FindString("version"));
  step.tree = std::string(json.FindString("tree"));
  step.release = Number(json, "release");
  step.revision = Number(json, "revision");
  ORRERY_ASSIGN_OR_RETURN(step.options,
                          Document(json, "options", JsonValue::Object()));
  ORRERY_ASSIGN_OR_RETURN(step.manifest,
                          Document(json, "manifest", JsonValue()));
  step.package_json = std::string(json.FindString("package_json"));
  step.relations = std::string(json.FindString("relations"));
  if (const JsonValue* artifacts = json.Find("artifacts")) {
    for (const JsonValue& pin : artifacts->items()) {
      step.artifacts[std::string(pin.FindString("uri"))] =
          std::string(pin.FindString("sha256"));
    }
  }
  if (const JsonValue* bindings = json.Find("bindings")) {
    for (const JsonValue& binding : bindings->items()) {
      step.providers.emplace_back(binding.FindString("provider"));
    }
  }
  step.features = Texts(json, "features");
  if (step.action == "apply" || step.action == "update" ||
      step.action == "remove") {
    return step;
  }
  return Refuse(absl::StrCat("the plan does something unknown, '", step.action,
                             "', with service ", step.service));
}

// The member of the shown step that is not what the fixed one says; empty if
// there is none.
std::string FirstDifference(const ClaimedStep& step, const JsonValue& shown) {
  const std::pair<const char*, const std::string*> texts[] = {
      {"action", &step.action},   {"service", &step.service},
      {"package", &step.package}, {"source", &step.source},
      {"version", &step.version}, {"tree", &step.tree}};
  for (const auto& [name, text] : texts) {
    if (shown.FindString(name) != *text) return name;
  }
  if (Number(shown, "release") != step.release) return "release";
  if (Number(shown, "revision") != step.revision) return "revision";
  const std::pair<const char*, const JsonValue*> documents[] = {
      {"options", &step.options}, {"manifest", &step.manifest}};
  for (const auto& [name, document] : documents) {
    const JsonValue* found = shown.Find(name);
    if (!((found == nullptr ? JsonValue() : *found) == *document)) return name;
  }
  return "";
}

}  // namespace

absl::StatusOr<std::vector<ClaimedStep>> ReadPlanDocument(
    absl::string_view id, absl::string_view document, const JsonValue& shown) {
  if (signing::Digest::Of(document).Hex() != id) {
    return Refuse("the text of the plan has another digest than the plan");
  }
  ORRERY_ASSIGN_OR_RETURN(const JsonValue root, ParseText(document));
  std::vector<ClaimedStep> steps;
  for (const JsonValue& item : root.items()) {
    ORRERY_ASSIGN_OR_RETURN(ClaimedStep step, ReadStep(item));
    steps.push_back(std::move(step));
  }
  const JsonValue* shown_steps = shown.Find("steps");
  const size_t shown_count =
      shown_steps == nullptr ? 0 : shown_steps->items().size();
  if (shown_count != steps.size()) {
    return Refuse(absl::StrCat("the plan shows ", shown_count,
                               " steps, and its text has ", steps.size()));
  }
  for (size_t i = 0; i < steps.size(); ++i) {
    const std::string difference =
        FirstDifference(steps[i], shown_steps->items()[i]);
    if (difference.empty()) continue;
    return signing::At(
        {.package = steps[i].package},
        Refuse(absl::StrCat("the plan shows another ", difference,
                            " for service ", steps[i].service,
                            " than its text has")));
  }
  return steps;
}

}  // namespace orrery::catalog
