#include "catalog/options/schema_check.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "catalog/options/decimal.h"
#include "catalog/options/schema_node.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;
using registry::PointerStep;

// References and combinations that look at one value; more is a circle or a
// trap.
constexpr int kMaxChain = 32;

constexpr absl::string_view kTypes[] = {"array",  "boolean", "integer", "null",
                                        "number", "object",  "string"};

// Members whose values are schemas by name.
constexpr absl::string_view kSchemaMaps[] = {"properties", "patternProperties",
                                             "definitions", "dependencies"};
// Arrays of schemas.
constexpr absl::string_view kSchemaLists[] = {"allOf", "anyOf", "oneOf"};
// A schema, or something simpler.
constexpr absl::string_view kSchemas[] = {"not", "items", "additionalItems",
                                          "additionalProperties"};

bool IsType(const JsonValue& value) {
  return value.is_string() && std::find(std::begin(kTypes), std::end(kTypes),
                                        value.text()) != std::end(kTypes);
}

bool AllStrings(const JsonValue& value) {
  return value.is_array() &&
         std::all_of(value.items().begin(), value.items().end(),
                     [](const JsonValue& item) { return item.is_string(); });
}

bool IsCount(const JsonValue& value) {
  if (!value.is_number()) return false;
  const Decimal number = ParseDecimal(value.text());
  return !number.negative && number.integral();
}

bool IsPositive(const JsonValue& value) {
  if (!value.is_number()) return false;
  const Decimal number = ParseDecimal(value.text());
  return !number.negative && !number.zero();
}

// What a keyword's value must be, or empty when it is that.
absl::string_view KeywordFault(absl::string_view keyword,
                               const JsonValue& value) {
  if (keyword == "type") {
    const bool types =
        IsType(value) ||
        (AllStrings(value) && !value.items().empty() &&
         std::all_of(value.items().begin(), value.items().end(), IsType));
    return types ? "" : "one of the seven JSON type names, or a list of them";
  }
  if (keyword == "required") {
    return AllStrings(value) ? "" : "a list of names";
  }
  if (keyword == "enum") return value.is_array() ? "" : "a list of values";
  if (keyword == "minimum" || keyword == "maximum") {
    return value.is_number() ? "" : "a number";
  }
  if (keyword == "multipleOf") return IsPositive(value) ? "" : "above zero";
  if (keyword == "exclusiveMinimum" || keyword == "exclusiveMaximum" ||
      keyword == "uniqueItems") {
    return value.is_bool() ? "" : "true or false";
  }
  if (keyword == "minLength" || keyword == "maxLength" ||
      keyword == "minItems" || keyword == "maxItems" ||
      keyword == "minProperties" || keyword == "maxProperties") {
    return IsCount(value) ? "" : "a number of things";
  }
  if (keyword == "pattern" || keyword == "format") {
    return value.is_string() ? "" : "a string";
  }
  return "";
}

class Checker {
 public:
  Checker(const JsonValue& config, PatternSet* patterns)
      : config_(config), patterns_(patterns) {}

  absl::Status Run() {
    ORRERY_RETURN_IF_ERROR(CheckOne(config_, ""));
    // References may lead to places that hold no schema otherwise.
    while (!referenced_.empty()) {
      const auto [schema, pointer] = referenced_.front();
      referenced_.pop_front();
      ORRERY_RETURN_IF_ERROR(CheckOne(*schema, pointer));
    }
    for (const auto& [schema, pointer] : order_) {
      ORRERY_RETURN_IF_ERROR(MeasureChain(*schema, pointer, 1).status());
    }
    return absl::OkStatus();
  }

 private:
  static absl::Status Fault(absl::string_view pointer,
                            absl::string_view reason) {
    return absl::InvalidArgumentError(absl::StrCat(
        "config.json", pointer.empty() ? "" : " at ", pointer, ": ", reason));
  }

  absl::Status CheckOne(const JsonValue& schema, const std::string& pointer) {
    if (!schema.is_object()) return Fault(pointer, "a schema is an object");
    if (!seen_.insert(&schema).second) return absl::OkStatus();
    order_.emplace_back(&schema, pointer);
    if (const JsonValue* reference = schema.Find("$ref")) {
      return CheckReference(*reference, absl::StrCat(pointer, "/$ref"));
    }
    for (const auto& [keyword, value] : schema.members()) {
      const std::string at = absl::StrCat(pointer, PointerStep(keyword));
      const absl::string_view wanted = KeywordFault(keyword, value);
      if (!wanted.empty()) {
        return Fault(at, absl::StrCat(keyword, " must be ", wanted));
      }
      if (keyword == "pattern") {
        ORRERY_RETURN_IF_ERROR(AddPattern(value.text(), at));
      }
      ORRERY_RETURN_IF_ERROR(CheckBelow(keyword, value, at));
    }
    return absl::OkStatus();
  }

  absl::Status AddPattern(absl::string_view pattern,
                          const std::string& pointer) {
    const absl::Status status = patterns_->Add(pattern);
    return status.ok() ? status : Fault(pointer, status.message());
  }

  absl::Status CheckReference(const JsonValue& reference,
                              const std::string& pointer) {
    if (!reference.is_string()) {
      return Fault(pointer, "a reference is a string");
    }
    if (!absl::StartsWith(reference.text(), "#")) {
      return Fault(pointer,
                   absl::StrCat("a reference to ",
                                registry::JsonString(reference.text()),
                                " is not followed; copy it into definitions "
                                "and refer to it as \"#/definitions/...\""));
    }
    const JsonValue* target = ResolveReference(config_, reference.text());
    if (target == nullptr) {
      return Fault(pointer,
                   absl::StrCat("there is nothing at ",
                                registry::JsonString(reference.text())));
    }
    referenced_.emplace_back(target, reference.text().substr(1));
    return absl::OkStatus();
  }

