#include "registry/format/document_reader.h"

#include "absl/strings/str_cat.h"

#include "resolver/spelling.h"

namespace orrery::registry {
namespace {

constexpr size_t kMaxPointerBytes = 1024;
constexpr size_t kMaxFaults = 1000;
constexpr size_t kShownBytes = 80;

bool IsContinuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0U) == 0x80;
}

}  // namespace

std::string JsonPath::Pointer() const {
  std::vector<const JsonPath*> steps;
  for (const JsonPath* step = this; step->parent_ != nullptr;
       step = step->parent_) {
    steps.push_back(step);
  }
  std::string pointer;
  for (auto it = steps.rbegin(); it != steps.rend(); ++it) {
    const JsonPath& step = **it;
    if (step.name_.size() > kMaxPointerBytes) break;
    const std::string text = step.index_ == kNoIndex
                                 ? PointerStep(step.name_)
                                 : absl::StrCat("/", step.index_);
    if (pointer.size() + text.size() > kMaxPointerBytes) break;
    pointer += text;
  }
  return pointer;
}

void FaultList::Add(const JsonPath& path, const JsonValue& at,
                    std::string text) {
  if (full()) return;
  faults_.push_back({path.Pointer(), at.offset(), std::move(text), false});
}

void FaultList::AddUnknownMember(const JsonPath& path, const JsonValue& at,
                                 std::string text) {
  if (full()) return;
  faults_.push_back({path.Pointer(), at.offset(), std::move(text), true});
}

bool FaultList::full() const { return faults_.size() >= kMaxFaults; }

absl::string_view KindName(JsonValue::Kind kind) {
  switch (kind) {
    case JsonValue::Kind::kNull:
      return "null";
    case JsonValue::Kind::kBool:
      return "a boolean";
    case JsonValue::Kind::kNumber:
      return "a number";
    case JsonValue::Kind::kString:
      return "a string";
    case JsonValue::Kind::kArray:
      return "an array";
    case JsonValue::Kind::kObject:
      return "an object";
  }
  return "";
}

std::string Shown(absl::string_view text) {
  if (text.size() <= kShownBytes) return JsonString(text);
  size_t end = kShownBytes;
  while (end > 0 && IsContinuation(text[end])) --end;
  return JsonString(absl::StrCat(text.substr(0, end), "…"));
}

bool ExpectKind(const JsonValue& value, JsonValue::Kind kind,
                const JsonPath& path, FaultList* faults) {
  if (value.kind() == kind) return true;
  if (!faults->full()) {
    faults->Add(path, value,
                absl::StrCat("expected ", KindName(kind), ", found ",
                             KindName(value.kind())));
  }
  return false;
}

void ReadValue(const JsonValue& value, const JsonPath& path, FaultList* faults,
               std::string* out) {
  if (ExpectKind(value, JsonValue::Kind::kString, path, faults)) {
    *out = value.text();
  }
}

void ReadValue(const JsonValue& value, const JsonPath& path, FaultList* faults,
               std::optional<std::string>* out) {
  if (ExpectKind(value, JsonValue::Kind::kString, path, faults)) {
    *out = value.text();
  }
}

void ReadValue(const JsonValue& value, const JsonPath& path, FaultList* faults,
               bool* out) {
  if (ExpectKind(value, JsonValue::Kind::kBool, path, faults)) {
    *out = value.bool_value();
  }
}

void ReadValue(const JsonValue& value, const JsonPath& path, FaultList* faults,
               std::optional<double>* out) {
  if (ExpectKind(value, JsonValue::Kind::kNumber, path, faults)) {
    *out = value.AsDouble();
  }
}

void ReadValue(const JsonValue& value, const JsonPath& path, FaultList* faults,
               std::vector<std::string>* out) {
  if (!ExpectKind(value, JsonValue::Kind::kArray, path, faults)) return;
  out->reserve(value.items().size());
  for (size_t i = 0; i < value.items().size(); ++i) {
    const JsonValue& item = value.items()[i];
    if (ExpectKind(item, JsonValue::Kind::kString, JsonPath(path, i), faults)) {
      out->push_back(item.text());
    }
  }
}

std::string UnknownMemberText(absl::string_view name,
                              std::span<const std::string> known,
                              std::optional<PackagingVersion> later) {
  if (later.has_value()) {
    return absl::StrCat("member ", Shown(name),
                        " exists only from packaging version ",
                        static_cast<int>(*later) / 10, ".0 on");
  }
  std::string text = absl::StrCat("unknown member ", Shown(name));
  // Nobody mistypes a name of a kilobyte, and measuring it is slow.
  constexpr size_t kLongestWord = 64;
  if (name.size() > kLongestWord) return text;
  const auto nearest = resolver::NearestWords(name, known, 1);
  if (!nearest.empty()) {
    absl::StrAppend(&text, "; did you mean ", Shown(nearest[0]), "?");
  }
  return text;
}

std::string MissingMemberText(absl::string_view name) {
  return absl::StrCat("member ", Shown(name), " is missing");
}

}  // namespace orrery::registry
