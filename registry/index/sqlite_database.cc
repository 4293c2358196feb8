#include "registry/index/sqlite_database.h"

#include <cerrno>
#include <filesystem>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "sqlite3.h"

#include "registry/status/error_details.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

constexpr int kBusyTimeoutMs = 10000;
// Instructions of SQLite's machine between two calls of `give_way`.
constexpr int kStepsBetween = 1000;

std::string FileOf(sqlite3* database) {
  const char* const path = sqlite3_db_filename(database, "main");
  return path == nullptr ? "" : std::filesystem::path(path).filename().string();
}

absl::Status StatusFrom(sqlite3* database, absl::string_view doing) {
  const int code = sqlite3_errcode(database);
  const bool full =
      code == SQLITE_FULL ||
      (code == SQLITE_IOERR && sqlite3_system_errno(database) == ENOSPC);
  const std::string message = absl::StrCat(
      doing, ": ", full ? "the disk is full" : sqlite3_errmsg(database));
  if (full) {
    return WithReason(absl::ResourceExhaustedError(message), "DISK_FULL");
  }
  switch (code) {
    case SQLITE_IOERR:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::UnavailableError(message);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return WithReason(absl::DataLossError(message), kDatabaseDamaged,
                        {{"file", FileOf(database)}});
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
      return absl::FailedPreconditionError(message);
    case SQLITE_CONSTRAINT:
      return absl::AlreadyExistsError(message);
    default:
      return absl::InternalError(message);
  }
}

}  // namespace

SqliteStatement::SqliteStatement(SqliteDatabase* database,
                                 sqlite3_stmt* statement)
    : statement_(statement, Returner{database}) {}

// A statement that is not reset would keep its read transaction open.
void SqliteStatement::Returner::operator()(sqlite3_stmt* statement) const {
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  database->idle_[sqlite3_sql(statement)].reset(statement);
}

SqliteStatement& SqliteStatement::Bind(int index, int64_t value) {
  sqlite3_bind_int64(statement_.get(), index, value);
  return *this;
}

SqliteStatement& SqliteStatement::BindText(int index, absl::string_view value) {
  sqlite3_bind_text64(statement_.get(), index,
                      value.data() == nullptr ? "" : value.data(), value.size(),
                      SQLITE_TRANSIENT, SQLITE_UTF8);
  return *this;
}

SqliteStatement& SqliteStatement::BindBlob(int index, absl::string_view value) {
  sqlite3_bind_blob64(statement_.get(), index,
                      value.data() == nullptr ? "" : value.data(), value.size(),
                      SQLITE_TRANSIENT);
  return *this;
}

SqliteStatement& SqliteStatement::BindNull(int index) {
  sqlite3_bind_null(statement_.get(), index);
  return *this;
}

absl::StatusOr<bool> SqliteStatement::Step() {
  switch (sqlite3_step(statement_.get())) {
    case SQLITE_ROW:
      return true;
    case SQLITE_DONE:
      return false;
    default:
      return StatusFrom(sqlite3_db_handle(statement_.get()),
                        sqlite3_sql(statement_.get()));
  }
}

absl::Status SqliteStatement::Run() {
  const absl::StatusOr<bool> row = Step();
  Reset();
  return row.status();
}

void SqliteStatement::Reset() {
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
}

