#include "registry/index/sqlite_writer.h"

#include <utility>

#include "third_party/absl/status_macros.h"

namespace orrery::registry {

SqliteWriter::SqliteWriter(std::unique_ptr<SqliteDatabase> database,
                           std::unique_ptr<SqliteDatabase> checkpointer,
                           bool durable)
    : durable_(durable),
      checkpointer_(std::move(checkpointer)),
      database_(std::move(database)) {}

absl::StatusOr<std::unique_ptr<SqliteWriter>> SqliteWriter::Open(
    const std::string& path, SqliteDatabase::Migrations migrations,
    const Options& options) {
  ORRERY_ASSIGN_OR_RETURN(std::unique_ptr<SqliteDatabase> database,
                          SqliteDatabase::Open(path, migrations));
  ORRERY_ASSIGN_OR_RETURN(std::unique_ptr<SqliteDatabase> checkpointer,
                          SqliteDatabase::Open(path, migrations));
  database->LeaveLog();
  database->GiveWayBy(options.give_way);
  if (!options.durable) {
    for (SqliteDatabase* opened : {database.get(), checkpointer.get()}) {
      ORRERY_RETURN_IF_ERROR(opened->Execute("PRAGMA synchronous = OFF"));
    }
  }
  return std::unique_ptr<SqliteWriter>(new SqliteWriter(
      std::move(database), std::move(checkpointer), options.durable));
}

absl::Status SqliteWriter::Write(const Body& body) {
  const MutexLock lock(&mutex_);
  return WriteLocked(body);
}

absl::Status SqliteWriter::WriteLocked(const Body& body) {
  SqliteDatabase& database = *database_;
  ORRERY_RETURN_IF_ERROR(database.Transaction(
      [&database, &body]() -> absl::Status { return body(database); }));
  checkpointer_.LogHas(database.log_pages());
  return absl::OkStatus();
}

absl::Status SqliteWriter::WriteAhead(const Body& body) {
  const MutexLock lock(&mutex_);
  // The next transaction that is synced syncs the write-ahead log as a whole.
  if (durable_) {
    ORRERY_RETURN_IF_ERROR(database_->Execute("PRAGMA synchronous = NORMAL"));
  }
  const absl::Status written = WriteLocked(body);
  if (durable_) {
    ORRERY_RETURN_IF_ERROR(database_->Execute("PRAGMA synchronous = FULL"));
  }
  return written;
}

absl::Status SqliteWriter::Read(const Body& body) {
  const MutexLock lock(&mutex_);
  SqliteDatabase& database = *database_;
  return database.ReadTransaction(
      [&database, &body] { return body(database); });
}

absl::Status SqliteWriter::Execute(const std::string& sql) {
  const MutexLock lock(&mutex_);
  return database_->Execute(sql);
}

}  // namespace orrery::registry
