#include "registry/format/relations_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "registry/format/canonical_json.h"
#include "registry/format/json_parse.h"
#include "resolver/package_name.h"

namespace orrery::registry {
namespace {

using Kind = JsonValue::Kind;

constexpr size_t kMaxFaults = 100;
constexpr size_t kMaxNameBytes = 64;
constexpr size_t kMaxPointerBytes = 256;
constexpr size_t kMaxSettings = 16;

absl::string_view NameWord(RelationsName kind) {
  switch (kind) {
    case RelationsName::kPackage:
      return "package";
    case RelationsName::kCapability:
      return "capability";
    case RelationsName::kFeature:
      return "feature";
    case RelationsName::kOutput:
      return "output";
    case RelationsName::kClaim:
      return "claim";
  }
  return "";
}

// resolver.md §1.5.
bool IsFact(absl::string_view name) {
  constexpr absl::string_view kFacts[] = {"@kind",    "@orchestrator", "@dcos",
                                          "@edition", "@security",     "@java"};
  constexpr absl::string_view kFeatures[] = {
      "containers",       "jobs",         "volumes",        "external-volumes",
      "secrets",          "gpu",          "stable-address", "fixed-ports",
      "virtual-networks", "public-nodes", "dcos-zookeeper"};
  if (std::find(std::begin(kFacts), std::end(kFacts), name) !=
      std::end(kFacts)) {
    return true;
  }
  if (absl::ConsumePrefix(&name, "@feature:")) {
    return std::find(std::begin(kFeatures), std::end(kFeatures), name) !=
           std::end(kFeatures);
  }
  return absl::ConsumePrefix(&name, "@label:") && !name.empty() &&
         name.size() <= kMaxNameBytes &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isgraph(static_cast<unsigned char>(c));
         });
}

}  // namespace

// `[a-z][a-z0-9-]*[a-z0-9]`.
bool IsRelationsName(absl::string_view name) {
  const auto is_end = [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c);
  };
  return name.size() >= 2 && name.size() <= kMaxNameBytes &&
         absl::ascii_islower(name.front()) && is_end(name.back()) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return is_end(c) || c == '-'; });
}

void RelationsReader::Add(absl::string_view code, const JsonPath& path,
                          const JsonValue& at, std::string text) {
  if (faults_.size() >= kMaxFaults) return;
  faults_.push_back(
      {std::string(code), path.Pointer(), LineOf(at), std::move(text)});
}

int RelationsReader::LineOf(const JsonValue& value) const {
  return PlaceAt(text_, value.offset()).line;
}

bool RelationsReader::Expect(const JsonValue& value, Kind kind,
                             const JsonPath& path) {
  if (value.kind() != kind) {
    Add(relations_codes::kSyntax, path, value,
        absl::StrCat("expected ", KindName(kind), ", found ",
                     KindName(value.kind())));
    return false;
  }
  if (IsUtf8(value.text())) return true;
  Add(relations_codes::kSyntax, path, value,
      "not JSON: an escaped surrogate without its partner");
  return false;
}

bool RelationsReader::ExpectObject(
    const JsonValue& value, const JsonPath& path,
    std::initializer_list<absl::string_view> known) {
  if (!Expect(value, Kind::kObject, path)) return false;
  bool fits = true;
  for (const JsonValue::Member& member : value.members()) {
    if (std::find(known.begin(), known.end(), member.name) != known.end()) {
      continue;
    }
    fits = false;
    Add(relations_codes::kSyntax, JsonPath(path, member.name), member.value,
        absl::StrCat("unknown member ", Shown(member.name)));
  }
  return fits;
}

bool RelationsReader::ExpectList(const JsonValue& value, const JsonPath& path,
                                 size_t most, absl::string_view noun) {
  if (!Expect(value, Kind::kArray, path)) return false;
  if (value.items().size() <= most) return true;
  Add(relations_codes::kLimit, path, value,
      absl::StrCat(value.items().size(), " ", noun, ", at most ", most));
  return false;
}

bool RelationsReader::ExpectMap(const JsonValue& value, const JsonPath& path,
                                size_t most, absl::string_view noun) {
  if (!Expect(value, Kind::kObject, path)) return false;
  if (value.members().size() <= most) return true;
  Add(relations_codes::kLimit, path, value,
      absl::StrCat(value.members().size(), " ", noun, ", at most ", most));
  return false;
}

