#include "cli-plugin/package/child_process.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::cli {
namespace {

using ::testing::HasSubstr;

TEST(ChildProcessTest, GivesExitCodeOutputAndErrors) {
  const auto result =
      RunChild({"sh", "-c", "echo out; echo err >&2; exit 3"}, false);
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->exit_code, 3);
  EXPECT_EQ(result->output, "out\n");
  EXPECT_EQ(result->errors, "err\n");
}

TEST(ChildProcessTest, TakesMoreThanAPipeHolds) {
  const auto result = RunChild(
      {"sh", "-c", "head -c 200000 /dev/zero; head -c 200000 /dev/zero >&2"},
      false);
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->output.size(), 200000u);
  EXPECT_EQ(result->errors.size(), 200000u);
}

TEST(ChildProcessTest, ASignalIsAnExitCodeOfItsOwn) {
  const auto result = RunChild({"sh", "-c", "kill -9 $$"}, false);
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->exit_code, 137);
}

TEST(ChildProcessTest, AProgramThatIsNotThereIsNotFound) {
  EXPECT_THAT(RunChild({"no-such-program-here"}, false),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("no-such-program-here cannot be started")));
}

}  // namespace
}  // namespace orrery::cli
