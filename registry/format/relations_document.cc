#include "registry/format/relations_document.h"

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"

#include "registry/format/json_parse.h"
#include "registry/format/relations_requirement.h"
#include "resolver/requirement_text.h"

namespace orrery::registry {
namespace {

using resolver::PrereleaseGate;
using resolver::WrittenClaim;
using resolver::WrittenFeature;
using resolver::WrittenProvide;
using resolver::WrittenTarget;
using Kind = JsonValue::Kind;

constexpr int kMaxDepth = 16;
constexpr size_t kMaxRequirements = 64;
constexpr size_t kMaxFeatureRequirements = 16;
constexpr size_t kMaxProvides = 32;
constexpr size_t kMaxFeatures = 16;
constexpr size_t kMaxTargets = 64;
constexpr size_t kMaxClaims = 32;
constexpr size_t kMaxClaimBytes = 128;
constexpr size_t kMaxPlatform = 16;
constexpr size_t kMaxDescriptionBytes = 200;
constexpr size_t kMaxLabelParts = 32;

class DocumentReader {
 public:
  DocumentReader(const RelationsPlace& place, RelationsReader* reader)
      : place_(place), reader_(*reader), requirements_(place.package, reader) {}

  RelationsDocument Read(const JsonValue& root);

 private:
  void ReadMember(absl::string_view name, const JsonValue& value,
                  const JsonPath& path);
  void ReadSelector(const JsonValue& value, const JsonPath& path);
  void ReadProvides(const JsonValue& value, const JsonPath& path);
  void ReadProvide(const JsonValue& value, const JsonPath& path);
  bool ReadProvidedVersion(const JsonValue& value, const JsonPath& path,
                           WrittenProvide* out);
  void ReadFeatures(const JsonValue& value, const JsonPath& path);
  WrittenFeature ReadFeature(const JsonValue& value, const JsonPath& path,
                             absl::string_view name);
  void ReadTargets(const JsonValue& value, const JsonPath& path, bool others,
                   std::vector<WrittenTarget>* out);
  void ReadClaims(const JsonValue& value, const JsonPath& path);
  std::optional<WrittenClaim> ReadClaim(const JsonValue& value,
                                        const JsonPath& path);
  std::optional<WrittenClaim> ReadClaimText(const JsonValue& value,
                                            const JsonPath& path);
  void ReadPlatform(const JsonValue& value, const JsonPath& path);

