#include "cli-plugin/service/logs_command.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "cli-plugin/service/service_commands.h"
#include "cli-plugin/text/json_member.h"

#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

constexpr absl::Duration kWithoutFollow = absl::Minutes(2);

// Writes the lines as they come, or keeps them when they are to become one
// document.
class LogLines {
 public:
  LogLines(bool with_task, bool follow, CommandContext* context)
      : with_task_(with_task), context_(context) {
    const OutputFormat format = context->settings->output;
    as_json_ = format == OutputFormat::kJsonl ||
               (format == OutputFormat::kJson && follow);
    as_document_ = !as_json_ && (format == OutputFormat::kJson ||
                                 format == OutputFormat::kYaml);
  }

  // False when nobody reads any more.
  bool Take(const JsonValue& event) {
    for (const JsonValue& line : MemberItems(event, "lines")) {
      if (as_document_) {
        kept_.push_back(line);
      } else if (as_json_) {
        context_->terminal->Data(absl::StrCat(registry::WriteJson(line), "\n"));
      } else {
        context_->terminal->Data(absl::StrCat(
            with_task_ ? MemberText(line, "task") : "", with_task_ ? " | " : "",
            MemberText(line, "text"), "\n"));
      }
    }
    return context_->terminal->FlushData();
  }

  void Finish() {
    if (!as_document_) return;
    Answer answer;
    answer.document = ListDocument("lines", std::move(kept_));
    Print(answer, *context_);
  }

 private:
  bool with_task_;
  bool as_json_ = false;
  bool as_document_ = false;
  CommandContext* context_;
  std::vector<JsonValue> kept_;
};

absl::StatusOr<Query> QueryOf(const Invocation& invocation) {
  Query query = {{"follow", invocation.Has("follow") ? "true" : "false"}};
  if (invocation.Has("tail")) {
    int tail = 0;
    if (!absl::SimpleAtoi(invocation.Text("tail"), &tail) || tail < 1) {
      return UsageError("--tail takes a number of lines from 1");
    }
    query.push_back({"tail", absl::StrCat(tail)});
  }
  if (invocation.Has("task"))
    query.push_back({"task", invocation.Text("task")});
  if (invocation.Has("stream")) {
    const std::string stream = invocation.Text("stream");
    if (stream != "stdout" && stream != "stderr") {
      return UsageError("--stream is stdout or stderr");
    }
    query.push_back({"stream", stream});
  }
  return query;
}

absl::StatusOr<ExitCode> RunLogs(const Invocation& invocation,
                                 CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(const Query query, QueryOf(invocation));
  const std::string path =
      ServicePath(ClusterOf(invocation), invocation.Word("SERVICE"));
  ORRERY_ASSIGN_OR_RETURN(const JsonValue service, context.api->Get(path));
  const bool follow = invocation.Has("follow");
  const bool with_task = MemberItems(service, "tasks").size() > 1;
  LogLines lines(with_task, follow, &context);
  const absl::Duration timeout = context.settings->timeout.value_or(
      follow ? absl::InfiniteDuration() : kWithoutFollow);
  ORRERY_RETURN_IF_ERROR(context.api->Watch(
      absl::StrCat(path, ":logs"), query, timeout,
      [&](const JsonValue& event) { return lines.Take(event); }));
  lines.Finish();
  return ExitCode::kSuccess;
}

}  // namespace

Command LogsCommand() {
  Command command;
  command.name = "logs";
  command.summary = "Show what the tasks of a service wrote";
  command.description =
      "Shows the end of standard output and standard error of every task. With "
      "several tasks each line begins with the task's name. With -f and -o "
      "json each line is a JSON document of its own.";
  command.examples = {{"orrery logs kafka", ""},
                      {"orrery logs kafka -f --stream stderr", ""}};
  command.flags = {
      ClusterFlag(),
      {.name = "follow",
       .short_name = 'f',
       .help = "go on with what is written from now on"},
      {.name = "tail",
       .value = "N",
       .help = "begin with the last N lines of each stream (default 100)"},
      {.name = "task", .value = "ID", .help = "only this task"},
      {.name = "stream",
       .value = "NAME",
       .help = "only stdout or stderr",
       .kind = ValueKind::kChoice,
       .choices = {"stdout", "stderr"}}};
  command.arguments = {{.name = "SERVICE",
                        .help = "exact name of the service",
                        .kind = ValueKind::kService}};
  command.run = RunLogs;
  return command;
}

}  // namespace orrery::cli
