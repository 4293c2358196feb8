#ifndef REGISTRY_INDEX_LOG_CHECKPOINTER_H_
#define REGISTRY_INDEX_LOG_CHECKPOINTER_H_

#include <memory>
#include <thread>

#include "registry/index/sqlite_database.h"
#include "third_party/absl/mutex.h"

namespace orrery::registry {

// Moves what the write-ahead log of a database holds into the database, in a
// thread of its own, so that no transaction waits for the disk twice. Its
// writer leaves that to it (SqliteDatabase::LeaveLog). Thread-safe.
class LogCheckpointer {
 public:
  // Works over a connection of its own. Not before the writer is open.
  explicit LogCheckpointer(std::unique_ptr<SqliteDatabase> database);
  // Waits for the work under way.
  ~LogCheckpointer();

  // To be told after each transaction how many pages the log has. Returns at
  // once, unless the log has become so long that it must shrink first.
  void LogHas(int pages);

 private:
  void Run();

  const std::unique_ptr<SqliteDatabase> database_;
  Mutex mutex_;
  Condition changed_;
  // Pages that were moved, or are about to be.
  int seen_ ABSL_GUARDED_BY(mutex_) = 0;
  bool wanted_ ABSL_GUARDED_BY(mutex_) = false;
  bool working_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::jthread thread_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_INDEX_LOG_CHECKPOINTER_H_
