#include "catalog/options/option_path.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

#include "catalog/options/schema_node.h"
#include "registry/format/json_parse.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

absl::Status BadPath(absl::string_view text, absl::string_view reason) {
  return absl::InvalidArgumentError(
      absl::StrCat("option path ", registry::JsonString(text), ": ", reason,
                   "; write service.mem or /service/mem"));
}

bool Allows(const std::vector<std::string>& types, const std::string& kind) {
  const auto has = [&types](absl::string_view type) {
    return std::find(types.begin(), types.end(), type) != types.end();
  };
  return has(kind) || (kind == "integer" && has("number")) ||
         (kind == "number" && has("integer"));
}

absl::string_view Example(absl::string_view type) {
  if (type == "integer") return "3";
  if (type == "number") return "0.5";
  if (type == "boolean") return "true";
  if (type == "array") return "[\"a\",\"b\"]";
  if (type == "object") return "{\"a\":1}";
  return "null";
}

// Reads VALUE by the types the schema declares.
absl::StatusOr<JsonValue> ReadValue(absl::string_view path,
                                    const std::vector<std::string>& types,
                                    absl::string_view text) {
  if (!registry::IsUtf8(text)) {
    return absl::InvalidArgumentError(
        absl::StrCat("option ", path, ": the value is not UTF-8"));
  }
  const bool takes_text = types.empty() || Allows(types, "string");
  if (takes_text && types.size() == 1) {
    return JsonValue::String(std::string(text));
  }
  absl::StatusOr<registry::JsonDocument> parsed = registry::ParseJson(text);
  if (parsed.ok() && !parsed->duplicates.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("option ", path, ": the value names ",
                     parsed->duplicates.front().pointer, " twice"));
  }
  if (parsed.ok() && (!takes_text || types.empty() ||
                      Allows(types, OptionTypeName(parsed->root)))) {
    return std::move(parsed->root);
  }
  if (takes_text) return JsonValue::String(std::string(text));
  return absl::InvalidArgumentError(absl::StrCat(
      "option ", path, " is of type ", absl::StrJoin(types, " or "), ", and ",
      registry::JsonString(text), " is no JSON; write for example ",
      Example(types.front())));
}

// The group that holds the last name of `path`, made where it is missing.
absl::StatusOr<JsonValue*> MakeGroups(const OptionPath& path,
                                      JsonValue* options) {
  JsonValue* group = options;
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    JsonValue* next = group->Find(path[i]);
    if (next == nullptr) next = &group->Set(path[i], JsonValue::Object());
    if (!next->is_object()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "option ", PathPointer(path),
          " cannot be set: ", PathPointer(std::span(path).first(i + 1)),
          " is given as ", OptionTypeName(*next), ", not as an object"));
    }
    group = next;
  }
  return group;
}

bool Remove(std::span<const std::string> path, JsonValue* group) {
  if (path.size() == 1) return group->Erase(path.front());
  JsonValue* next = group->Find(path.front());
  if (next == nullptr || !next->is_object()) return false;
  if (!Remove(path.subspan(1), next)) return false;
  if (next->members().empty()) group->Erase(path.front());
  return true;
}

}  // namespace

absl::StatusOr<OptionPath> ParseOptionPath(absl::string_view text) {
  if (!registry::IsUtf8(text)) {
    return absl::InvalidArgumentError("an option path is not UTF-8");
  }
  OptionPath path;
  if (absl::StartsWith(text, "/")) {
    for (absl::string_view step : absl::StrSplit(text.substr(1), '/')) {
      path.push_back(absl::StrReplaceAll(step, {{"~1", "/"}, {"~0", "~"}}));
    }
  } else {
    path.emplace_back();
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\\') {
        if (++i == text.size()) return BadPath(text, "ends in a backslash");
        path.back().push_back(text[i]);
      } else if (text[i] == '.') {
        path.emplace_back();
      } else {
        path.back().push_back(text[i]);
      }
    }
  }
  for (const std::string& name : path) {
    if (name.empty()) return BadPath(text, "a name is empty");
  }
  return path;
}

std::string PathPointer(std::span<const std::string> path) {
  std::string pointer;
  for (const std::string& name : path) pointer += registry::PointerStep(name);
  return pointer;
}

JsonValue ObjectWith(const OptionPath& path, JsonValue value) {
  for (auto name = path.rbegin(); name != path.rend(); ++name) {
    value = JsonValue::Object({{*name, std::move(value)}});
  }
  return value;
}

std::string PathOfPointer(absl::string_view pointer) {
  const absl::StatusOr<OptionPath> path = ParseOptionPath(pointer);
  if (!path.ok()) return std::string(pointer);
  for (const std::string& name : *path) {
    if (name.find_first_of(".\\=/") != std::string::npos) {
      return std::string(pointer);
    }
  }
  return absl::StrJoin(*path, ".");
}

absl::StatusOr<OptionAssignment> ParseAssignment(absl::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '=') {
      return OptionAssignment{std::string(text.substr(0, i)),
                              std::string(text.substr(i + 1))};
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat(registry::JsonString(text),
                   " sets nothing; write PATH=VALUE, such as service.mem=512"));
}

std::string OptionTypeName(const JsonValue& value) {
  if (value.kind() == JsonValue::Kind::kNumber &&
      value.text().find_first_of(".eE") == std::string::npos) {
    return "integer";
  }
  return JsonTypeName(value);
}

absl::StatusOr<SetResult> SetOption(JsonValue* options, const JsonValue& config,
                                    absl::string_view path,
                                    absl::string_view value) {
  ORRERY_ASSIGN_OR_RETURN(const OptionPath names, ParseOptionPath(path));
  SetResult result;
  result.pointer = PathPointer(names);
  SchemaNode node = SchemaNode::Root(config);
  for (const std::string& name : names) node = node.Child(name);
  const std::vector<std::string> types = node.Types();
  result.declared = !types.empty();
  ORRERY_ASSIGN_OR_RETURN(result.value, ReadValue(path, types, value));
  result.type = OptionTypeName(result.value);
  JsonValue changed = *options;
  ORRERY_ASSIGN_OR_RETURN(JsonValue * group, MakeGroups(names, &changed));
  group->Set(names.back(), result.value);
  *options = std::move(changed);
  return result;
}

absl::StatusOr<bool> UnsetOption(JsonValue* options, absl::string_view path) {
  ORRERY_ASSIGN_OR_RETURN(const OptionPath names, ParseOptionPath(path));
  return Remove(names, options);
}

}  // namespace orrery::catalog
