#include "registry/format/config_document.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

#include "registry/format/config_pattern.h"
#include "resolver/spelling.h"

namespace orrery::registry {
namespace {

using Kind = JsonValue::Kind;

constexpr size_t kMaxRemarks = 1000;
// Different ones of a document; a stranger's further ones are not worth the
// time to compile them.
constexpr size_t kMaxPatterns = 500;

// Visits every schema inside a schema, and each of its keywords.
class SchemaWalk {
 public:
  void Root(const JsonValue& root) {
    Schema(root, JsonPath());
    if (!root.is_object()) return;
    const JsonPath path;
    if (root.FindString("type") != "object") {
      const JsonValue* type = root.Find("type");
      Remark(rules::kConfigRootType,
             type == nullptr ? path : JsonPath(path, "type"),
             type == nullptr ? root : *type,
             "the root should have type \"object\"");
    }
    const JsonValue* schema = root.Find("$schema");
    if (schema != nullptr && schema->is_string() &&
        absl::StripSuffix(schema->text(), "#") !=
            "http://json-schema.org/draft-04/schema") {
      Remark(rules::kConfigSchemaUri, JsonPath(path, "$schema"), *schema,
             absl::StrCat(Shown(schema->text()),
                          " is not the URI of draft-04, "
                          "http://json-schema.org/draft-04/schema#; the schema "
                          "is read as draft-04 all the same"));
    }
  }

  std::vector<SchemaRemark> Take() {
    for (DocumentFault& fault : faults_.Take()) {
      remarks_.push_back({rules::kSchemaConfig, std::move(fault)});
    }
    return std::move(remarks_);
  }

 private:
  using Check = void (SchemaWalk::*)(const JsonValue&, const JsonPath&);
  struct Keyword {
    absl::string_view name;
    Check check;
  };
  static const Keyword kKeywords[];

  void Remark(const Rule& rule, const JsonPath& path, const JsonValue& at,
              std::string text);

  static const Keyword* FindKeyword(absl::string_view name);
  static std::string NearestKeyword(absl::string_view name);

  void Schema(const JsonValue& value, const JsonPath& path);
  void UnknownKeyword(const JsonValue::Member& member, const JsonPath& path);
  void RequirePartner(const JsonValue& schema, absl::string_view name,
                      absl::string_view partner, const JsonPath& path);

  void Any(const JsonValue&, const JsonPath&) {}
  void Text(const JsonValue& value, const JsonPath& path) {
    ExpectKind(value, Kind::kString, path, &faults_);
  }
  void Boolean(const JsonValue& value, const JsonPath& path) {
    ExpectKind(value, Kind::kBool, path, &faults_);
  }
  void Number(const JsonValue& value, const JsonPath& path) {
    ExpectKind(value, Kind::kNumber, path, &faults_);
  }
  void PositiveNumber(const JsonValue& value, const JsonPath& path);
  void Count(const JsonValue& value, const JsonPath& path);
  void Pattern(const JsonValue& value, const JsonPath& path);
  void CheckPattern(absl::string_view pattern, const JsonValue& at,
                    const JsonPath& path);
  void Type(const JsonValue& value, const JsonPath& path);
  void Enum(const JsonValue& value, const JsonPath& path);
  void Strings(const JsonValue& value, const JsonPath& path);
  void Schemas(const JsonValue& value, const JsonPath& path);
  void SchemaOrBoolean(const JsonValue& value, const JsonPath& path);
  void Items(const JsonValue& value, const JsonPath& path);
  void SchemaMap(const JsonValue& value, const JsonPath& path);
  void Properties(const JsonValue& value, const JsonPath& path);
  void PatternProperties(const JsonValue& value, const JsonPath& path);
  void Dependencies(const JsonValue& value, const JsonPath& path);
  void Reference(const JsonValue& value, const JsonPath& path);

  void TypeName(const JsonValue& value, const JsonPath& path);
  bool NonEmptyArray(const JsonValue& value, const JsonPath& path);
  void Unique(const JsonValue& array, const JsonPath& path);

