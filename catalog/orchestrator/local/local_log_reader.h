// Follows the output of an app of the `local` target.

#ifndef CATALOG_ORCHESTRATOR_LOCAL_LOCAL_LOG_READER_H_
#define CATALOG_ORCHESTRATOR_LOCAL_LOCAL_LOG_READER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "catalog/orchestrator/local/local_apps.h"
#include "catalog/orchestrator/orchestrator.h"
#include "catalog/orchestrator/task/log_files.h"

namespace orrery::catalog {

class LocalLogReader : public LogReader {
 public:
  // `apps` must outlive this object.
  LocalLogReader(const LocalApps* apps, std::string service, LogQuery query);

  absl::StatusOr<std::vector<LogLine>> Read() override;
  bool at_end() const override { return at_end_; }

 private:
  struct Stream {
    std::string name;
    const LogFile* file;
    int64_t position;
    LineCutter cutter;
  };
  struct Task {
    std::shared_ptr<InstanceLogs> logs;
    std::vector<Stream> streams;
    bool ended = false;
  };

  void Open(const TaskLogs& logs);
  // Appends what is new; true when everything was read.
  static bool ReadStream(const std::string& task, bool ended, Stream* stream,
                         std::vector<LogLine>* lines);

  const LocalApps* const apps_;
  const std::string service_;
  const LogQuery query_;
  std::map<std::string, Task> tasks_;
  bool first_ = true;
  bool at_end_ = false;
};

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_LOCAL_LOCAL_LOG_READER_H_
