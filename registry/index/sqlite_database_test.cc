#include "registry/index/sqlite_database.h"

#include <cstdint>
#include <filesystem>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/status/error_details.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::HasSubstr;

constexpr const char* kFirst[] = {"CREATE TABLE t(a INTEGER) STRICT"};
constexpr const char* kSecond[] = {kFirst[0],
                                   "ALTER TABLE t ADD COLUMN b TEXT"};

std::string FreshPath(absl::string_view name) {
  return std::string(::testing::TempDir()) + std::string(name);
}

int64_t Count(SqliteDatabase& database) {
  auto query = database.Prepare("SELECT count(*) FROM t");
  EXPECT_TRUE(*query->Step());
  return query->Int(0);
}

TEST(SqliteDatabaseTest, OlderSchemaIsMigratedAndKeepsItsRows) {
  const std::string path = FreshPath("older.db");
  {
    auto database = SqliteDatabase::Open(path, kFirst);
    ASSERT_THAT(database, IsOk());
    ASSERT_THAT((*database)->Execute("INSERT INTO t VALUES (1)"), IsOk());
  }
  auto database = SqliteDatabase::Open(path, kSecond);
  ASSERT_THAT(database, IsOk());
  EXPECT_THAT((*database)->Execute("UPDATE t SET b = 'x'"), IsOk());
  EXPECT_EQ(Count(**database), 1);
}

TEST(SqliteDatabaseTest, NewerSchemaIsRefused) {
  const std::string path = FreshPath("newer.db");
  ASSERT_THAT(SqliteDatabase::Open(path, kSecond), IsOk());
  EXPECT_THAT(SqliteDatabase::Open(path, kFirst),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("newer version (schema 2")));
}

TEST(SqliteDatabaseTest, FileThatIsNoDatabaseIsDataLoss) {
  const std::string path = FreshPath("garbage.db");
  FILE* file = fopen(path.c_str(), "we");
  for (int i = 0; i < 1000; ++i) fputs("no database ", file);
  fclose(file);
  EXPECT_THAT(SqliteDatabase::Open(path, kFirst),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr(path)));
}

TEST(SqliteDatabaseTest, LongStatementsGiveWay) {
  auto database = SqliteDatabase::Open(":memory:", kFirst);
  ASSERT_THAT(database, IsOk());
  int times = 0;
  (*database)->GiveWayBy([&times] { ++times; });
  ASSERT_THAT((*database)->Execute(
                  "INSERT INTO t WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL "
                  "SELECT i + 1 FROM n WHERE i < 10000) SELECT i FROM n"),
              IsOk());
  EXPECT_GT(times, 10);
}

TEST(SqliteDatabaseTest, FailedTransactionLeavesNothing) {
  auto database = SqliteDatabase::Open(":memory:", kFirst);
  const absl::Status status = (*database)->Transaction([&] {
    EXPECT_THAT((*database)->Execute("INSERT INTO t VALUES (1)"), IsOk());
    return absl::AbortedError("no");
  });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(Count(**database), 0);
}

TEST(SqliteDatabaseTest,
     FlushedPagesAreInTheFileAndVanishWithTheirTransaction) {
  const std::string path = ::testing::TempDir() + "flushed.db";
  const auto database = SqliteDatabase::Open(path, kFirst);
  ASSERT_THAT(database, IsOk());
  const auto log_bytes = [&path] {
    return std::filesystem::file_size(path + "-wal");
  };
  const absl::Status status = (*database)->Transaction([&] {
    const uintmax_t before = log_bytes();
    EXPECT_THAT((*database)->Execute("INSERT INTO t VALUES (1)"), IsOk());
    EXPECT_EQ(log_bytes(), before);
    EXPECT_THAT((*database)->FlushPages(), IsOk());
    EXPECT_GT(log_bytes(), before);
    return absl::AbortedError("no");
  });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(Count(**database), 0);
}

TEST(SqliteDatabaseTest, BlobsKeepNulBytesAndEmptyIsNotNull) {
  auto database = SqliteDatabase::Open(":memory:", kFirst);
  auto query = (*database)->Prepare("SELECT ?1, ?2");
  query->BindBlob(1, absl::string_view("a\0b", 3)).BindText(2, "");
  ASSERT_THAT(query->Step(), IsOkAndHolds(true));
  EXPECT_EQ(query->Blob(0), absl::string_view("a\0b", 3));
  EXPECT_FALSE(query->IsNull(1));
}

TEST(SqliteDatabaseTest, DatabaseThatMayNotGrowSaysThatTheDiskIsFull) {
  const auto database = SqliteDatabase::Open(":memory:", kFirst);
  ASSERT_THAT(database, IsOk());
  ASSERT_THAT((*database)->Execute("PRAGMA max_page_count = 3"), IsOk());
  const absl::Status full = (*database)->Execute(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE "
      "i < 10000) INSERT INTO t SELECT i FROM n");
  EXPECT_THAT(full, StatusIs(absl::StatusCode::kResourceExhausted,
                             HasSubstr("the disk is full")));
  EXPECT_EQ(ReasonOf(full).reason, "DISK_FULL");
}

}  // namespace
}  // namespace orrery::registry
