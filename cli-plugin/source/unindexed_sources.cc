#include "cli-plugin/source/unindexed_sources.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli-plugin/source/stalled_sources.h"
#include "cli-plugin/text/json_member.h"
#include "cli-plugin/text/printable.h"

#include "catalog/options/shell_word.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

// `resolve` finds out in its answer what is missing.
bool MissedAPackage(const absl::StatusOr<ExitCode>& outcome) {
  return outcome.ok() ? *outcome == ExitCode::kNotFound
                      : ReasonOf(outcome.status()) == "PACKAGE_NOT_FOUND";
}

}  // namespace

void WarnOfUnindexedSources(const absl::StatusOr<ExitCode>& outcome,
                            CommandContext& context) {
  if (!MissedAPackage(outcome)) return;
  const absl::StatusOr<std::vector<JsonValue>> sources =
      context.api->GetAll("/v1/sources", "sources");
  if (!sources.ok()) return;
  for (const JsonValue& source : *sources) {
    if (!MemberText(source, "commit").empty()) {
      const std::string stalled = StalledText(source);
      if (!stalled.empty() && !context.terminal->writes_json()) {
        context.terminal->Warn(stalled);
      }
      continue;
    }
    const std::string name = MemberText(source, "name");
    const std::string error = MemberText(source, "error");
    context.terminal->Warn(
        error.empty()
            ? absl::StrCat("source ", OneLine(name),
                           " is still being indexed for the first time; "
                           "`orrery source sync ",
                           catalog::ShellWord(name), "` waits for that")
            : absl::StrCat("source ", OneLine(name),
                           " was never indexed: ", OneLine(error)));
  }
}

}  // namespace orrery::cli
