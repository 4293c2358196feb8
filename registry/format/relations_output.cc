#include "registry/format/relations_output.h"

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

#include "registry/format/json_parse.h"

namespace orrery::registry {
namespace {

using Kind = JsonValue::Kind;

constexpr size_t kMaxOutputs = 32;
constexpr size_t kMaxParts = 16;
constexpr size_t kMaxJoinBytes = 8;
constexpr size_t kMaxTextBytes = 256;

constexpr absl::string_view kTypes[] = {"string", "integer", "number",
                                        "boolean", "list"};
constexpr absl::string_view kServiceMembers[] = {
    "id", "dns", "package", "version", "cluster", "kind"};

class OutputReader {
 public:
  explicit OutputReader(RelationsReader* reader) : reader_(*reader) {}

  std::optional<RelationOutput> Read(const JsonValue& value,
                                     const JsonPath& path);

 private:
  std::vector<OutputPart> ReadParts(const JsonValue& value,
                                    const JsonPath& path, bool repeated);
  std::optional<OutputPart> ReadPart(const JsonValue& value,
                                     const JsonPath& path, bool repeated);
  void ReadOption(const JsonValue& value, const JsonPath& path,
                  OutputPart* part);
  void ReadService(const JsonValue& value, const JsonPath& path,
                   OutputPart* part);
  void ReadAddress(const JsonValue& object, const JsonPath& path,
                   OutputPart* part);
  void ReadEndpoints(const JsonValue& object, const JsonPath& path,
                     OutputPart* part);
  void ReadPort(const JsonValue& object, absl::string_view name,
                const JsonPath& path, OutputPart* part);
  void ReadRepeat(const JsonValue& value, const JsonPath& path,
                  OutputPart* part);
  void ReadJoin(const JsonValue& object, const JsonPath& path,
                OutputPart* part);
  void ReadText(const JsonValue& object, absl::string_view name,
                const JsonPath& path, std::string* out);
  void Missing(absl::string_view name, const JsonValue& object,
               const JsonPath& path) {
    reader_.Add(relations_codes::kSyntax, path, object,
                MissingMemberText(name));
  }

