#include "catalog/resolution/solve_basis.h"

#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

JsonValue Text(const std::string& text) { return JsonValue::String(text); }

JsonValue Texts(const std::vector<std::string>& texts) {
  JsonValue list = JsonValue::Array();
  for (const std::string& text : texts) list.items().push_back(Text(text));
  return list;
}

// The members that are texts, by their names.
template <typename Service>
auto TextMembers(Service& service) {
  using Member = std::pair<const char*, decltype(&service.name)>;
  return std::vector<Member>{{"name", &service.name},
                             {"package", &service.package},
                             {"version", &service.version},
                             {"tree", &service.tree},
                             {"source", &service.source},
                             {"options", &service.options},
                             {"package_json", &service.package_json},
                             {"relations", &service.relations},
                             {"operation", &service.operation}};
}

JsonValue ServiceToJson(const RunningService& service) {
  JsonValue bindings = JsonValue::Array();
  for (const ServiceBinding& binding : service.bindings) {
    bindings.items().push_back(
        JsonValue::Object({{"option", Text(binding.option)},
                           {"provider", Text(binding.provider)},
                           {"output", Text(binding.output)}}));
  }
  JsonValue earlier = JsonValue::Array();
  for (const EarlierGeneration& before : service.earlier) {
    earlier.items().push_back(
        JsonValue::Object({{"release", JsonValue::Integer(before.release)},
                           {"version", Text(before.version)},
                           {"tree", Text(before.tree)},
                           {"source", Text(before.source)},
                           {"options", Text(before.options)},
                           {"features", Texts(before.features)}}));
  }
  JsonValue json =
      JsonValue::Object({{"release", JsonValue::Integer(service.release)},
                         {"revision", JsonValue::Integer(service.revision)},
                         {"features", Texts(service.features)},
                         {"bindings", std::move(bindings)},
                         {"added_for", Texts(service.added_for)},
                         {"earlier", std::move(earlier)}});
  for (const auto& [name, text] : TextMembers(service)) {
    json.Set(name, Text(*text));
  }
  return json;
}

std::vector<std::string> TextsIn(const JsonValue& json, const char* name) {
  std::vector<std::string> texts;
  const JsonValue* list = json.Find(name);
  if (list == nullptr) return texts;
  for (const JsonValue& item : list->items()) texts.push_back(item.text());
  return texts;
}

absl::StatusOr<RunningService> ServiceFromJson(const JsonValue& json) {
  RunningService service;
  for (const auto& [name, text] : TextMembers(service)) {
    *text = std::string(json.FindString(name));
  }
  const std::pair<const char*, int64_t*> numbers[] = {
      {"release", &service.release}, {"revision", &service.revision}};
  for (const auto& [name, number] : numbers) {
    const JsonValue* value = json.Find(name);
    const auto integer = value == nullptr ? std::nullopt : value->AsInteger();
    if (!integer.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("service ", service.name, " has no ", name));
    }
    *number = *integer;
  }
  service.features = TextsIn(json, "features");
  service.added_for = TextsIn(json, "added_for");
  if (const JsonValue* bindings = json.Find("bindings")) {
    for (const JsonValue& binding : bindings->items()) {
      service.bindings.push_back({std::string(binding.FindString("option")),
                                  std::string(binding.FindString("provider")),
                                  std::string(binding.FindString("output"))});
    }
  }
  if (const JsonValue* earlier = json.Find("earlier")) {
    for (const JsonValue& before : earlier->items()) {
      const JsonValue* release = before.Find("release");
      service.earlier.push_back(
          {release == nullptr ? 0 : release->AsInteger().value_or(0),
           std::string(before.FindString("version")),
           std::string(before.FindString("tree")),
           std::string(before.FindString("source")),
           std::string(before.FindString("options")),
           TextsIn(before, "features")});
    }
  }
  return service;
}

}  // namespace

JsonValue SolveBasisToJson(const SolveBasis& basis) {
  JsonValue services = JsonValue::Array();
  for (const RunningService& service : basis.services) {
    services.items().push_back(ServiceToJson(service));
  }
  JsonValue json = JsonValue::Object(
      {{"services", std::move(services)}, {"nodes", Text(basis.nodes)}});
  if (!basis.facts.has_value()) return json;
  JsonValue facts = JsonValue::Object();
  for (const auto& [name, value] : *basis.facts) facts.Set(name, Text(value));
  json.Set("facts", std::move(facts));
  return json;
}

absl::StatusOr<SolveBasis> SolveBasisFromJson(const JsonValue& json) {
  SolveBasis basis;
  basis.nodes = std::string(json.FindString("nodes"));
  const JsonValue* services = json.Find("services");
  if (basis.nodes.empty() || services == nullptr || !services->is_array()) {
    return absl::InvalidArgumentError(
        "what the answer rests on has no services or no nodes");
  }
  for (const JsonValue& item : services->items()) {
    ORRERY_ASSIGN_OR_RETURN(RunningService service, ServiceFromJson(item));
    basis.services.push_back(std::move(service));
  }
  const JsonValue* facts = json.Find("facts");
  if (facts == nullptr || !facts->is_object()) return basis;
  basis.facts.emplace();
  for (const auto& [name, value] : facts->members()) {
    (*basis.facts)[name] = value.text();
  }
  return basis;
}

}  // namespace orrery::catalog