std::optional<bool> RelationsReader::Bool(const JsonValue& value,
                                          const JsonPath& path) {
  if (!Expect(value, Kind::kBool, path)) return std::nullopt;
  return value.bool_value();
}

std::optional<std::string> RelationsReader::Text(const JsonValue& value,
                                                 const JsonPath& path,
                                                 size_t most) {
  if (!Expect(value, Kind::kString, path)) return std::nullopt;
  if (value.text().size() <= most) return value.text();
  Add(relations_codes::kLimit, path, value,
      absl::StrCat(value.text().size(), " bytes, at most ", most));
  return std::nullopt;
}

std::optional<std::string> RelationsReader::Name(const JsonValue& value,
                                                 const JsonPath& path,
                                                 RelationsName kind) {
  if (!Expect(value, Kind::kString, path) ||
      !CheckName(value.text(), value, path, kind)) {
    return std::nullopt;
  }
  return value.text();
}

bool RelationsReader::CheckName(absl::string_view name, const JsonValue& at,
                                const JsonPath& path, RelationsName kind) {
  if (kind == RelationsName::kPackage ? resolver::PackageName::Parse(name).ok()
                                      : IsRelationsName(name)) {
    return true;
  }
  Add(relations_codes::kName, path, at,
      absl::StrCat(Shown(name), " is not a ", NameWord(kind), " name"));
  return false;
}

bool RelationsReader::CheckFact(absl::string_view name, const JsonValue& at,
                                const JsonPath& path) {
  if (IsFact(name)) return true;
  Add(relations_codes::kName, path, at,
      absl::StrCat(Shown(name), " is not a fact name"));
  return false;
}

std::optional<resolver::VersionRange> RelationsReader::Range(
    const JsonValue& value, const JsonPath& path) {
  if (!Expect(value, Kind::kString, path)) return std::nullopt;
  absl::StatusOr<resolver::VersionRange> range =
      resolver::VersionRange::Parse(value.text());
  if (range.ok()) return *std::move(range);
  Add(relations_codes::kRange, path, value,
      std::string(range.status().message()));
  return std::nullopt;
}

std::optional<resolver::Scalar> RelationsReader::Scalar(const JsonValue& value,
                                                        const JsonPath& path) {
  if (value.is_string() && !Expect(value, Kind::kString, path)) return {};
  if (!value.is_array() && !value.is_object()) return CanonicalJson(value);
  Add(relations_codes::kSyntax, path, value,
      absl::StrCat("expected a scalar, found ", KindName(value.kind())));
  return std::nullopt;
}

bool RelationsReader::CheckPointer(absl::string_view pointer,
                                   const JsonValue& at, const JsonPath& path) {
  bool fits = absl::StartsWith(pointer, "/") && IsUtf8(pointer);
  for (size_t i = pointer.find('~'); fits && i != absl::string_view::npos;
       i = pointer.find('~', i + 1)) {
    fits = i + 1 < pointer.size() &&
           (pointer[i + 1] == '0' || pointer[i + 1] == '1');
  }
  if (!fits) {
    Add(relations_codes::kName, path, at,
        absl::StrCat(Shown(pointer), " is not a pointer name"));
    return false;
  }
  if (pointer.size() <= kMaxPointerBytes) return true;
  Add(relations_codes::kLimit, path, at,
      absl::StrCat(pointer.size(), " bytes, at most ", kMaxPointerBytes));
  return false;
}

std::optional<resolver::OptionPointer> RelationsReader::Pointer(
    const JsonValue& value, const JsonPath& path) {
  if (!Expect(value, Kind::kString, path) ||
      !CheckPointer(value.text(), value, path)) {
    return std::nullopt;
  }
  option_uses_.push_back({path.Pointer(), LineOf(value), value.text()});
  return value.text();
}

std::map<resolver::OptionPointer, resolver::Scalar> RelationsReader::Settings(
    const JsonValue& value, const JsonPath& path) {
  std::map<resolver::OptionPointer, resolver::Scalar> settings;
  if (!ExpectMap(value, path, kMaxSettings, "options")) return settings;
  for (const JsonValue::Member& member : value.members()) {
    const JsonPath place(path, member.name);
    if (!CheckPointer(member.name, member.value, place)) continue;
    const auto scalar = Scalar(member.value, place);
    if (!scalar.has_value()) continue;
    option_uses_.push_back(
        {place.Pointer(), LineOf(member.value), member.name, *scalar});
    settings[member.name] = *scalar;
  }
  return settings;
}

}  // namespace orrery::registry