  RelationsReader& reader_;
  // Of the output that is being read.
  OutputType type_ = OutputType::kString;
};

// Whether one part alone can be a number or a boolean, as far as is known
// before the plan.
bool CanBe(const OutputPart& part, OutputType type) {
  switch (part.kind) {
    case OutputPart::Kind::kText:
      return IsOfOutputType(part.text, type);
    case OutputPart::Kind::kOption:
      return true;
    case OutputPart::Kind::kAddress:
      return type != OutputType::kBoolean && part.part == "port";
    default:
      return false;
  }
}

std::optional<RelationOutput> OutputReader::Read(const JsonValue& value,
                                                 const JsonPath& path) {
  if (!reader_.ExpectObject(value, path, {"type", "value"})) {
    return std::nullopt;
  }
  RelationOutput output;
  const JsonValue* type = value.Find("type");
  const JsonValue* parts = value.Find("value");
  if (type == nullptr) Missing("type", value, path);
  if (parts == nullptr) Missing("value", value, path);
  if (type == nullptr || parts == nullptr) return std::nullopt;
  const JsonPath type_path(path, "type");
  if (!reader_.Expect(*type, Kind::kString, type_path)) return std::nullopt;
  const auto* known =
      std::find(std::begin(kTypes), std::end(kTypes), type->text());
  if (known == std::end(kTypes)) {
    reader_.Add(relations_codes::kName, type_path, *type,
                absl::StrCat(Shown(type->text()), " is not a type name"));
    return std::nullopt;
  }
  output.type = static_cast<OutputType>(known - std::begin(kTypes));
  type_ = output.type;
  output.value = ReadParts(*parts, JsonPath(path, "value"), false);
  const bool is_single = output.type == OutputType::kInteger ||
                         output.type == OutputType::kNumber ||
                         output.type == OutputType::kBoolean;
  if (is_single && output.value.size() > 1) {
    reader_.Add(relations_codes::kLimit, JsonPath(path, "value"), *parts,
                absl::StrCat(output.value.size(), " parts, at most 1"));
  } else if (is_single && output.value.size() == 1 &&
             !CanBe(output.value.front(), output.type)) {
    reader_.Add(relations_codes::kType, JsonPath(path, "value"), *parts,
                absl::StrCat(WriteJson(parts->items().front()), " is no ",
                             type->text()));
  }
  if (parts->items().size() == 1 && output.value.size() == 1 &&
      output.value.front().kind == OutputPart::Kind::kOption) {
    reader_.option_uses().back().is_alone = true;
  }
  // A list of endpoints is part of a text only when something joins it.
  for (size_t i = 0; i < output.value.size(); ++i) {
    const OutputPart& part = output.value[i];
    if (output.type != OutputType::kList && !part.join.has_value() &&
        part.kind == OutputPart::Kind::kEndpoints) {
      const JsonPath parts_path(path, "value");
      Missing("join", parts->items()[i], JsonPath(parts_path, i));
    }
  }
  return output;
}

std::vector<OutputPart> OutputReader::ReadParts(const JsonValue& value,
                                                const JsonPath& path,
                                                bool repeated) {
  std::vector<OutputPart> parts;
  if (!reader_.ExpectList(value, path, kMaxParts, "parts")) return parts;
  if (value.items().empty()) {
    reader_.Add(relations_codes::kLimit, path, value, "0 parts, at least 1");
  }
  for (size_t i = 0; i < value.items().size(); ++i) {
    auto part = ReadPart(value.items()[i], JsonPath(path, i), repeated);
    if (part.has_value()) parts.push_back(*std::move(part));
  }
  return parts;
}

std::optional<OutputPart> OutputReader::ReadPart(const JsonValue& value,
                                                 const JsonPath& path,
                                                 bool repeated) {
  OutputPart part;
  if (value.is_string()) {
    part.text = value.text();
    return part;
  }
  if (!reader_.Expect(value, Kind::kObject, path)) return std::nullopt;
  const size_t faults = reader_.faults().size();
  if (value.Find("option") != nullptr) {
    if (!reader_.ExpectObject(value, path, {"option", "join"})) return {};
    part.kind = OutputPart::Kind::kOption;
    ReadOption(*value.Find("option"), JsonPath(path, "option"), &part);
    ReadJoin(value, path, &part);
    // An array is part of a text only when something joins it.
    if (reader_.faults().size() == faults && !part.join.has_value() &&
        (repeated || type_ != OutputType::kList)) {
      reader_.option_uses().back().role = OptionUse::Role::kText;
    }
  } else if (value.Find("service") != nullptr) {
    if (!reader_.ExpectObject(value, path, {"service"})) return {};
    part.kind = OutputPart::Kind::kService;
    ReadService(*value.Find("service"), JsonPath(path, "service"), &part);
  } else if (value.Find("address") != nullptr) {
    if (!reader_.ExpectObject(value, path, {"address", "part"})) return {};
    part.kind = OutputPart::Kind::kAddress;
    ReadAddress(value, path, &part);
  } else if (value.Find("endpoints") != nullptr) {
    if (!reader_.ExpectObject(value, path, {"endpoints", "item", "join"})) {
      return {};
    }
    part.kind = OutputPart::Kind::kEndpoints;
    ReadEndpoints(value, path, &part);
  } else if (const JsonValue* index = value.Find("index");
             index != nullptr && repeated) {
    if (!reader_.ExpectObject(value, path, {"index"})) return {};
    part.kind = OutputPart::Kind::kIndex;
    reader_.Expect(*index, Kind::kBool, JsonPath(path, "index"));
  } else if (const JsonValue* repeat = value.Find("repeat");
             repeat != nullptr && !repeated) {
    if (!reader_.ExpectObject(value, path, {"repeat"})) return {};
    part.kind = OutputPart::Kind::kRepeat;
    ReadRepeat(*repeat, JsonPath(path, "repeat"), &part);
  } else {
    reader_.Add(relations_codes::kSyntax, path, value,
                repeated ? "expected a text, option, service, address, "
                           "endpoints or index"
                         : "expected a text, option, service, address, "
                           "endpoints or repeat");
  }
  if (reader_.faults().size() != faults) return std::nullopt;
  return part;
}

void OutputReader::ReadOption(const JsonValue& value, const JsonPath& path,
                              OutputPart* part) {
  auto pointer = reader_.Pointer(value, path);
  if (!pointer.has_value()) return;
  reader_.option_uses().back().in_output = true;
  part->text = *std::move(pointer);
}

void OutputReader::ReadService(const JsonValue& value, const JsonPath& path,
                               OutputPart* part) {
  if (!reader_.Expect(value, Kind::kString, path)) return;
  if (std::find(std::begin(kServiceMembers), std::end(kServiceMembers),
                value.text()) == std::end(kServiceMembers)) {
    reader_.Add(relations_codes::kOutput, path, value,
                absl::StrCat("no service member ", Shown(value.text())));
    return;
  }
  part->text = value.text();
}

void OutputReader::ReadAddress(const JsonValue& object, const JsonPath& path,
                               OutputPart* part) {
  ReadPort(object, "address", path, part);
  ReadText(object, "part", path, &part->part);
  if (!part->part.empty() && part->part != "host" && part->part != "port") {
    reader_.Add(relations_codes::kOutput, JsonPath(path, "part"),
                *object.Find("part"),
                absl::StrCat("no address part ", Shown(part->part)));
  }
}

void OutputReader::ReadEndpoints(const JsonValue& object, const JsonPath& path,
                                 OutputPart* part) {
  ReadPort(object, "endpoints", path, part);
  ReadText(object, "item", path, &part->item);
  ReadJoin(object, path, part);
}

void OutputReader::ReadPort(const JsonValue& object, absl::string_view name,
                            const JsonPath& path, OutputPart* part) {
  ReadText(object, name, path, &part->text);
  const JsonValue& port = *object.Find(name);
  reader_.port_uses().push_back(
      {JsonPath(path, name).Pointer(), reader_.LineOf(port), part->text});
}

void OutputReader::ReadRepeat(const JsonValue& value, const JsonPath& path,
                              OutputPart* part) {
  if (!reader_.ExpectObject(value, path, {"count", "join", "value"})) return;
  for (const absl::string_view name : {"count", "value"}) {
    if (value.Find(name) == nullptr) return Missing(name, value, path);
  }
  const size_t faults = reader_.faults().size();
  ReadOption(*value.Find("count"), JsonPath(path, "count"), part);
  if (reader_.faults().size() == faults) {
    reader_.option_uses().back().role = OptionUse::Role::kCount;
  }
  ReadJoin(value, path, part);
  part->repeated =
      ReadParts(*value.Find("value"), JsonPath(path, "value"), true);
}

void OutputReader::ReadJoin(const JsonValue& object, const JsonPath& path,
                            OutputPart* part) {
  const JsonValue* join = object.Find("join");
  if (join == nullptr) return;
  part->join = reader_.Text(*join, JsonPath(path, "join"), kMaxJoinBytes);
}

void OutputReader::ReadText(const JsonValue& object, absl::string_view name,
                            const JsonPath& path, std::string* out) {
  const JsonValue* text = object.Find(name);
  if (text == nullptr) return;
  auto read = reader_.Text(*text, JsonPath(path, name), kMaxTextBytes);
  if (read.has_value()) *out = *std::move(read);
}

bool PartIsLate(const OutputPart& part) {
  return part.kind == OutputPart::Kind::kAddress ||
         part.kind == OutputPart::Kind::kEndpoints ||
         std::any_of(part.repeated.begin(), part.repeated.end(), &PartIsLate);
}

}  // namespace

bool RelationOutput::is_late() const {
  return std::any_of(value.begin(), value.end(), &PartIsLate);
}

bool IsOfOutputType(absl::string_view text, OutputType type) {
  if (type == OutputType::kString || type == OutputType::kList) return true;
  const absl::StatusOr<JsonDocument> json = ParseJson(text);
  if (!json.ok()) return false;
  if (type == OutputType::kBoolean) return json->root.is_bool();
  return type == OutputType::kNumber ? json->root.is_number()
                                     : json->root.AsInteger().has_value();
}

absl::string_view OutputTypeName(OutputType type) {
  return kTypes[static_cast<size_t>(type)];
}

std::map<std::string, RelationOutput> ReadOutputs(const JsonValue& value,
                                                  const JsonPath& path,
                                                  RelationsReader* reader) {
  std::map<std::string, RelationOutput> outputs;
  if (!reader->ExpectMap(value, path, kMaxOutputs, "outputs")) return outputs;
  for (const JsonValue::Member& member : value.members()) {
    const JsonPath place(path, member.name);
    const bool named = reader->CheckName(member.name, member.value, place,
                                         RelationsName::kOutput);
    auto output = OutputReader(reader).Read(member.value, place);
    if (named && output.has_value()) {
      outputs[member.name] = *std::move(output);
    }
  }
  return outputs;
}

}  // namespace orrery::registry
