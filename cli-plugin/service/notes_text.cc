#include "cli-plugin/service/notes_text.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "cli-plugin/text/json_member.h"

namespace orrery::cli {

using registry::JsonValue;

std::string FilledNotes(absl::string_view notes, const JsonValue& service) {
  // The first of several that are called the same counts.
  std::map<std::string, std::string> known;
  const auto add = [&known](absl::string_view name, std::string value) {
    if (!value.empty()) known.emplace(absl::StrCat("<", name, ">"), value);
  };
  for (const JsonValue& output : MemberItems(service, "outputs")) {
    add(MemberText(output, "name"), MemberText(output, "value"));
  }
  for (const JsonValue& endpoint : MemberItems(service, "endpoints")) {
    const std::string name = MemberText(endpoint, "name");
    add(absl::StrCat(name, "-host"), MemberText(endpoint, "host"));
    add(absl::StrCat(name, "-port"), MemberText(endpoint, "port"));
  }
  for (const JsonValue& task : MemberItems(service, "tasks")) {
    add("sandbox", MemberText(task, "sandbox"));
  }
  return absl::StrReplaceAll(notes, known);
}

}  // namespace orrery::cli
