#include "registry/format/relations_requirement.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "resolver/requirement_text.h"

namespace orrery::registry {
namespace {

using resolver::OptionCondition;
using resolver::TargetKind;
using resolver::WrittenAlternative;
using resolver::WrittenBinding;
using resolver::WrittenCondition;
using resolver::WrittenRequirement;
using resolver::WrittenTarget;
using Kind = JsonValue::Kind;

constexpr size_t kMaxRequirements = 64;
constexpr size_t kMaxAlternatives = 16;
constexpr size_t kMaxConditions = 8;
constexpr size_t kMaxFeatures = 8;
constexpr size_t kMaxBindings = 16;
constexpr size_t kMaxNoteBytes = 200;
constexpr size_t kMaxJoinBytes = 8;
constexpr size_t kMaxRequirementBytes = 512;

absl::string_view KindWord(TargetKind kind) {
  switch (kind) {
    case TargetKind::kPackage:
      return "package";
    case TargetKind::kCapability:
      return "capability";
    case TargetKind::kFact:
      return "fact";
  }
  return "";
}

}  // namespace

std::vector<WrittenRequirement> RequirementReader::ReadRequirements(
    const JsonValue& value, const JsonPath& path, size_t most,
    absl::string_view feature) {
  std::vector<WrittenRequirement> requirements;
  if (!reader_.ExpectList(value, path, most, "requirements")) {
    return requirements;
  }
  if ((count_ += value.items().size()) > kMaxRequirements) {
    reader_.Add(relations_codes::kLimit, path, value,
                absl::StrCat(count_, " requirements, at most ",
                             kMaxRequirements, " in all"));
    return requirements;
  }
  for (size_t i = 0; i < value.items().size(); ++i) {
    const JsonPath place(path, i);
    auto requirement = ReadRequirement(value.items()[i], place);
    if (!requirement.has_value()) continue;
    CheckText(*requirement, feature, value.items()[i], place);
    requirements.push_back(*std::move(requirement));
  }
  return requirements;
}

void RequirementReader::CheckText(const WrittenRequirement& requirement,
                                  absl::string_view feature,
                                  const JsonValue& at, const JsonPath& path) {
  std::string text = resolver::RequirementText(requirement, feature);
  if (text.size() > kMaxRequirementBytes) {
    reader_.Add(relations_codes::kLimit, path, at,
                absl::StrCat("written out it has ", text.size(),
                             " bytes, at most ", kMaxRequirementBytes));
    return;
  }
  for (const Seen& seen : seen_) {
    if (seen.text != text) continue;
    reader_.Add(relations_codes::kDuplicate, path, at,
                absl::StrCat("same as ", seen.pointer));
    return;
  }
  seen_.push_back({std::move(text), path.Pointer()});
}

std::optional<WrittenRequirement> RequirementReader::ReadRequirement(
    const JsonValue& value, const JsonPath& path) {
  if (!reader_.Expect(value, Kind::kObject, path)) return std::nullopt;
  const size_t faults = reader_.faults().size();
  WrittenRequirement requirement;
  if (const JsonValue* any_of = value.Find("anyOf")) {
    for (const absl::string_view name :
         {"package", "capability", "fact", "versions", "features", "own", "set",
          "bind"}) {
      if (const JsonValue* member = value.Find(name)) {
        reader_.Add(relations_codes::kTarget, JsonPath(path, name), *member,
                    absl::StrCat(name, " is not allowed with anyOf"));
      }
    }
    if (reader_.faults().size() != faults ||
        !reader_.ExpectObject(value, path, {"anyOf", "when", "note"})) {
      return std::nullopt;
    }
    const JsonPath list(path, "anyOf");
    if (!reader_.ExpectList(*any_of, list, kMaxAlternatives, "alternatives")) {
      return std::nullopt;
    }
    if (any_of->items().empty()) {
      reader_.Add(relations_codes::kTarget, list, *any_of,
                  "give at least one alternative");
    }
    for (size_t i = 0; i < any_of->items().size(); ++i) {
      auto alternative =
          ReadAlternative(any_of->items()[i], JsonPath(list, i), false);
      if (alternative.has_value()) {
        requirement.any_of.push_back(*std::move(alternative));
      }
    }
  } else {
    auto alternative = ReadAlternative(value, path, true);
    if (alternative.has_value()) {
      requirement.any_of.push_back(*std::move(alternative));
    }
  }
  if (const JsonValue* when = value.Find("when")) {
    const JsonPath list(path, "when");
    if (reader_.ExpectList(*when, list, kMaxConditions, "conditions")) {
      for (size_t i = 0; i < when->items().size(); ++i) {
        auto condition = ReadCondition(when->items()[i], JsonPath(list, i));
        if (condition.has_value()) {
          requirement.when.push_back(*std::move(condition));
        }
      }
    }
  }
  if (const JsonValue* note = value.Find("note")) {
    requirement.note =
        reader_.Text(*note, JsonPath(path, "note"), kMaxNoteBytes).value_or("");
  }
  if (reader_.faults().size() != faults) return std::nullopt;
  return requirement;
}

std::optional<WrittenAlternative> RequirementReader::ReadAlternative(
    const JsonValue& value, const JsonPath& path, bool in_place) {
  const bool known =
      in_place
          ? reader_.ExpectObject(
                value, path,
                {"package", "capability", "fact", "versions", "features", "own",
                 "set", "bind", "when", "note"})
          : reader_.ExpectObject(value, path,
                                 {"package", "capability", "fact", "versions",
                                  "features", "own", "set", "bind"});
  if (!known) return std::nullopt;
  auto target = ReadNamed(value, path, {"package", "capability", "fact"});
  if (!target.has_value()) return std::nullopt;
  const size_t faults = reader_.faults().size();
  WrittenAlternative alternative;
  alternative.target = *std::move(target);
  const TargetKind kind = alternative.target.kind;
  CheckOther(alternative.target, value, path);
  const auto allowed = [&](absl::string_view name, bool with_kind) {
    const JsonValue* member = value.Find(name);
    if (member == nullptr || with_kind) return member;
    reader_.Add(relations_codes::kTarget, JsonPath(path, name), *member,
                absl::StrCat(name, " is not allowed with ", KindWord(kind)));
    return static_cast<const JsonValue*>(nullptr);
  };
  const bool is_fact = kind == TargetKind::kFact;
  if (const auto* features =
          allowed("features", kind == TargetKind::kPackage)) {
    const JsonPath list(path, "features");
    if (reader_.ExpectList(*features, list, kMaxFeatures, "features")) {
      for (size_t i = 0; i < features->items().size(); ++i) {
        auto name = reader_.Name(features->items()[i], JsonPath(list, i),
                                 RelationsName::kFeature);
        if (name.has_value()) alternative.features.push_back(*std::move(name));
      }
    }
  }
  if (const auto* own = allowed("own", !is_fact)) {
    alternative.own = reader_.Bool(*own, JsonPath(path, "own")).value_or(false);
  }
  if (const JsonValue* set = value.Find("set")) {
    alternative.set = reader_.Settings(*set, JsonPath(path, "set"));
  }
  if (const auto* bind = allowed("bind", !is_fact)) {
    ReadBindings(*bind, JsonPath(path, "bind"), &alternative.bind);
  }
  if (reader_.faults().size() != faults) return std::nullopt;
  return alternative;
}

// The one of `kinds` that `value` names, with its range.
std::optional<WrittenTarget> RequirementReader::ReadNamed(
    const JsonValue& value, const JsonPath& path,
    std::initializer_list<absl::string_view> kinds) {
  absl::string_view kind;
  for (const absl::string_view candidate : kinds) {
    if (value.Find(candidate) == nullptr) continue;
    if (!kind.empty()) {
      kind = "";
      break;
    }
    kind = candidate;
  }
  if (kind.empty()) {
    reader_.Add(
        relations_codes::kTarget, path, value,
        absl::StrCat("give exactly one of ", absl::StrJoin(kinds, ", ")));
    return std::nullopt;
  }
  WrittenTarget target;
  const JsonValue& name = *value.Find(kind);
  const JsonPath name_path(path, kind);
  if (!reader_.Expect(name, Kind::kString, name_path)) return std::nullopt;
  bool fits = true;
  if (kind == "fact") {
    target.kind = TargetKind::kFact;
    fits = reader_.CheckFact(name.text(), name, name_path);
  } else if (kind == "capability") {
    target.kind = TargetKind::kCapability;
    fits = reader_.CheckName(name.text(), name, name_path,
                             RelationsName::kCapability);
  } else {
    fits = reader_.CheckName(name.text(), name, name_path,
                             RelationsName::kPackage);
  }
  target.name = name.text();
  if (const JsonValue* versions = value.Find("versions")) {
    auto range = reader_.Range(*versions, JsonPath(path, "versions"));
    fits = fits && range.has_value();
    if (range.has_value()) target.versions = *std::move(range);
  }
  if (!fits) return std::nullopt;
  return target;
}

std::optional<WrittenTarget> RequirementReader::ReadTarget(
    const JsonValue& value, const JsonPath& path) {
  if (!reader_.ExpectObject(value, path,
                            {"package", "capability", "versions"})) {
    return std::nullopt;
  }
  return ReadNamed(value, path, {"package", "capability"});
}

bool RequirementReader::CheckOther(const WrittenTarget& target,
                                   const JsonValue& at, const JsonPath& path) {
  if (target.kind != TargetKind::kPackage || target.name != self_) return true;
  reader_.Add(relations_codes::kSelf, path, at,
              absl::StrCat(self_, " requires itself"));
  return false;
}

void RequirementReader::ReadBindings(const JsonValue& value,
                                     const JsonPath& path,
                                     std::vector<WrittenBinding>* out) {
  if (!reader_.ExpectList(value, path, kMaxBindings, "bindings")) return;
  for (size_t i = 0; i < value.items().size(); ++i) {
    auto binding = ReadBinding(value.items()[i], JsonPath(path, i));
    if (binding.has_value()) out->push_back(*std::move(binding));
  }
}

std::optional<WrittenBinding> RequirementReader::ReadBinding(
    const JsonValue& value, const JsonPath& path) {
  if (!reader_.ExpectObject(value, path, {"output", "option", "join"})) {
    return std::nullopt;
  }
  for (const absl::string_view name : {"output", "option"}) {
    if (value.Find(name) != nullptr) continue;
    reader_.Add(relations_codes::kSyntax, path, value, MissingMemberText(name));
    return std::nullopt;
  }
  auto output = reader_.Name(*value.Find("output"), JsonPath(path, "output"),
                             RelationsName::kOutput);
  auto option =
      reader_.Pointer(*value.Find("option"), JsonPath(path, "option"));
  if (!output.has_value() || !option.has_value()) return std::nullopt;
  WrittenBinding binding;
  binding.output = *std::move(output);
  binding.option = *std::move(option);
  if (const JsonValue* join = value.Find("join")) {
    binding.join = reader_.Text(*join, JsonPath(path, "join"), kMaxJoinBytes);
  }
  return binding;
}

std::optional<WrittenCondition> RequirementReader::ReadCondition(
    const JsonValue& value, const JsonPath& path) {
  if (!reader_.Expect(value, Kind::kObject, path)) return std::nullopt;
  if (value.Find("option") != nullptr) {
    auto condition = ReadOptionCondition(value, path);
    if (!condition.has_value()) return std::nullopt;
    return WrittenCondition(*std::move(condition));
  }
  if (!reader_.ExpectObject(value, path,
                            {"package", "capability", "fact", "versions"})) {
    return std::nullopt;
  }
  auto target = ReadNamed(value, path, {"package", "capability", "fact"});
  if (!target.has_value()) return std::nullopt;
  return WrittenCondition(*std::move(target));
}

std::optional<OptionCondition> RequirementReader::ReadOptionCondition(
    const JsonValue& value, const JsonPath& path) {
  if (!reader_.ExpectObject(value, path,
                            {"option", "equals", "notEquals", "set"})) {
    return std::nullopt;
  }
  const JsonValue* equals = value.Find("equals");
  const JsonValue* not_equals = value.Find("notEquals");
  const JsonValue* set = value.Find("set");
  if ((equals != nullptr) + (not_equals != nullptr) + (set != nullptr) != 1) {
    reader_.Add(relations_codes::kTarget, path, value,
                "give exactly one of equals, notEquals, set");
    return std::nullopt;
  }
  auto pointer =
      reader_.Pointer(*value.Find("option"), JsonPath(path, "option"));
  if (!pointer.has_value()) return std::nullopt;
  OptionCondition condition;
  condition.option = *std::move(pointer);
  if (set != nullptr) {
    const auto given = reader_.Bool(*set, JsonPath(path, "set"));
    if (!given.has_value()) return std::nullopt;
    condition.test =
        *given ? OptionCondition::Test::kSet : OptionCondition::Test::kUnset;
    return condition;
  }
  const bool equal = equals != nullptr;
  condition.test = equal ? OptionCondition::Test::kEquals
                         : OptionCondition::Test::kNotEquals;
  auto scalar = reader_.Scalar(equal ? *equals : *not_equals,
                               JsonPath(path, equal ? "equals" : "notEquals"));
  if (!scalar.has_value()) return std::nullopt;
  reader_.option_uses().back().value = *scalar;
  condition.value = *std::move(scalar);
  return condition;
}

}  // namespace orrery::registry
