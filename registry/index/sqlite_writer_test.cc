#include "registry/index/sqlite_writer.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_macros.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

constexpr const char* kSchema[] = {"CREATE TABLE t (value INTEGER)"};
// Values of `PRAGMA synchronous`.
constexpr int64_t kOff = 0;
constexpr int64_t kNormal = 1;
constexpr int64_t kFull = 2;

absl::StatusOr<int64_t> NumberOf(SqliteDatabase& database,
                                 const std::string& query) {
  ORRERY_ASSIGN_OR_RETURN(SqliteStatement row, database.Prepare(query));
  ORRERY_ASSIGN_OR_RETURN(const bool found, row.Step());
  return found ? row.Int(0) : -1;
}

class SqliteWriterTest : public ::testing::Test {
 protected:
  SqliteWriterTest()
      : path_(absl::StrCat(
            ::testing::TempDir(), "sqlite_writer",
            ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }

  std::unique_ptr<SqliteWriter> Open(bool durable) {
    auto writer =
        SqliteWriter::Open(path_ + "/db", kSchema, {.durable = durable});
    EXPECT_THAT(writer, IsOk());
    return *std::move(writer);
  }
  // What another connection sees.
  int64_t Rows() {
    const auto reader = SqliteDatabase::Open(path_ + "/db", kSchema);
    EXPECT_THAT(reader, IsOk());
    return *NumberOf(**reader, "SELECT count(*) FROM t");
  }
  static absl::Status Add(SqliteDatabase& database) {
    return database.Execute("INSERT INTO t VALUES (1)");
  }

  const std::string path_;
};

TEST_F(SqliteWriterTest, OthersSeeWhatWasWritten) {
  const auto writer = Open(true);
  ASSERT_THAT(writer->Write(Add), IsOk());
  ASSERT_THAT(writer->WriteAhead(Add), IsOk());
  EXPECT_EQ(Rows(), 2);
}

TEST_F(SqliteWriterTest, BodyThatFailsWritesNothing) {
  const auto writer = Open(true);
  const auto fail = [](SqliteDatabase& database) {
    EXPECT_THAT(Add(database), IsOk());
    return absl::AbortedError("changed my mind");
  };
  EXPECT_THAT(writer->Write(fail), StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(writer->WriteAhead(fail), StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(Rows(), 0);
}

TEST_F(SqliteWriterTest, OnlyWriteIsSyncedAlsoAfterOneAheadHasFailed) {
  const auto writer = Open(true);
  int64_t ahead = -1;
  EXPECT_THAT(writer->WriteAhead([&](SqliteDatabase& database) {
    ahead = *NumberOf(database, "PRAGMA synchronous");
    return absl::AbortedError("changed my mind");
  }),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(ahead, kNormal);
  int64_t synced = -1;
  EXPECT_THAT(writer->Write([&](SqliteDatabase& database) {
    synced = *NumberOf(database, "PRAGMA synchronous");
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_EQ(synced, kFull);
}

TEST_F(SqliteWriterTest, NothingIsSyncedUnlessDurable) {
  const auto writer = Open(false);
  ASSERT_THAT(writer->WriteAhead(Add), IsOk());
  int64_t synced = -1;
  EXPECT_THAT(writer->Write([&](SqliteDatabase& database) {
    synced = *NumberOf(database, "PRAGMA synchronous");
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_EQ(synced, kOff);
}

}  // namespace
}  // namespace orrery::registry
