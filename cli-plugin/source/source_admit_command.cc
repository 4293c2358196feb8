#include "cli-plugin/source/source_admit_command.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "cli-plugin/command/command.h"
#include "cli-plugin/source/source_request.h"
#include "cli-plugin/source/source_status.h"
#include "cli-plugin/text/json_member.h"
#include "cli-plugin/text/printable.h"

#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

constexpr absl::Duration kAdmitTimeout = absl::Minutes(30);

absl::StatusOr<ExitCode> RunAdmit(const Invocation& invocation,
                                  CommandContext& context) {
  const std::string name = invocation.Word("NAME");
  const JsonValue request = JsonValue::Object(
      {{"package", JsonValue::String(invocation.Word("PKG"))}});
  auto admitted =
      context.api->Post(absl::StrCat(SourcePath(name), ":admit"), request,
                        context.settings->timeout.value_or(kAdmitTimeout));
  if (ReasonOf(admitted.status()) == "KEYSET_NOT_HELD") {
    return WithExitCode(admitted.status(), ExitCode::kNotFound);
  }
  if (!admitted.ok()) return SourceFailure(admitted.status());
  Print(SourceAnswer(MemberOrSelf(*admitted, "source"), *context.terminal),
        context);
  return ExitCode::kSuccess;
}

}  // namespace

Command SourceAdmitCommand() {
  Command command;
  command.name = "admit";
  command.summary = "Let the held keyset of a package in";
  command.description =
      "The first keyset of a package that was there before anybody signed for "
      "it waits for a person (`name.held` in `orrery source status`): who may "
      "push to a repository is not yet who maintains the package. Look who the "
      "signers are; from then on only they publish it. This keyset is let in, "
      "and no other that takes its place.";
  command.examples = {{"orrery source admit universe kafka", ""}};
  command.arguments = {{.name = "NAME",
                        .help = "name of the source",
                        .kind = ValueKind::kSource},
                       {.name = "PKG",
                        .help = "name of the package",
                        .kind = ValueKind::kPackage}};
  command.run = RunAdmit;
  return command;
}

}  // namespace orrery::cli
