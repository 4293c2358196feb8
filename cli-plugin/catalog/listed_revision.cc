#include "cli-plugin/catalog/listed_revision.h"

#include "absl/strings/str_cat.h"
#include "cli-plugin/text/json_member.h"

namespace orrery::cli {

using registry::JsonValue;

bool IsCurrent(const JsonValue& revision) {
  const std::string state = MemberText(revision, "state");
  // An older server lists nothing else.
  return state.empty() || state == "current";
}

std::string RevisionText(const JsonValue& revision) {
  const std::string release = MemberText(revision, "release");
  const std::string number = MemberText(revision, "revision");
  const bool is_first = number.empty() || number == "0" || number == "1";
  if (is_first && MemberText(revision, "state") != "superseded") return release;
  return absl::StrCat(release, "#", number);
}

}  // namespace orrery::cli
