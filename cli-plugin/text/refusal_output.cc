#include "cli-plugin/text/refusal_output.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli-plugin/text/printable.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

void SetNumber(absl::string_view name, const std::optional<int64_t>& number,
               JsonValue& object) {
  if (number.has_value()) object.Set(name, JsonValue::Integer(*number));
}

void SetText(absl::string_view name, const std::string& text,
             JsonValue& object) {
  if (!text.empty()) object.Set(name, JsonValue::String(text));
}

// "kafka@release=57#2".
std::string Subject(const signing::RefusalPlace& place) {
  std::string subject = place.package;
  if (place.release.has_value() && !subject.empty()) {
    absl::StrAppend(&subject, "@release=", *place.release);
    if (place.revision.has_value()) {
      absl::StrAppend(&subject, "#", *place.revision);
    }
  }
  return subject;
}

}  // namespace

JsonValue RefusalJson(const signing::Refusal& refusal) {
  const signing::RefusalPlace& place = refusal.place;
  JsonValue object = JsonValue::Object();
  object.Set("refused", JsonValue::String(
                            std::string(signing::RefusalName(refusal.code))));
  object.Set("exit", JsonValue::Integer(signing::ExitStatus(refusal.code)));
  SetNumber("check", place.check, object);
  SetText("registry", place.registry, object);
  SetText("package", place.package, object);
  SetNumber("release", place.release, object);
  SetNumber("revision", place.revision, object);
  SetNumber("leaf", place.leaf, object);
  SetText("file", place.file, object);
  SetNumber("line", place.line, object);
  SetText("pointer", place.pointer, object);
  object.Set("detail", JsonValue::String(Printable(refusal.detail)));
  SetText("evidence", place.evidence, object);
  return object;
}

std::string RefusalText(const signing::Refusal& refusal) {
  const signing::RefusalPlace& place = refusal.place;
  const std::string subject = Subject(place);
  std::string text = absl::StrCat(subject, subject.empty() ? "" : ": ",
                                  signing::RefusalName(refusal.code), ": ");
  if (!place.file.empty() && !absl::StrContains(refusal.detail, place.file)) {
    absl::StrAppend(&text, place.file);
    if (place.line.has_value()) absl::StrAppend(&text, ":", *place.line);
    absl::StrAppend(&text, ": ");
  }
  absl::StrAppend(&text, refusal.detail);
  std::vector<std::string> rest;
  if (!place.registry.empty()) {
    rest.push_back(absl::StrCat("registry ", place.registry));
  }
  if (place.leaf.has_value()) {
    rest.push_back(absl::StrCat("leaf ", *place.leaf));
  }
  if (!place.evidence.empty()) {
    rest.push_back(absl::StrCat("evidence is kept: `orrery log ack ",
                                place.evidence, "` when you have seen it"));
  }
  if (!rest.empty()) {
    absl::StrAppend(&text, " (", absl::StrJoin(rest, ", "), ")");
  }
  return OneLine(text);
}

}  // namespace orrery::cli