  const RelationsPlace& place_;
  RelationsReader& reader_;
  RequirementReader requirements_;
  RelationsDocument document_;
};

RelationsDocument DocumentReader::Read(const JsonValue& root) {
  const JsonPath path;
  reader_.ExpectObject(
      root, path,
      {"schema", "releases", "requires", "provides", "outputs", "features",
       "conflicts", "bounds", "claims", "singleton", "platform"});
  // What is provided names outputs.
  if (const JsonValue* outputs = root.Find("outputs")) {
    document_.outputs =
        ReadOutputs(*outputs, JsonPath(path, "outputs"), &reader_);
  }
  for (const JsonValue::Member& member : root.members()) {
    ReadMember(member.name, member.value, JsonPath(path, member.name));
  }
  document_.option_uses = std::move(reader_.option_uses());
  document_.port_uses = std::move(reader_.port_uses());
  return std::move(document_);
}

void DocumentReader::ReadMember(absl::string_view name, const JsonValue& value,
                                const JsonPath& path) {
  resolver::WrittenRelations& relations = document_.relations;
  if (name == "schema") {
    if (reader_.Expect(value, Kind::kNumber, path) && value.AsInteger() != 1) {
      reader_.Add(relations_codes::kSyntax, path, value,
                  absl::StrCat("expected 1, found ", Shown(value.text())));
    }
  } else if (name == "releases") {
    ReadSelector(value, path);
  } else if (name == "requires") {
    relations.requirements =
        requirements_.ReadRequirements(value, path, kMaxRequirements, "");
  } else if (name == "provides") {
    ReadProvides(value, path);
  } else if (name == "features") {
    ReadFeatures(value, path);
  } else if (name == "conflicts") {
    ReadTargets(value, path, /*others=*/false, &relations.conflicts);
  } else if (name == "bounds") {
    ReadTargets(value, path, /*others=*/true, &relations.bounds);
  } else if (name == "claims") {
    ReadClaims(value, path);
  } else if (name == "singleton") {
    relations.singleton = reader_.Bool(value, path).value_or(false);
  } else if (name == "platform") {
    ReadPlatform(value, path);
  }
}

void DocumentReader::ReadSelector(const JsonValue& value,
                                  const JsonPath& path) {
  if (!place_.in_overlay) {
    reader_.Add(relations_codes::kSelector, path, value,
                "only overlay files select releases");
    return;
  }
  auto range = reader_.Range(value, path);
  if (!range.has_value()) return;
  if (place_.version.has_value() &&
      !range->Contains(*place_.version, static_cast<uint64_t>(place_.release),
                       PrereleaseGate::kOpen)) {
    reader_.Add(relations_codes::kSelector, path, value,
                absl::StrCat("does not select release ", place_.release));
  }
  document_.relations.releases = *std::move(range);
}

void DocumentReader::ReadProvides(const JsonValue& value,
                                  const JsonPath& path) {
  if (!reader_.ExpectList(value, path, kMaxProvides, "provides")) return;
  for (size_t i = 0; i < value.items().size(); ++i) {
    ReadProvide(value.items()[i], JsonPath(path, i));
  }
}

void DocumentReader::ReadProvide(const JsonValue& value, const JsonPath& path) {
  if (!reader_.ExpectObject(value, path,
                            {"capability", "version", "outputs"})) {
    return;
  }
  WrittenProvide provide;
  const JsonValue* capability = value.Find("capability");
  if (capability == nullptr) {
    reader_.Add(relations_codes::kSyntax, path, value,
                MissingMemberText("capability"));
    return;
  }
  auto name = reader_.Name(*capability, JsonPath(path, "capability"),
                           RelationsName::kCapability);
  if (!name.has_value()) return;
  provide.capability = *std::move(name);
  const JsonValue* version = value.Find("version");
  if (version != nullptr &&
      !ReadProvidedVersion(*version, JsonPath(path, "version"), &provide)) {
    return;
  }
  if (const JsonValue* outputs = value.Find("outputs")) {
    const JsonPath list(path, "outputs");
    if (!reader_.Expect(*outputs, Kind::kArray, list)) return;
    for (size_t i = 0; i < outputs->items().size(); ++i) {
      const JsonPath place(list, i);
      auto output =
          reader_.Name(outputs->items()[i], place, RelationsName::kOutput);
      if (!output.has_value()) continue;
      if (!document_.outputs.contains(*output)) {
        reader_.Add(relations_codes::kOutput, place, outputs->items()[i],
                    absl::StrCat("no output ", Shown(*output)));
        continue;
      }
      provide.outputs.push_back(*std::move(output));
    }
  }
  document_.relations.provides.push_back(std::move(provide));
}

bool DocumentReader::ReadProvidedVersion(const JsonValue& value,
                                         const JsonPath& path,
                                         WrittenProvide* out) {
  if (value.is_object()) {
    if (!reader_.ExpectObject(value, path, {"part"})) return false;
    const JsonValue* part = value.Find("part");
    const std::optional<int64_t> number =
        part == nullptr ? std::nullopt : part->AsInteger();
    if (!number.has_value()) {
      reader_.Add(relations_codes::kSyntax, path, value,
                  "expected the number of a part");
      return false;
    }
    if (*number < 1 || *number > static_cast<int64_t>(kMaxLabelParts)) {
      reader_.Add(relations_codes::kLimit, JsonPath(path, "part"), *part,
                  absl::StrCat("part ", *number, ", 1 to ", kMaxLabelParts));
      return false;
    }
    out->version = static_cast<uint32_t>(*number);
    return true;
  }
  if (!reader_.Expect(value, Kind::kString, path)) return false;
  absl::StatusOr<resolver::Version> version =
      resolver::Version::Parse(value.text());
  if (!version.ok()) {
    reader_.Add(relations_codes::kName, path, value,
                absl::StrCat(Shown(value.text()), " is not a label name"));
    return false;
  }
  out->version = *std::move(version);
  return true;
}

void DocumentReader::ReadFeatures(const JsonValue& value,
                                  const JsonPath& path) {
  if (!reader_.ExpectMap(value, path, kMaxFeatures, "features")) return;
  for (const JsonValue::Member& member : value.members()) {
    const JsonPath place(path, member.name);
    if (!reader_.CheckName(member.name, member.value, place,
                           RelationsName::kFeature)) {
      continue;
    }
    document_.relations.features[member.name] =
        ReadFeature(member.value, place, member.name);
  }
}

WrittenFeature DocumentReader::ReadFeature(const JsonValue& value,
                                           const JsonPath& path,
                                           absl::string_view name) {
  WrittenFeature feature;
  if (!reader_.ExpectObject(value, path,
                            {"options", "requires", "description"})) {
    return feature;
  }
  if (const JsonValue* options = value.Find("options")) {
    feature.options = reader_.Settings(*options, JsonPath(path, "options"));
  }
  if (const JsonValue* list = value.Find("requires")) {
    feature.requirements = requirements_.ReadRequirements(
        *list, JsonPath(path, "requires"), kMaxFeatureRequirements, name);
  }
  if (const JsonValue* text = value.Find("description")) {
    feature.description =
        reader_.Text(*text, JsonPath(path, "description"), kMaxDescriptionBytes)
            .value_or("");
  }
  return feature;
}

void DocumentReader::ReadTargets(const JsonValue& value, const JsonPath& path,
                                 bool others, std::vector<WrittenTarget>* out) {
  if (!reader_.ExpectList(value, path, kMaxTargets, "targets")) return;
  for (size_t i = 0; i < value.items().size(); ++i) {
    const JsonPath place(path, i);
    auto target = requirements_.ReadTarget(value.items()[i], place);
    if (!target.has_value()) continue;
    if (others && !requirements_.CheckOther(*target, value.items()[i], place)) {
      continue;
    }
    out->push_back(*std::move(target));
  }
}

void DocumentReader::ReadClaims(const JsonValue& value, const JsonPath& path) {
  if (!reader_.ExpectList(value, path, kMaxClaims, "claims")) return;
  std::vector<size_t> places;
  std::vector<WrittenClaim>& claims = document_.relations.claims;
  for (size_t i = 0; i < value.items().size(); ++i) {
    const JsonPath place(path, i);
    auto claim = ReadClaim(value.items()[i], place);
    if (!claim.has_value()) continue;
    const auto same = std::find_if(
        claims.begin(), claims.end(), [&](const WrittenClaim& other) {
          return other.text == claim->text && other.option == claim->option;
        });
    if (same != claims.end()) {
      const size_t index = places[static_cast<size_t>(same - claims.begin())];
      reader_.Add(relations_codes::kDuplicate, place, value.items()[i],
                  absl::StrCat("same as ", JsonPath(path, index).Pointer()));
      continue;
    }
    places.push_back(i);
    claims.push_back(*std::move(claim));
  }
}

std::optional<WrittenClaim> DocumentReader::ReadClaim(const JsonValue& value,
                                                      const JsonPath& path) {
  if (value.is_string()) return ReadClaimText(value, path);
  if (!reader_.ExpectObject(value, path, {"kind", "option"})) {
    return std::nullopt;
  }
  for (const absl::string_view name : {"kind", "option"}) {
    if (value.Find(name) != nullptr) continue;
    reader_.Add(relations_codes::kSyntax, path, value, MissingMemberText(name));
    return std::nullopt;
  }
  auto kind = reader_.Name(*value.Find("kind"), JsonPath(path, "kind"),
                           RelationsName::kClaim);
  auto option =
      reader_.Pointer(*value.Find("option"), JsonPath(path, "option"));
  if (!kind.has_value() || !option.has_value()) return std::nullopt;
  return WrittenClaim{*std::move(kind), *std::move(option)};
}

std::optional<WrittenClaim> DocumentReader::ReadClaimText(
    const JsonValue& value, const JsonPath& path) {
  auto text = reader_.Text(value, path, kMaxClaimBytes);
  if (!text.has_value()) return std::nullopt;
  const size_t colon = text->find(':');
  if (colon == std::string::npos || colon + 1 == text->size()) {
    reader_.Add(relations_codes::kName, path, value,
                absl::StrCat(Shown(*text), " is not a claim name"));
    return std::nullopt;
  }
  if (!reader_.CheckName(absl::string_view(*text).substr(0, colon), value, path,
                         RelationsName::kClaim)) {
    return std::nullopt;
  }
  return WrittenClaim{*std::move(text), std::nullopt};
}

void DocumentReader::ReadPlatform(const JsonValue& value,
                                  const JsonPath& path) {
  if (!reader_.ExpectMap(value, path, kMaxPlatform, "facts")) return;
  for (const JsonValue::Member& member : value.members()) {
    const JsonPath place(path, member.name);
    const bool named = reader_.CheckFact(member.name, member.value, place);
    auto range = reader_.Range(member.value, place);
    if (named && range.has_value()) {
      document_.relations.platform[member.name] = *std::move(range);
    }
  }
}

void AddUnreadable(const absl::Status& status, ParsedRelations* parsed) {
  const auto place = FaultPlace(status);
  parsed->faults.push_back({relations_codes::kSyntax, "",
                            place.has_value() ? place->line : 1,
                            absl::StrCat("not JSON: ", status.message())});
}

std::string TargetMention(const WrittenTarget& target) {
  return absl::StrCat(
      "needs ", target.kind == resolver::TargetKind::kCapability ? "cap:" : "",
      target.name);
}

void AddMentions(const std::vector<resolver::WrittenRequirement>& requirements,
                 std::set<std::string>* out) {
  for (const auto& requirement : requirements) {
    for (const auto& alternative : requirement.any_of) {
      out->insert(TargetMention(alternative.target));
    }
    for (const auto& condition : requirement.when) {
      if (const auto* target = std::get_if<WrittenTarget>(&condition)) {
        out->insert(TargetMention(*target));
      }
    }
  }
}

}  // namespace

ParsedRelations ParseRelations(absl::string_view text,
                               const RelationsPlace& place) {
  ParsedRelations parsed;
  JsonLimits limits;
  limits.max_depth = kMaxDepth;
  const absl::StatusOr<JsonDocument> json = ParseJson(text, limits);
  if (!json.ok()) {
    AddUnreadable(json.status(), &parsed);
    return parsed;
  }
  if (json->had_bom) {
    parsed.faults.push_back({relations_codes::kSyntax, "", 1,
                             "not JSON: it begins with a byte-order mark"});
    return parsed;
  }
  RelationsReader reader(text);
  for (const DuplicateKey& duplicate : json->duplicates) {
    const size_t step = duplicate.pointer.rfind('/');
    reader.faults().push_back(
        {relations_codes::kSyntax, duplicate.pointer, duplicate.second_line,
         absl::StrCat("duplicate member ",
                      Shown(duplicate.pointer.substr(
                          step == std::string::npos ? 0 : step + 1)))});
  }
  const JsonPath root;
  if (!reader.Expect(json->root, Kind::kObject, root)) {
    parsed.faults = std::move(reader.faults());
    return parsed;
  }
  parsed.document = DocumentReader(place, &reader).Read(json->root);
  parsed.faults = std::move(reader.faults());
  std::stable_sort(parsed.faults.begin(), parsed.faults.end(),
                   [](const RelationsFault& a, const RelationsFault& b) {
                     return a.line < b.line;
                   });
  return parsed;
}

std::vector<std::string> RequirementTexts(
    const resolver::WrittenRelations& relations) {
  std::vector<std::string> texts;
  for (const auto& requirement : relations.requirements) {
    texts.push_back(resolver::RequirementText(requirement));
  }
  for (const auto& [name, feature] : relations.features) {
    for (const auto& requirement : feature.requirements) {
      texts.push_back(resolver::RequirementText(requirement, name));
    }
  }
  std::sort(texts.begin(), texts.end());
  return texts;
}

std::vector<std::string> RelationMentions(
    const resolver::WrittenRelations& relations) {
  std::set<std::string> mentions;
  AddMentions(relations.requirements, &mentions);
  for (const auto& [name, feature] : relations.features) {
    AddMentions(feature.requirements, &mentions);
  }
  for (const auto& [fact, range] : relations.platform) {
    mentions.insert(absl::StrCat("needs ", fact));
  }
  for (const WrittenProvide& provide : relations.provides) {
    mentions.insert(absl::StrCat("provides ", provide.capability));
  }
  return {mentions.begin(), mentions.end()};
}

}  // namespace orrery::registry
