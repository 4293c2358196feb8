#include "catalog/orchestrator/local/local_log_reader.h"

#include <utility>

namespace orrery::catalog {
namespace {

// Of each stream in one Read, so that no answer grows without bound.
constexpr int64_t kReadBytes = int64_t{1} << 20;

}  // namespace

LocalLogReader::LocalLogReader(const LocalApps* apps, std::string service,
                               LogQuery query)
    : apps_(apps), service_(std::move(service)), query_(std::move(query)) {}

void LocalLogReader::Open(const TaskLogs& logs) {
  if (tasks_.count(logs.task_id) != 0) return;
  Task& task = tasks_[logs.task_id];
  task.logs = logs.logs;
  const std::pair<const char*, const LogFile*> files[] = {
      {"stdout", &logs.logs->standard_output},
      {"stderr", &logs.logs->standard_error}};
  for (const auto& [name, file] : files) {
    if (!query_.stream.empty() && query_.stream != name) continue;
    // A task that came later is read from its beginning.
    const int64_t position = first_ ? file->TailPosition(query_.tail) : 0;
    task.streams.push_back({name, file, position, LineCutter()});
  }
}

bool LocalLogReader::ReadStream(const std::string& task, bool ended,
                                Stream* stream, std::vector<LogLine>* lines) {
  const std::string bytes = stream->file->Read(&stream->position, kReadBytes);
  for (std::string& line : stream->cutter.Add(bytes)) {
    lines->push_back({task, stream->name, ReplaceInvalidUtf8(line)});
  }
  if (!bytes.empty()) return false;
  if (!ended) return true;
  for (std::string& line : stream->cutter.Finish()) {
    lines->push_back({task, stream->name, ReplaceInvalidUtf8(line)});
  }
  return true;
}

absl::StatusOr<std::vector<LogLine>> LocalLogReader::Read() {
  const absl::StatusOr<std::vector<TaskLogs>> found =
      apps_->Logs(service_, query_.task);
  // A task that is not listed any more has ended and was replaced.
  for (auto& [id, task] : tasks_) task.ended = true;
  if (found.ok()) {
    for (const TaskLogs& logs : *found) {
      Open(logs);
      tasks_[logs.task_id].ended = logs.ended;
    }
  }
  first_ = false;
  at_end_ = true;
  std::vector<LogLine> lines;
  for (auto& [id, task] : tasks_) {
    for (Stream& stream : task.streams) {
      at_end_ &= ReadStream(id, task.ended, &stream, &lines);
    }
  }
  // What was written before the app went away is still given.
  if (!found.ok() && lines.empty()) return found.status();
  return lines;
}

}  // namespace orrery::catalog
