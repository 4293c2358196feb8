#include "catalog/api/message_streams.h"

#include <memory>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/orchestrator/orchestrator.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

// Gives what it was given, one part a read.
class FakeLogReader : public LogReader {
 public:
  explicit FakeLogReader(std::vector<std::vector<LogLine>> parts)
      : parts_(std::move(parts)) {}

  absl::StatusOr<std::vector<LogLine>> Read() override {
    if (next_ == parts_.size()) return std::vector<LogLine>();
    return parts_[next_++];
  }
  bool at_end() const override { return next_ == parts_.size(); }

 private:
  std::vector<std::vector<LogLine>> parts_;
  size_t next_ = 0;
};

// A service that was uninstalled.
class GoneLogReader : public LogReader {
 public:
  absl::StatusOr<std::vector<LogLine>> Read() override {
    return absl::NotFoundError("gone");
  }
  bool at_end() const override { return true; }
};

TEST(LogStreamTest, WithoutFollowingItEndsWhenAllIsRead) {
  LogStream stream(
      std::make_unique<FakeLogReader>(std::vector<std::vector<LogLine>>{
          {{"t", "stdout", "one"}}, {{"t", "stdout", "two"}}}),
      /*follow=*/false);
  const auto first = stream.Poll();
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->at(0).lines(0).text(), "one");
  EXPECT_FALSE(stream.done());
  const auto second = stream.Poll();
  EXPECT_EQ(second->at(0).lines(0).text(), "two");
  EXPECT_TRUE(stream.done());
}

TEST(LogStreamTest, FollowingGoesOnUntilTheServiceIsGone) {
  LogStream stream(
      std::make_unique<FakeLogReader>(std::vector<std::vector<LogLine>>{}),
      /*follow=*/true);
  EXPECT_TRUE(stream.Poll()->empty());
  EXPECT_FALSE(stream.done());
  LogStream gone(std::make_unique<GoneLogReader>(), /*follow=*/true);
  EXPECT_TRUE(gone.Poll()->empty());
  EXPECT_TRUE(gone.done());
}

}  // namespace
}  // namespace orrery::catalog
