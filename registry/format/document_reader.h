// Reads the members of JSON objects into typed values and notes every place
// that breaks the schema of the document.

#ifndef REGISTRY_FORMAT_DOCUMENT_READER_H_
#define REGISTRY_FORMAT_DOCUMENT_READER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

#include "registry/format/json_value.h"
#include "registry/format/packaging_version.h"

namespace orrery::registry {

// A place of a document that breaks its schema.
struct DocumentFault {
  std::string pointer;
  // Of the value, or of the object that lacks a member, in the parsed text.
  uint32_t offset = 0;
  // What was found and what is right; lower case, no final period.
  std::string text;
  // A member that the schema does not know, and nothing worse.
  bool unknown_member = false;
};

// A document and what is wrong with it.
template <typename T>
struct Parsed {
  T document;
  // In the order they were met.
  std::vector<DocumentFault> faults;
};

// Where a value stands, as steps linked on the call stack: nothing is written
// until somebody asks for the pointer. A step must not outlive its parent nor
// the name it was given.
class JsonPath {
 public:
  JsonPath() = default;
  JsonPath(const JsonPath& parent, absl::string_view name)
      : parent_(&parent), name_(name) {}
  JsonPath(const JsonPath& parent, size_t index)
      : parent_(&parent), index_(index) {}

  // The JSON pointer, or that of the nearest value around it whose pointer
  // has at most 1,024 bytes: names are as long as a stranger likes.
  std::string Pointer() const;

 private:
  static constexpr size_t kNoIndex = SIZE_MAX;

  const JsonPath* parent_ = nullptr;
  absl::string_view name_;
  size_t index_ = kNoIndex;
};

// The faults of one document, the first 1,000 of them.
class FaultList {
 public:
  void Add(const JsonPath& path, const JsonValue& at, std::string text);
  void AddUnknownMember(const JsonPath& path, const JsonValue& at,
                        std::string text);
  // Whether a further fault would be dropped.
  bool full() const;

  std::vector<DocumentFault> Take() { return std::move(faults_); }

 private:
  std::vector<DocumentFault> faults_;
};

// "a string", "an object", …
absl::string_view KindName(JsonValue::Kind kind);
// `text` as a JSON string for a message, cut after 80 bytes.
std::string Shown(absl::string_view text);

// Whether `value` is of that kind; a fault otherwise.
bool ExpectKind(const JsonValue& value, JsonValue::Kind kind,
                const JsonPath& path, FaultList* faults);

void ReadValue(const JsonValue& value, const JsonPath& path, FaultList* faults,
               std::string* out);
void ReadValue(const JsonValue& value, const JsonPath& path, FaultList* faults,
               std::optional<std::string>* out);
void ReadValue(const JsonValue& value, const JsonPath& path, FaultList* faults,
               bool* out);
void ReadValue(const JsonValue& value, const JsonPath& path, FaultList* faults,
               std::optional<double>* out);
void ReadValue(const JsonValue& value, const JsonPath& path, FaultList* faults,
               std::vector<std::string>* out);

// How one member of an object is read into a T.
template <typename T>
struct MemberRule {
  absl::string_view name;
  void (*read)(const JsonValue& value, const JsonPath& path, FaultList* faults,
               T* out);
  bool required = false;
  PackagingVersion since = PackagingVersion::k20;
};

// The `read` of a member whose type says all.
template <auto kField, typename T>
void ReadField(const JsonValue& value, const JsonPath& path, FaultList* faults,
               T* out) {
  ReadValue(value, path, faults, &(out->*kField));
}

// What is said about member `name`, which is not in `known`; `later` when it is
// one of a later packaging version.
std::string UnknownMemberText(absl::string_view name,
                              std::span<const std::string> known,
                              std::optional<PackagingVersion> later);
std::string MissingMemberText(absl::string_view name);

// Reads an object whose members are those of `rules` that `version` has.
// Nothing is read from a value of another kind, which is a fault.
template <typename T>
void ReadObject(const JsonValue& object, const JsonPath& path,
                std::span<const MemberRule<T>> rules, PackagingVersion version,
                FaultList* faults, T* out) {
  if (!ExpectKind(object, JsonValue::Kind::kObject, path, faults)) return;
  for (const JsonValue::Member& member : object.members()) {
    const MemberRule<T>* rule = nullptr;
    for (const MemberRule<T>& candidate : rules) {
      if (candidate.name == member.name) rule = &candidate;
    }
    const JsonPath place(path, member.name);
    if (rule != nullptr && rule->since <= version) {
      rule->read(member.value, place, faults, out);
      continue;
    }
    if (faults->full()) continue;
    std::vector<std::string> known;
    for (const MemberRule<T>& candidate : rules) {
      if (candidate.since <= version) known.emplace_back(candidate.name);
    }
    const auto later =
        rule == nullptr ? std::nullopt : std::optional(rule->since);
    faults->AddUnknownMember(place, member.value,
                             UnknownMemberText(member.name, known, later));
  }
  for (const MemberRule<T>& rule : rules) {
    if (rule.required && rule.since <= version &&
        object.Find(rule.name) == nullptr) {
      faults->Add(path, object, MissingMemberText(rule.name));
    }
  }
}

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_DOCUMENT_READER_H_
