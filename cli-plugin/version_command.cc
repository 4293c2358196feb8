#include "cli-plugin/version_command.h"

#include "absl/strings/str_cat.h"
#include "cli-plugin/command/version.h"

namespace orrery::cli {

using registry::JsonValue;

absl::StatusOr<ExitCode> RunVersion(const Invocation&,
                                    CommandContext& context) {
  Answer answer;
  answer.document = JsonValue::Object(
      {{"name", JsonValue::String("orrery")},
       {"version", JsonValue::String(std::string(kVersion))}});
  answer.names = {std::string(kVersion)};
  answer.page = absl::StrCat("orrery ", kVersion, "\n");
  Print(answer, context);
  return ExitCode::kSuccess;
}

Command VersionCommand() {
  Command command;
  command.name = "version";
  command.summary = "Show the version of this program";
  command.examples = {{"orrery version", ""}};
  command.run = RunVersion;
  return command;
}

}  // namespace orrery::cli