  absl::Status CheckBelow(absl::string_view keyword, const JsonValue& value,
                          const std::string& pointer) {
    const auto is_one_of = [keyword](const auto& list) {
      return std::find(std::begin(list), std::end(list), keyword) !=
             std::end(list);
    };
    if (is_one_of(kSchemaMaps)) return CheckMap(keyword, value, pointer);
    if (is_one_of(kSchemaLists)) {
      if (!value.is_array() || value.items().empty()) {
        return Fault(pointer, "must be a list of schemas");
      }
      return CheckList(value, pointer);
    }
    if (!is_one_of(kSchemas)) return absl::OkStatus();
    if (keyword == "items" && value.is_array()) {
      return CheckList(value, pointer);
    }
    const bool may_be_bool = absl::StartsWith(keyword, "additional");
    if (may_be_bool && value.is_bool()) return absl::OkStatus();
    return CheckOne(value, pointer);
  }

  absl::Status CheckMap(absl::string_view keyword, const JsonValue& map,
                        const std::string& pointer) {
    if (!map.is_object()) return Fault(pointer, "must be an object of schemas");
    for (const auto& [name, schema] : map.members()) {
      const std::string at = absl::StrCat(pointer, PointerStep(name));
      if (keyword == "patternProperties") {
        ORRERY_RETURN_IF_ERROR(AddPattern(name, at));
      }
      if (keyword == "dependencies" && AllStrings(schema)) continue;
      ORRERY_RETURN_IF_ERROR(CheckOne(schema, at));
    }
    return absl::OkStatus();
  }

  absl::Status CheckList(const JsonValue& list, const std::string& pointer) {
    for (size_t i = 0; i < list.items().size(); ++i) {
      ORRERY_RETURN_IF_ERROR(
          CheckOne(list.items()[i], absl::StrCat(pointer, "/", i)));
    }
    return absl::OkStatus();
  }

  // How many schemas in a row look at one value, from this one on.
  absl::StatusOr<int> MeasureChain(const JsonValue& schema,
                                   const std::string& pointer, int depth) {
    if (const auto done = chains_.find(&schema); done != chains_.end()) {
      if (depth + done->second - 1 <= kMaxChain) return done->second;
    }
    if (depth > kMaxChain) {
      return Fault(pointer,
                   "references and combined schemas go round in a circle, or "
                   "through more than 32 schemas, without coming to a value");
    }
    int longest = 0;
    for (const JsonValue* next : SameValueSchemas(schema)) {
      ORRERY_ASSIGN_OR_RETURN(const int length,
                              MeasureChain(*next, pointer, depth + 1));
      longest = std::max(longest, length);
    }
    chains_[&schema] = longest + 1;
    return longest + 1;
  }

  std::vector<const JsonValue*> SameValueSchemas(
      const JsonValue& schema) const {
    std::vector<const JsonValue*> next;
    if (const JsonValue* reference = schema.Find("$ref")) {
      next.push_back(ResolveReference(config_, reference->text()));
      return next;
    }
    for (const absl::string_view keyword : kSchemaLists) {
      const JsonValue* list = schema.Find(keyword);
      if (list == nullptr) continue;
      for (const JsonValue& item : list->items()) next.push_back(&item);
    }
    if (const JsonValue* other = schema.Find("not")) next.push_back(other);
    if (const JsonValue* dependencies = schema.Find("dependencies")) {
      for (const auto& member : dependencies->members()) {
        if (member.value.is_object()) next.push_back(&member.value);
      }
    }
    return next;
  }

  const JsonValue& config_;
  PatternSet* patterns_;
  absl::flat_hash_set<const JsonValue*> seen_;
  std::vector<std::pair<const JsonValue*, std::string>> order_;
  std::deque<std::pair<const JsonValue*, std::string>> referenced_;
  absl::flat_hash_map<const JsonValue*, int> chains_;
};

}  // namespace

void ReadDraft3Required(JsonValue* config) {
  if (!config->is_object()) return;
  if (const JsonValue* flag = config->Find("required");
      flag != nullptr && flag->is_bool()) {
    config->Erase("required");
  }
  std::vector<JsonValue> names;
  if (JsonValue* properties = config->Find("properties")) {
    for (const auto& [name, property] : properties->members()) {
      const JsonValue* flag = property.Find("required");
      if (flag != nullptr && flag->is_bool() && flag->bool_value()) {
        names.push_back(JsonValue::String(name));
      }
    }
  }
  for (const absl::string_view keyword : kSchemaMaps) {
    JsonValue* map = config->Find(keyword);
    if (map == nullptr) continue;
    for (auto& member : map->members()) ReadDraft3Required(&member.value);
  }
  for (const absl::string_view keyword :
       {"allOf", "anyOf", "oneOf", "items", "not", "additionalItems",
        "additionalProperties"}) {
    JsonValue* below = config->Find(keyword);
    if (below == nullptr) continue;
    ReadDraft3Required(below);
    for (JsonValue& item : below->items()) ReadDraft3Required(&item);
  }
  if (names.empty()) return;
  JsonValue* required = config->Find("required");
  if (required == nullptr) {
    required = &config->Set("required", JsonValue::Array());
  }
  for (JsonValue& name : names) required->items().push_back(std::move(name));
}

absl::Status CheckSchema(const JsonValue& config, PatternSet* patterns) {
  return Checker(config, patterns).Run();
}

}  // namespace orrery::catalog
