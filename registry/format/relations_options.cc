#include "registry/format/relations_options.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

#include "registry/format/secret_name.h"
#include "resolver/spelling.h"

namespace orrery::registry {
namespace {

constexpr size_t kMaxKnownOptions = 2000;

// The schema of an option. Below an object that lets any member in there is
// none, and the option is there all the same.
struct FoundOption {
  bool found = false;
  const JsonValue* schema = nullptr;
};

FoundOption FindOption(const JsonValue* config, absl::string_view pointer) {
  const JsonValue* schema = config;
  for (const absl::string_view step : absl::StrSplit(pointer.substr(1), '/')) {
    if (schema == nullptr || !schema->is_object()) return {};
    const std::string name =
        absl::StrReplaceAll(step, {{"~1", "/"}, {"~0", "~"}});
    const JsonValue* properties = schema->Find("properties");
    if (properties == nullptr || !properties->is_object()) {
      // What is described as anything but an object has no members.
      const absl::string_view type = schema->FindString("type");
      if (!type.empty() && type != "object") return {};
      const JsonValue* more = schema->Find("additionalProperties");
      return {more == nullptr || !more->is_bool() || more->bool_value(),
              nullptr};
    }
    const JsonValue* next = properties->Find(name);
    if (next == nullptr) {
      const JsonValue* more = schema->Find("additionalProperties");
      const bool open =
          more != nullptr && (!more->is_bool() || more->bool_value());
      return {open, nullptr};
    }
    schema = next;
  }
  return {true, schema};
}

void CollectOptions(const JsonValue& schema, const std::string& pointer,
                    std::vector<std::string>* out) {
  const JsonValue* properties = schema.Find("properties");
  if (properties == nullptr) return;
  for (const JsonValue::Member& member : properties->members()) {
    if (out->size() >= kMaxKnownOptions) return;
    out->push_back(pointer + PointerStep(member.name));
    CollectOptions(member.value, std::string(out->back()), out);
  }
}

absl::string_view LastName(absl::string_view pointer) {
  return pointer.substr(pointer.rfind('/') + 1);
}

// An option whose last name is that of `pointer`, or nearly all of it.
std::string DidYouMean(const JsonValue* config, absl::string_view pointer) {
  std::vector<std::string> known;
  if (config != nullptr) CollectOptions(*config, "", &known);
  const auto nearest = resolver::NearestWords(pointer, known, 1);
  if (!nearest.empty()) {
    return absl::StrCat(", did you mean ", nearest.front());
  }
  const absl::string_view name = LastName(pointer);
  for (const std::string& option : known) {
    const absl::string_view last = LastName(option);
    if (last == name || absl::StrContains(last, name)) {
      return absl::StrCat(", did you mean ", option);
    }
  }
  return "";
}

// The JSON types that a schema allows; none means any.
std::vector<std::string> TypesOf(const JsonValue* schema) {
  std::vector<std::string> types;
  const JsonValue* type = schema == nullptr ? nullptr : schema->Find("type");
  if (type == nullptr) return types;
  if (type->is_string()) types.push_back(type->text());
  for (const JsonValue& item : type->items()) types.push_back(item.text());
  return types;
}

bool Allows(const std::vector<std::string>& types, absl::string_view type) {
  return types.empty() ||
         std::find(types.begin(), types.end(), type) != types.end();
}

// Whether a value of one of the types can be what an output makes of it.
bool FitsRole(OptionUse::Role role, const std::vector<std::string>& types) {
  if (role == OptionUse::Role::kCount) {
    return Allows(types, "integer") || Allows(types, "number");
  }
  return types.empty() ||
         std::any_of(types.begin(), types.end(), [](const std::string& type) {
           return type != "array" && type != "object";
         });
}

// Whether it is known to hold a secret whatever its value is (cosmos-api.md
// §10.5).
bool IsSecret(absl::string_view option, const JsonValue* schema) {
  if (schema == nullptr || !schema->is_object()) return false;
  const std::optional<bool> says = SaysSecret(
      [&](absl::string_view keyword) { return schema->Find(keyword); });
  if (says.has_value()) return *says;
  return Allows(TypesOf(schema), "string") && SoundsSecret(LastName(option));
}

// Of the canonical text of a scalar.
absl::string_view ScalarType(absl::string_view scalar) {
  if (scalar == "null") return "null";
  if (scalar == "true" || scalar == "false") return "boolean";
  if (absl::StartsWith(scalar, "\"")) return "string";
  return absl::StrContains(scalar, '.') || absl::StrContains(scalar, "e-")
             ? "number"
             : "integer";
}

}  // namespace

std::vector<RelationsFault> CheckRelationOptions(
    const RelationsDocument& document, const JsonValue* config,
    absl::string_view release) {
  std::vector<RelationsFault> faults;
  for (const OptionUse& use : document.option_uses) {
    const FoundOption option = FindOption(config, use.option);
    if (!option.found) {
      std::string text =
          use.in_output ? absl::StrCat("no option ", Shown(use.option))
                        : absl::StrCat(release, " has no option ", use.option,
                                       DidYouMean(config, use.option));
      faults.push_back(
          {use.in_output ? relations_codes::kOutput : relations_codes::kOption,
           use.pointer, use.line, std::move(text)});
      continue;
    }
    if (use.in_output && !use.is_alone && IsSecret(use.option, option.schema)) {
      faults.push_back(
          {relations_codes::kOutput, use.pointer, use.line,
           absl::StrCat(use.option, " is secret and must be the only part")});
      continue;
    }
    const std::vector<std::string> types = TypesOf(option.schema);
    if (use.role != OptionUse::Role::kAny && !FitsRole(use.role, types)) {
      faults.push_back(
          {relations_codes::kType, use.pointer, use.line,
           absl::StrCat(use.option, " is ", absl::StrJoin(types, " or "), ", ",
                        use.role == OptionUse::Role::kCount
                            ? "a count of repetitions wants integer"
                            : "a part of a text wants \"join\" with it")});
      continue;
    }
    if (!use.value.has_value()) continue;
    const absl::string_view type = ScalarType(*use.value);
    if (Allows(types, type) || (type == "integer" && Allows(types, "number"))) {
      continue;
    }
    faults.push_back({relations_codes::kType, use.pointer, use.line,
                      absl::StrCat(*use.value, " is ", type, ", ", use.option,
                                   " wants ", absl::StrJoin(types, " or "))});
  }
  return faults;
}

bool HoldsSecret(const JsonValue* config, absl::string_view option) {
  const JsonValue* const schema = FindOption(config, option).schema;
  return schema == nullptr ? SoundsSecret(LastName(option))
                           : IsSecret(option, schema);
}

const std::string* OnlyOption(const RelationOutput& output) {
  const bool is_option = output.value.size() == 1 &&
                         output.value[0].kind == OutputPart::Kind::kOption;
  return is_option ? &output.value[0].text : nullptr;
}

std::vector<std::string> OptionTypes(const JsonValue* config,
                                     absl::string_view option) {
  return TypesOf(FindOption(config, option).schema);
}

bool OptionTakesOutput(const JsonValue* config, absl::string_view option,
                       OutputType type, bool joined) {
  const FoundOption found = FindOption(config, option);
  if (!found.found) return false;
  const std::vector<std::string> types = TypesOf(found.schema);
  switch (type) {
    case OutputType::kString:
      return Allows(types, "string");
    case OutputType::kInteger:
      return Allows(types, "integer") || Allows(types, "number") ||
             Allows(types, "string");
    case OutputType::kNumber:
      return Allows(types, "number") || Allows(types, "string");
    case OutputType::kBoolean:
      return Allows(types, "boolean") || Allows(types, "string");
    case OutputType::kList:
      return Allows(types, joined ? "string" : "array");
  }
  return false;
}

}  // namespace orrery::registry