  FaultList faults_;
  std::vector<SchemaRemark> remarks_;
  // What PatternFault says of each pattern met.
  absl::flat_hash_map<absl::string_view, std::string> pattern_faults_;
};

// The commonest first: they are looked up one after the other.
const SchemaWalk::Keyword SchemaWalk::kKeywords[] = {
    {"type", &SchemaWalk::Type},
    {"description", &SchemaWalk::Text},
    {"default", &SchemaWalk::Any},
    {"properties", &SchemaWalk::Properties},
    {"title", &SchemaWalk::Text},
    {"minimum", &SchemaWalk::Number},
    {"required", &SchemaWalk::Strings},
    {"media", &SchemaWalk::Any},
    {"enum", &SchemaWalk::Enum},
    {"additionalProperties", &SchemaWalk::SchemaOrBoolean},
    {"pattern", &SchemaWalk::Pattern},
    {"maximum", &SchemaWalk::Number},
    {"items", &SchemaWalk::Items},
    {"id", &SchemaWalk::Text},
    {"oneOf", &SchemaWalk::Schemas},
    {"dependencies", &SchemaWalk::Dependencies},
    {"allOf", &SchemaWalk::Schemas},
    {"anyOf", &SchemaWalk::Schemas},
    {"not", &SchemaWalk::Schema},
    {"minLength", &SchemaWalk::Count},
    {"maxLength", &SchemaWalk::Count},
    {"minItems", &SchemaWalk::Count},
    {"maxItems", &SchemaWalk::Count},
    {"uniqueItems", &SchemaWalk::Boolean},
    {"additionalItems", &SchemaWalk::SchemaOrBoolean},
    {"format", &SchemaWalk::Any},
    {"$schema", &SchemaWalk::Text},
    {"$ref", &SchemaWalk::Reference},
    {"definitions", &SchemaWalk::SchemaMap},
    {"patternProperties", &SchemaWalk::PatternProperties},
    {"minProperties", &SchemaWalk::Count},
    {"maxProperties", &SchemaWalk::Count},
    {"exclusiveMinimum", &SchemaWalk::Boolean},
    {"exclusiveMaximum", &SchemaWalk::Boolean},
    {"multipleOf", &SchemaWalk::PositiveNumber},
};

const SchemaWalk::Keyword* SchemaWalk::FindKeyword(absl::string_view name) {
  const auto* found = std::find_if(
      std::begin(kKeywords), std::end(kKeywords),
      [name](const Keyword& keyword) { return keyword.name == name; });
  return found == std::end(kKeywords) ? nullptr : found;
}

std::string SchemaWalk::NearestKeyword(absl::string_view name) {
  constexpr size_t kLongestWord = 64;
  if (name.size() > kLongestWord) return "";
  std::vector<std::string> known;
  for (const Keyword& keyword : kKeywords) known.emplace_back(keyword.name);
  const auto nearest = resolver::NearestWords(name, known, 1);
  return nearest.empty() ? "" : nearest[0];
}

void SchemaWalk::Remark(const Rule& rule, const JsonPath& path,
                        const JsonValue& at, std::string text) {
  if (remarks_.size() >= kMaxRemarks) return;
  remarks_.push_back({rule, {path.Pointer(), at.offset(), std::move(text)}});
}

void SchemaWalk::Schema(const JsonValue& value, const JsonPath& path) {
  if (!ExpectKind(value, Kind::kObject, path, &faults_)) return;
  for (const JsonValue::Member& member : value.members()) {
    const JsonPath place(path, member.name);
    if (const Keyword* keyword = FindKeyword(member.name)) {
      (this->*keyword->check)(member.value, place);
    } else {
      UnknownKeyword(member, place);
    }
  }
  RequirePartner(value, "exclusiveMinimum", "minimum", path);
  RequirePartner(value, "exclusiveMaximum", "maximum", path);
}

void SchemaWalk::RequirePartner(const JsonValue& schema, absl::string_view name,
                                absl::string_view partner,
                                const JsonPath& path) {
  const JsonValue* present = schema.Find(name);
  if (present != nullptr && schema.Find(partner) == nullptr) {
    faults_.Add(JsonPath(path, name), *present,
                absl::StrCat("means nothing without ", Shown(partner)));
  }
}

void SchemaWalk::UnknownKeyword(const JsonValue::Member& member,
                                const JsonPath& path) {
  if (remarks_.size() >= kMaxRemarks) return;
  std::string text =
      absl::StrCat("unknown keyword ", Shown(member.name), " has no effect");
  const std::string nearest = NearestKeyword(member.name);
  if (!nearest.empty()) {
    absl::StrAppend(&text, "; did you mean ", Shown(nearest), "?");
  }
  Remark(rules::kConfigUnknownKeyword, path, member.value, std::move(text));
}

void SchemaWalk::PositiveNumber(const JsonValue& value, const JsonPath& path) {
  if (!ExpectKind(value, Kind::kNumber, path, &faults_)) return;
  if (*value.AsDouble() <= 0) {
    faults_.Add(path, value, "expected a number above 0");
  }
}

void SchemaWalk::Count(const JsonValue& value, const JsonPath& path) {
  const std::optional<double> number = value.AsDouble();
  if (!number.has_value() || *number < 0 || std::trunc(*number) != *number) {
    faults_.Add(path, value, "expected an integer, 0 or more");
  }
}

void SchemaWalk::Pattern(const JsonValue& value, const JsonPath& path) {
  if (!ExpectKind(value, Kind::kString, path, &faults_)) return;
  CheckPattern(value.text(), value, path);
}

void SchemaWalk::CheckPattern(absl::string_view pattern, const JsonValue& at,
                              const JsonPath& path) {
  auto known = pattern_faults_.find(pattern);
  if (known == pattern_faults_.end()) {
    if (pattern_faults_.size() >= kMaxPatterns) return;
    known = pattern_faults_.emplace(pattern, PatternFault(pattern)).first;
  }
  if (!known->second.empty()) {
    Remark(rules::kConfigRegex, path, at, known->second);
  }
}

void SchemaWalk::TypeName(const JsonValue& value, const JsonPath& path) {
  constexpr absl::string_view kTypes[] = {
      "string", "object", "integer", "boolean", "number", "array", "null"};
  if (value.is_string() && std::find(std::begin(kTypes), std::end(kTypes),
                                     value.text()) != std::end(kTypes)) {
    return;
  }
  faults_.Add(path, value,
              absl::StrCat("expected the name of a JSON type, found ",
                           value.is_string() ? Shown(value.text())
                                             : KindName(value.kind())));
}

void SchemaWalk::Type(const JsonValue& value, const JsonPath& path) {
  if (!value.is_array()) return TypeName(value, path);
  NonEmptyArray(value, path);
  for (size_t i = 0; i < value.items().size(); ++i) {
    TypeName(value.items()[i], JsonPath(path, i));
  }
  Unique(value, path);
}

void SchemaWalk::Enum(const JsonValue& value, const JsonPath& path) {
  if (NonEmptyArray(value, path)) Unique(value, path);
}

bool SchemaWalk::NonEmptyArray(const JsonValue& value, const JsonPath& path) {
  if (!ExpectKind(value, Kind::kArray, path, &faults_)) return false;
  if (value.items().empty()) {
    faults_.Add(path, value, "expected at least one item");
  }
  return true;
}

void SchemaWalk::Unique(const JsonValue& array, const JsonPath& path) {
  absl::flat_hash_set<std::string> seen;
  for (size_t i = 0; i < array.items().size(); ++i) {
    const JsonValue& item = array.items()[i];
    if (!seen.insert(WriteJson(item)).second) {
      faults_.Add(JsonPath(path, i), item, "the same item stands here twice");
    }
  }
}

void SchemaWalk::Strings(const JsonValue& value, const JsonPath& path) {
  if (!NonEmptyArray(value, path)) return;
  for (size_t i = 0; i < value.items().size(); ++i) {
    ExpectKind(value.items()[i], Kind::kString, JsonPath(path, i), &faults_);
  }
  Unique(value, path);
}

void SchemaWalk::Schemas(const JsonValue& value, const JsonPath& path) {
  if (!NonEmptyArray(value, path)) return;
  for (size_t i = 0; i < value.items().size(); ++i) {
    Schema(value.items()[i], JsonPath(path, i));
  }
}

void SchemaWalk::SchemaOrBoolean(const JsonValue& value, const JsonPath& path) {
  if (!value.is_bool()) Schema(value, path);
}

void SchemaWalk::Items(const JsonValue& value, const JsonPath& path) {
  if (value.is_array()) {
    Schemas(value, path);
  } else {
    Schema(value, path);
  }
}

void SchemaWalk::SchemaMap(const JsonValue& value, const JsonPath& path) {
  if (!ExpectKind(value, Kind::kObject, path, &faults_)) return;
  for (const JsonValue::Member& member : value.members()) {
    Schema(member.value, JsonPath(path, member.name));
  }
}

void SchemaWalk::Properties(const JsonValue& value, const JsonPath& path) {
  SchemaMap(value, path);
  const JsonValue* inner = value.Find("properties");
  if (inner != nullptr && inner->Find("type") == nullptr &&
      inner->Find("default") == nullptr) {
    Remark(rules::kConfigDoubleProperties, JsonPath(path, "properties"), *inner,
           "an option called \"properties\" without type and default: probably "
           "one level too many, and what is inside gets no defaults");
  }
}

void SchemaWalk::PatternProperties(const JsonValue& value,
                                   const JsonPath& path) {
  SchemaMap(value, path);
  for (const JsonValue::Member& member : value.members()) {
    CheckPattern(member.name, member.value, JsonPath(path, member.name));
  }
}

void SchemaWalk::Dependencies(const JsonValue& value, const JsonPath& path) {
  if (!ExpectKind(value, Kind::kObject, path, &faults_)) return;
  for (const JsonValue::Member& member : value.members()) {
    const JsonPath place(path, member.name);
    if (member.value.is_array()) {
      Strings(member.value, place);
    } else {
      Schema(member.value, place);
    }
  }
}

void SchemaWalk::Reference(const JsonValue& value, const JsonPath& path) {
  if (value.is_string() && absl::StartsWith(value.text(), "#")) return;
  Remark(
      rules::kConfigRef, path, value,
      value.is_string()
          ? absl::StrCat(Shown(value.text()),
                         " leaves the document and is never followed")
          : absl::StrCat("expected a string, found ", KindName(value.kind())));
}

}  // namespace

std::vector<SchemaRemark> CheckConfigDocument(const JsonValue& root) {
  SchemaWalk walk;
  walk.Root(root);
  return walk.Take();
}

}  // namespace orrery::registry
