#ifndef REGISTRY_INDEX_SQLITE_WRITER_H_
#define REGISTRY_INDEX_SQLITE_WRITER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "registry/index/log_checkpointer.h"
#include "registry/index/sqlite_database.h"
#include "third_party/absl/mutex.h"

namespace orrery::registry {

// The one connection that writes to a database which others read, and the
// thread that empties its write-ahead log. Thread-safe.
class SqliteWriter {
 public:
  using Body = std::function<absl::Status(SqliteDatabase&)>;
  struct Options {
    // False gives up the fsync.
    bool durable = true;
    // As SqliteDatabase::GiveWayBy.
    std::function<void()> give_way = nullptr;
  };

  // Opens or creates the database at `path`. Errors as SqliteDatabase::Open.
  static absl::StatusOr<std::unique_ptr<SqliteWriter>> Open(
      const std::string& path, SqliteDatabase::Migrations migrations,
      const Options& options);

  // Runs `body` in one transaction, after those before. Durable when it
  // returns.
  absl::Status Write(const Body& body);
  // The same, but a crash may lose it until a later Write has returned.
  absl::Status WriteAhead(const Body& body);
  // What `body` reads is one state of the database. For what is read before
  // every transaction: its pages stay in memory, those of other connections do
  // not.
  absl::Status Read(const Body& body);
  // A statement outside of a transaction, such as a pragma.
  absl::Status Execute(const std::string& sql);

 private:
  SqliteWriter(std::unique_ptr<SqliteDatabase> database,
               std::unique_ptr<SqliteDatabase> checkpointer, bool durable);

  absl::Status WriteLocked(const Body& body)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const bool durable_;
  LogCheckpointer checkpointer_;
  Mutex mutex_;
  std::unique_ptr<SqliteDatabase> database_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orrery::registry

#endif  // REGISTRY_INDEX_SQLITE_WRITER_H_
