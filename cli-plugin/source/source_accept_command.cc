#include "cli-plugin/source/source_accept_command.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "cli-plugin/command/command.h"
#include "cli-plugin/source/source_request.h"
#include "cli-plugin/text/json_member.h"
#include "cli-plugin/text/printable.h"

#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

constexpr absl::Duration kAcceptTimeout = absl::Minutes(30);

absl::StatusOr<ExitCode> RunAccept(const Invocation& invocation,
                                   CommandContext& context) {
  const std::string name = invocation.Word("NAME");
  if (!invocation.Has("tip")) {
    return UsageError(
        "name the commit with --tip; `orrery source status` shows it");
  }
  const JsonValue request =
      JsonValue::Object({{"tip", JsonValue::String(invocation.Text("tip"))}});
  auto accepted =
      context.api->Post(absl::StrCat(SourcePath(name), ":accept"), request,
                        context.settings->timeout.value_or(kAcceptTimeout));
  if (!accepted.ok()) return SourceFailure(accepted.status());
  Answer answer;
  answer.document = MemberOrSelf(*accepted, "source");
  answer.names = {name};
  answer.page =
      absl::StrCat("source ", OneLine(name), " goes on at ",
                   OneLine(MemberText(answer.document, "commit")), "\n");
  Print(answer, context);
  return ExitCode::kSuccess;
}

}  // namespace

Command SourceAcceptCommand() {
  Command command;
  command.name = "accept";
  command.summary = "Let a frozen source go on with its rewritten history";
  command.description =
      "A source is frozen when its ref no longer leads to the last commit that "
      "was taken in. Nothing that was logged changes; from the given commit on "
      "its history is logged again. The decision is public content of the log.";
  command.examples = {
      {"orrery source accept universe --tip "
       "8f1d4cf0a1a5b0e3c7d2f69b54e0a7713c9e2b68",
       ""}};
  command.flags = {{.name = "tip",
                    .value = "COMMIT",
                    .help = "the first accepted commit, all 40 digits"}};
  command.arguments = {{.name = "NAME",
                        .help = "name of the source",
                        .kind = ValueKind::kSource}};
  command.run = RunAccept;
  return command;
}

}  // namespace orrery::cli
