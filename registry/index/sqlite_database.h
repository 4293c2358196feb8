// SQLite as this project uses it: WAL, foreign keys, one writer, statuses
// instead of result codes.

#ifndef REGISTRY_INDEX_SQLITE_DATABASE_H_
#define REGISTRY_INDEX_SQLITE_DATABASE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct sqlite3;
struct sqlite3_stmt;

namespace orrery::registry {

class SqliteDatabase;

// Reason of the kDataLoss of a damaged database, with its "file", a name
// without folders.
inline constexpr char kDatabaseDamaged[] = "DATABASE_DAMAGED";

// A prepared statement; goes back to its database, which must outlive it.
// Parameters are numbered from 1, columns from 0. Views of columns are valid
// until the next Step, Reset or destruction.
class SqliteStatement {
 public:
  SqliteStatement& Bind(int index, int64_t value);
  SqliteStatement& BindText(int index, absl::string_view value);
  SqliteStatement& BindBlob(int index, absl::string_view value);
  SqliteStatement& BindNull(int index);

  // Whether there is a row.
  absl::StatusOr<bool> Step();
  // Runs a statement that gives no rows and makes it ready to be run again.
  absl::Status Run();
  // Ready to be bound and run again; bindings are cleared.
  void Reset();

  int64_t Int(int column) const;
  absl::string_view Text(int column) const;
  absl::string_view Blob(int column) const;
  bool IsNull(int column) const;

 private:
  friend class SqliteDatabase;
  struct Returner {
    SqliteDatabase* database;
    void operator()(sqlite3_stmt* statement) const;
  };

  SqliteStatement(SqliteDatabase* database, sqlite3_stmt* statement);

  std::unique_ptr<sqlite3_stmt, Returner> statement_;
};

// A connection. Not thread-safe: one thread at a time.
class SqliteDatabase {
 public:
  struct Options {
    // Opened for reading only; the file must exist.
    bool read_only = false;
  };
  // A step of the schema: SQL that leads from version i to i + 1, where i is
  // its index. `PRAGMA user_version` holds the version.
  using Migrations = std::span<const char* const>;

  // Opens or creates `path` (":memory:" for a private one) and brings its
  // schema up to date in one transaction. kFailedPrecondition when the file
  // was written by a newer version; kDataLoss when it is no database.
  static absl::StatusOr<std::unique_ptr<SqliteDatabase>> Open(
      const std::string& path, Migrations migrations, const Options& options);
  static absl::StatusOr<std::unique_ptr<SqliteDatabase>> Open(
      const std::string& path, Migrations migrations);

  // A statement that was used before is kept ready: `sql` should be one of few
  // texts.
  absl::StatusOr<SqliteStatement> Prepare(absl::string_view sql);
  // Runs statements that give no rows.
  absl::Status Execute(const std::string& sql);
  // BEGIN IMMEDIATE, `body`, COMMIT; rolled back when `body` fails.
  absl::Status Transaction(const std::function<absl::Status()>& body);
  // BEGIN, `body`, COMMIT: what `body` reads is one state of the database.
  absl::Status ReadTransaction(const std::function<absl::Status()>& body);
  // Within a transaction: writes what it has changed so far, which leaves less
  // for its end.
  absl::Status FlushPages();
  // Of the row that was inserted last.
  int64_t LastRowId() const;

  // From now on transactions leave what they wrote in the write-ahead log: who
  // asks for it moves it into the database, over another connection.
  void LeaveLog();
  // Calls `give_way` now and then while statements run, about twenty times a
  // millisecond. It must not use the connection.
  void GiveWayBy(std::function<void()> give_way);
  // Pages that the log had after the last transaction that wrote.
  int log_pages() const { return log_pages_; }

  sqlite3* handle() { return database_.get(); }

 private:
  friend class SqliteStatement;
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const;
  };
  struct Closer {
    void operator()(sqlite3* database) const;
  };

  explicit SqliteDatabase(sqlite3* database) : database_(database) {}
  absl::Status Migrate(Migrations migrations);

  std::unique_ptr<sqlite3, Closer> database_;
  // By their text.
  absl::flat_hash_map<std::string, std::unique_ptr<sqlite3_stmt, Finalizer>>
      idle_;
  int log_pages_ = 0;
  std::function<void()> give_way_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_INDEX_SQLITE_DATABASE_H_
