#include "cli-plugin/source/source_sync_command.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli-plugin/command/command.h"
#include "cli-plugin/source/source_request.h"
#include "cli-plugin/source/source_status.h"
#include "cli-plugin/text/counted.h"
#include "cli-plugin/text/json_member.h"
#include "cli-plugin/text/printable.h"
#include "cli-plugin/text/problem.h"

#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

constexpr absl::Duration kSyncTimeout = absl::Minutes(30);

absl::StatusOr<JsonValue> Sync(const std::string& name,
                               const JsonValue& request,
                               CommandContext& context) {
  const absl::Duration timeout =
      context.settings->timeout.value_or(kSyncTimeout);
  context.terminal->Progress(absl::StrCat("syncing ", name));
  auto synced = context.api->Post(absl::StrCat(SourcePath(name), ":sync"),
                                  request, timeout);
  context.terminal->EndProgress();
  const absl::Status& status = synced.status();
  if (absl::IsDeadlineExceeded(status) && ReasonOf(status).empty()) {
    return WithExitCode(absl::DeadlineExceededError(absl::StrCat(
                            "timed out after ", absl::FormatDuration(timeout),
                            "; the server goes on syncing ", name,
                            "; see `orrery source status ", name, "`")),
                        ExitCode::kStillRunning);
  }
  if (absl::IsCancelled(status)) {
    return absl::CancelledError(
        absl::StrCat("interrupted; the server goes on syncing ", name));
  }
  if (!status.ok() && ReasonOf(status) == "SOURCE_HELD") {
    return WithExitCode(status, ExitCode::kConflict);
  }
  if (!status.ok()) return SourceFailure(status);
  const JsonValue& source = MemberOrSelf(*synced, "source");
  const std::string error = MemberText(source, "error");
  if (!error.empty()) context.terminal->Warn(error);
  return source;
}

std::string Summary(const JsonValue& source) {
  const size_t pending = MemberItems(source, "pending").size();
  return absl::StrCat(OneLine(MemberText(source, "name")), ": ",
                      Counted(MemberText(source, "packages"), "package"), ", ",
                      Counted(MemberText(source, "releases"), "release"), ", ",
                      RefusedCount(source), " refused, ",
                      pending == 0 ? "" : absl::StrCat(pending, " pending, "),
                      "at ", OneLine(MemberText(source, "commit")), "\n");
}

// The first failure, when there are several with a count of them; all of them
// were told already.
absl::Status Failure(const std::vector<absl::Status>& failures,
                     const std::vector<std::string>& failed, size_t asked) {
  if (asked == 1) return failures.front();
  return WithExitCode(absl::Status(failures.front().code(),
                                   absl::StrCat(failed.size(), " of ", asked,
                                                " sources were not synced: ",
                                                absl::StrJoin(failed, ", "))),
                      ExitCodeOf(failures.front()));
}

absl::StatusOr<ExitCode> RunSync(const Invocation& invocation,
                                 CommandContext& context) {
  const std::vector<std::string> names = invocation.Words("NAME");
  JsonValue request = JsonValue::Object();
  if (invocation.Has("accept-removals")) {
    request.Set("accept_removals", JsonValue::Bool(true));
  }
  std::vector<JsonValue> sources;
  std::vector<absl::Status> failures;
  std::vector<std::string> failed;
  for (const std::string& name : names) {
    absl::StatusOr<JsonValue> source = Sync(name, request, context);
    if (absl::IsCancelled(source.status())) return source.status();
    if (source.ok()) {
      sources.push_back(*std::move(source));
      continue;
    }
    // The others may be well.
    if (names.size() > 1) {
      context.terminal->Warn(
          absl::StrCat(name, ": ", source.status().message()));
    }
    failures.push_back(source.status());
    failed.push_back(name);
  }
  if (!failures.empty()) return Failure(failures, failed, names.size());
  std::string page;
  for (const JsonValue& source : sources) page += Summary(source);
  Answer answer;
  if (names.size() > 1) {
    answer = SourceListAnswer(std::move(sources));
  } else {
    answer.names = names;
    answer.document = std::move(sources.front());
  }
  answer.page = std::move(page);
  Print(answer, context);
  return ExitCode::kSuccess;
}

}  // namespace

Command SourceSyncCommand() {
  Command command;
  command.name = "sync";
  command.summary = "Look at remotes now and wait for their index";
  command.description =
      "Ends well when what is served includes the remote's tip, whether or not "
      "releases of it are refused. Exit 1 when the sync failed (what was "
      "served before stays), 4 when the tip takes away so much that it waits "
      "for --accept-removals, 17 when the source itself is refused: history "
      "was rewritten and it is frozen until `orrery source accept`, its URL "
      "may not be followed, an object is not what its id says.";
  command.examples = {{"orrery source sync universe", ""},
                      {"orrery source sync universe mine", "one by one"}};
  command.flags = {{.name = "accept-removals",
                    .help = "let this tip take away as much as it does"}};
  command.arguments = {{.name = "NAME",
                        .help = "names of sources",
                        .kind = ValueKind::kSource,
                        .repeatable = true}};
  command.run = RunSync;
  return command;
}

}  // namespace orrery::cli
