#include "registry/index/log_checkpointer.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

constexpr const char* kSchema[] = {"CREATE TABLE t (bytes BLOB)"};

class LogCheckpointerTest : public ::testing::Test {
 protected:
  LogCheckpointerTest()
      : path_(absl::StrCat(
            ::testing::TempDir(), "log_checkpointer",
            ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
    writer_ = Open();
    writer_->LeaveLog();
  }

  std::unique_ptr<SqliteDatabase> Open() {
    auto database = SqliteDatabase::Open(path_ + "/db", kSchema);
    EXPECT_THAT(database, IsOk());
    EXPECT_THAT((*database)->Execute("PRAGMA synchronous = OFF"), IsOk());
    return *std::move(database);
  }
  void Write(int pages) {
    ASSERT_THAT(writer_->Execute(absl::StrCat("INSERT INTO t VALUES (zeroblob(",
                                              4096 * pages, "))")),
                IsOk());
  }
  uintmax_t DatabaseBytes() {
    return std::filesystem::file_size(path_ + "/db");
  }

  const std::string path_;
  std::unique_ptr<SqliteDatabase> writer_;
};

TEST_F(LogCheckpointerTest, WriterThatLeavesItsLogMovesNothing) {
  const uintmax_t before = DatabaseBytes();
  Write(5000);
  EXPECT_GE(writer_->log_pages(), 5000);
  EXPECT_EQ(DatabaseBytes(), before);
}

TEST_F(LogCheckpointerTest, LogThatIsTooLongIsMovedBeforeTheWriterGoesOn) {
  LogCheckpointer checkpointer(Open());
  for (int i = 1; i <= 3; ++i) {
    Write(17'000);
    checkpointer.LogHas(writer_->log_pages());
    EXPECT_GE(DatabaseBytes(), uintmax_t{4096} * 17'000 * i);
    Write(1);
    // It began anew.
    EXPECT_LT(writer_->log_pages(), 100);
    checkpointer.LogHas(writer_->log_pages());
  }
}

TEST_F(LogCheckpointerTest, ShortLogIsLeftAlone) {
  const uintmax_t before = DatabaseBytes();
  {
    LogCheckpointer checkpointer(Open());
    Write(10);
    checkpointer.LogHas(writer_->log_pages());
  }
  EXPECT_EQ(DatabaseBytes(), before);
}

TEST_F(LogCheckpointerTest, EndsWithWorkLeftToDo) {
  Write(5000);
  {
    LogCheckpointer checkpointer(Open());
    checkpointer.LogHas(writer_->log_pages());
  }
  auto query = *writer_->Prepare("SELECT count(*) FROM t");
  EXPECT_THAT(query.Step(), IsOkAndHolds(true));
  EXPECT_EQ(query.Int(0), 1);
}

}  // namespace
}  // namespace orrery::registry
