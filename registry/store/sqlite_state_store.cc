#include "registry/store/sqlite_state_store.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

constexpr const char* kMigrations[] = {
    "CREATE TABLE entries("
    "  key TEXT PRIMARY KEY,"
    "  value BLOB NOT NULL,"
    "  revision INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE counter("
    "  revision INTEGER NOT NULL"
    ") STRICT;"
    "INSERT INTO counter VALUES (0)",
};

absl::Status CheckExpected(SqliteDatabase& database, const StateWrite& write) {
  if (!write.expected_revision.has_value()) return absl::OkStatus();
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      database.Prepare("SELECT revision FROM entries WHERE key = ?1"));
  query.BindText(1, write.key);
  ORRERY_ASSIGN_OR_RETURN(const bool exists, query.Step());
  const int64_t revision = exists ? query.Int(0) : 0;
  if (revision == *write.expected_revision) return absl::OkStatus();
  return absl::AbortedError(
      absl::StrCat("'", write.key, "' was changed meanwhile"));
}

absl::Status Apply(SqliteDatabase& database, const StateWrite& write,
                   int64_t revision) {
  ORRERY_RETURN_IF_ERROR(CheckExpected(database, write));
  if (!write.value.has_value()) {
    ORRERY_ASSIGN_OR_RETURN(
        SqliteStatement erase,
        database.Prepare("DELETE FROM entries WHERE key = ?1"));
    return erase.BindText(1, write.key).Run();
  }
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement put,
      database.Prepare("INSERT OR REPLACE INTO entries VALUES (?1, ?2, ?3)"));
  return put.BindText(1, write.key)
      .BindBlob(2, *write.value)
      .Bind(3, revision)
      .Run();
}

// Reads the whole file, which is small, so that damage shows at the start.
absl::Status CheckWhole(SqliteDatabase& database, const std::string& path) {
  ORRERY_ASSIGN_OR_RETURN(SqliteStatement check,
                          database.Prepare("PRAGMA quick_check(1)"));
  ORRERY_RETURN_IF_ERROR(check.Step().status());
  if (check.Text(0) == "ok") return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(path, ": ", check.Text(0)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteStateStore>> SqliteStateStore::Open(
    const std::string& path) {
  auto opened = SqliteDatabase::Open(path, kMigrations);
  absl::Status whole = opened.status();
  if (whole.ok()) whole = CheckWhole(**opened, path);
  if (absl::IsDataLoss(whole)) {
    return absl::DataLossError(absl::StrCat(
        whole.message(),
        "; it holds sources, services and operations, which are nowhere else: "
        "put a backup in its place, or move it away to begin with none"));
  }
  ORRERY_RETURN_IF_ERROR(whole);
  std::unique_ptr<SqliteDatabase> database = *std::move(opened);
  return std::unique_ptr<SqliteStateStore>(
      new SqliteStateStore(std::move(database)));
}

absl::StatusOr<StateEntry> SqliteStateStore::Get(absl::string_view key) {
  MutexLock lock(&mutex_);
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      database_->Prepare("SELECT value, revision FROM entries WHERE key = ?1"));
  query.BindText(1, key);
  ORRERY_ASSIGN_OR_RETURN(const bool exists, query.Step());
  if (!exists) return absl::NotFoundError(absl::StrCat("no '", key, "'"));
  return StateEntry{std::string(key), std::string(query.Blob(0)), query.Int(1)};
}

absl::StatusOr<std::vector<StateEntry>> SqliteStateStore::List(
    absl::string_view prefix) {
  MutexLock lock(&mutex_);
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      database_->Prepare("SELECT key, value, revision FROM entries"
                         " WHERE key >= ?1 AND substr(key, 1, ?2) = ?1"
                         " ORDER BY key"));
  query.BindText(1, prefix).Bind(2, static_cast<int64_t>(prefix.size()));
  std::vector<StateEntry> entries;
  while (true) {
    ORRERY_ASSIGN_OR_RETURN(const bool more, query.Step());
    if (!more) return entries;
    entries.push_back(
        {std::string(query.Text(0)), std::string(query.Blob(1)), query.Int(2)});
  }
}

absl::StatusOr<int64_t> SqliteStateStore::Commit(
    const std::vector<StateWrite>& writes) {
  MutexLock lock(&mutex_);
  int64_t revision = 0;
  SqliteDatabase& database = *database_;
  ORRERY_RETURN_IF_ERROR(database.Transaction([&]() -> absl::Status {
    ORRERY_RETURN_IF_ERROR(
        database.Execute("UPDATE counter SET revision = revision + 1"));
    ORRERY_ASSIGN_OR_RETURN(SqliteStatement query,
                            database.Prepare("SELECT revision FROM counter"));
    ORRERY_RETURN_IF_ERROR(query.Step().status());
    revision = query.Int(0);
    for (const StateWrite& write : writes) {
      ORRERY_RETURN_IF_ERROR(Apply(database, write, revision));
    }
    return absl::OkStatus();
  }));
  return revision;
}

}  // namespace orrery::registry
