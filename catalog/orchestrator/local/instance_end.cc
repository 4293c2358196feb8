#include "catalog/orchestrator/local/instance_end.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "catalog/orchestrator/local/local_instance.h"
#include "registry/format/json_parse.h"
#include "registry/format/json_value.h"
#include "registry/store/durable_file.h"

namespace orrery::catalog {
namespace {

using registry::ReadWholeFile;
using registry::WriteWhole;

using registry::JsonValue;

constexpr char kLost[] =
    "lost: neither it nor its shim is alive, and nothing says how it ended";
// Of stderr, in the reason of a failure (orchestrators.md §3.9), and of stdout
// when there is nothing on stderr: many log there, and much.
constexpr int64_t kStderrBytes = 4096;
constexpr int64_t kStdoutBytes = 4096;

std::string EndPath(const std::string& directory) {
  return absl::StrCat(directory, "/ended.json");
}

// The last that is not indented: that of a stack trace belongs to the line
// before it.
absl::string_view LastLine(absl::string_view text) {
  absl::string_view rest = text;
  while (true) {
    const size_t end = rest.rfind('\n');
    const absl::string_view line = rest.substr(end + 1);
    if (!line.empty() && !absl::ascii_isspace(line.front())) return line;
    if (end == absl::string_view::npos) break;
    rest = rest.substr(0, end);
  }
  return text.substr(text.rfind('\n') + 1);
}

EndedInstance EndOf(const LocalInstance& instance, absl::Time time,
                    std::string state, std::string reason) {
  if (instance.stop.has_value()) {
    state = "killed";
    reason = instance.stop->reason.empty() ? "stopped" : instance.stop->reason;
  }
  return {instance.record(), instance.plan.directory, time,
          std::move(state),  std::move(reason),       instance.logs};
}

}  // namespace

std::string DescribeExitStatus(const ExitRecord& exit, double mem_limit) {
  if (exit.out_of_memory) {
    return absl::StrCat("out of memory: the limit is ", mem_limit, " MiB");
  }
  if (exit.signal.has_value()) {
    return absl::StrCat("killed by signal ", *exit.signal, " (",
                        strsignal(*exit.signal), ")");
  }
  return absl::StrCat("exit code ", exit.code.value_or(-1));
}

EndedInstance DescribeExit(const LocalInstance& instance,
                           const ExitRecord& exit) {
  if (!exit.started) {
    return EndOf(instance, exit.time, "failed", exit.error);
  }
  return EndOf(instance, exit.time, exit.code == 0 ? "finished" : "failed",
               DescribeExitStatus(exit, instance.plan.app->mem));
}

EndedInstance DescribeLoss(const LocalInstance& instance, absl::Time now) {
  if (instance.lost) {
    return EndOf(instance, now, "lost", kLost);
  }
  return EndOf(instance, now, "failed",
               "exit status unknown: its shim was killed before it");
}

EndedInstance DescribeFound(const LocalInstance& instance,
                            const InstanceInspection& found, absl::Time now) {
  switch (found.condition) {
    case InstanceCondition::kExited:
      return DescribeExit(instance, *found.exit);
    case InstanceCondition::kOtherBoot:
      return EndOf(instance, now, "lost", "the host was restarted");
    default:
      return EndOf(instance, now, "lost", kLost);
  }
}

std::string DescribeFailure(const EndedInstance& ended) {
  const std::string errors =
      ReplaceInvalidUtf8(ended.logs->standard_error.LastBytes(kStderrBytes));
  absl::string_view text = absl::StripAsciiWhitespace(errors);
  if (!text.empty()) {
    return absl::StrCat(ended.reason, "; stderr ends: ", text);
  }
  const std::string output =
      ReplaceInvalidUtf8(ended.logs->standard_output.LastBytes(kStdoutBytes));
  text = absl::StripAsciiWhitespace(output);
  if (text.empty()) return ended.reason;
  // What leads up to the last line is in the logs.
  return absl::StrCat(ended.reason, "; stdout ends: ", LastLine(text));
}

void EnterEnd(const AppRecord& app, const EndedInstance& ended, absl::Time now,
              LocalSlot* slot) {
  if (!app.run_once) {
    NoteFailure(DescribeFailure(ended), now, slot);
  } else if (ended.state == "finished") {
    slot->finished = true;
  } else {
    slot->permanent_failure =
        absl::StrCat(DescribeFailure(ended), "; a job runs once");
  }
}

std::optional<EndedInstance> ReadEnd(const std::string& directory,
                                     const InstanceRecord& record) {
  const absl::StatusOr<std::string> text = ReadWholeFile(EndPath(directory));
  if (!text.ok()) return std::nullopt;
  const absl::StatusOr<registry::JsonDocument> document =
      registry::ParseJson(*text);
  if (!document.ok()) return std::nullopt;
  const JsonValue* const time = document->root.Find("time_us");
  EndedInstance ended;
  ended.record = record;
  ended.directory = directory;
  ended.state = std::string(document->root.FindString("state"));
  ended.reason = std::string(document->root.FindString("reason"));
  ended.end_time =
      absl::FromUnixMicros(time == nullptr ? 0 : time->AsInteger().value_or(0));
  return ended;
}

void WriteEnd(const EndedInstance& ended) {
  // Without it the end is noted again after a restart, which costs one wait of
  // the back-off.
  WriteWhole(EndPath(ended.directory),
             registry::WriteJson(JsonValue::Object(
                 {{"state", JsonValue::String(ended.state)},
                  {"reason", JsonValue::String(ended.reason)},
                  {"time_us",
                   JsonValue::Integer(absl::ToUnixMicros(ended.end_time))}})))
      .IgnoreError();
}

void InsertEnded(EndedInstance ended, std::deque<EndedInstance>* list) {
  const auto place =
      std::upper_bound(list->begin(), list->end(), ended.end_time,
                       [](absl::Time time, const EndedInstance& other) {
                         return time < other.end_time;
                       });
  list->insert(place, std::move(ended));
}

}  // namespace orrery::catalog