int64_t SqliteStatement::Int(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

absl::string_view SqliteStatement::Text(int column) const {
  return Blob(column);
}

absl::string_view SqliteStatement::Blob(int column) const {
  const void* bytes = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return {static_cast<const char*>(bytes), static_cast<size_t>(size)};
}

bool SqliteStatement::IsNull(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

void SqliteDatabase::Finalizer::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

void SqliteDatabase::Closer::operator()(sqlite3* database) const {
  sqlite3_close_v2(database);
}

absl::StatusOr<std::unique_ptr<SqliteDatabase>> SqliteDatabase::Open(
    const std::string& path, Migrations migrations) {
  return Open(path, migrations, Options());
}

absl::StatusOr<std::unique_ptr<SqliteDatabase>> SqliteDatabase::Open(
    const std::string& path, Migrations migrations, const Options& options) {
  sqlite3* handle = nullptr;
  const int flags =
      (options.read_only ? SQLITE_OPEN_READONLY
                         : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) |
      SQLITE_OPEN_NOMUTEX;
  const int opened = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(handle));
  if (opened != SQLITE_OK) {
    return StatusFrom(handle, absl::StrCat("opening ", path));
  }
  sqlite3_extended_result_codes(handle, 0);
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  absl::Status ready = database->Execute("PRAGMA foreign_keys = ON");
  if (ready.ok() && !options.read_only) {
    ready = database->Execute(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; "
        "PRAGMA journal_size_limit = 4194304");
    // Files that stay need no room when the next start finds none.
    int keep = 1;
    sqlite3_file_control(handle, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
    if (ready.ok()) ready = database->Migrate(migrations);
  }
  if (!ready.ok()) {
    return absl::Status(ready.code(),
                        absl::StrCat(path, ": ", ready.message()));
  }
  return database;
}

absl::Status SqliteDatabase::Migrate(Migrations migrations) {
  const int64_t newest = static_cast<int64_t>(migrations.size());
  const auto stored_version = [this]() -> absl::StatusOr<int64_t> {
    ORRERY_ASSIGN_OR_RETURN(SqliteStatement query,
                            Prepare("PRAGMA user_version"));
    ORRERY_RETURN_IF_ERROR(query.Step().status());
    return query.Int(0);
  };
  ORRERY_ASSIGN_OR_RETURN(const int64_t before, stored_version());
  if (before > newest) {
    return absl::FailedPreconditionError(absl::StrCat(
        "written by a newer version (schema ", before, ", this program knows ",
        newest, "); use that version or another data directory"));
  }
  if (before == newest) return absl::OkStatus();
  return Transaction([&]() -> absl::Status {
    // Another process may have migrated between the look and the lock.
    ORRERY_ASSIGN_OR_RETURN(const int64_t locked, stored_version());
    for (int64_t step = locked; step < newest; ++step) {
      ORRERY_RETURN_IF_ERROR(Execute(migrations[static_cast<size_t>(step)]));
    }
    return Execute(absl::StrCat("PRAGMA user_version = ", newest));
  });
}

absl::StatusOr<SqliteStatement> SqliteDatabase::Prepare(absl::string_view sql) {
  const auto idle = idle_.find(sql);
  if (idle != idle_.end() && idle->second != nullptr) {
    return SqliteStatement(this, idle->second.release());
  }
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(
          database_.get(), sql.data(), static_cast<int>(sql.size()),
          SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK) {
    return StatusFrom(database_.get(), sql);
  }
  return SqliteStatement(this, statement);
}

absl::Status SqliteDatabase::Execute(const std::string& sql) {
  if (sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) !=
      SQLITE_OK) {
    return StatusFrom(database_.get(), sql);
  }
  return absl::OkStatus();
}

absl::Status SqliteDatabase::Transaction(
    const std::function<absl::Status()>& body) {
  ORRERY_RETURN_IF_ERROR(Execute("BEGIN IMMEDIATE"));
  absl::Status done = body();
  if (done.ok()) done = Execute("COMMIT");
  if (!done.ok()) {
    sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
  return done;
}

absl::Status SqliteDatabase::ReadTransaction(
    const std::function<absl::Status()>& body) {
  ORRERY_RETURN_IF_ERROR(Execute("BEGIN"));
  absl::Status done = body();
  done.Update(Execute("COMMIT"));
  return done;
}

absl::Status SqliteDatabase::FlushPages() {
  if (sqlite3_db_cacheflush(database_.get()) != SQLITE_OK) {
    return StatusFrom(database_.get(), "writing pages");
  }
  return absl::OkStatus();
}

void SqliteDatabase::GiveWayBy(std::function<void()> give_way) {
  give_way_ = std::move(give_way);
  const auto call = [](void* function) {
    (*static_cast<std::function<void()>*>(function))();
    return 0;
  };
  sqlite3_progress_handler(database_.get(), kStepsBetween,
                           give_way_ == nullptr ? nullptr : +call, &give_way_);
}

void SqliteDatabase::LeaveLog() {
  const auto note = [](void* log_pages, sqlite3*, const char*, int pages) {
    *static_cast<int*>(log_pages) = pages;
    return SQLITE_OK;
  };
  // Takes the place of the hook that moves the log.
  sqlite3_wal_hook(database_.get(), note, &log_pages_);
}

int64_t SqliteDatabase::LastRowId() const {
  return sqlite3_last_insert_rowid(database_.get());
}

}  // namespace orrery::registry
