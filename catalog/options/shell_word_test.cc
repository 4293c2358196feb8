#include "catalog/options/shell_word.h"

#include "gtest/gtest.h"

namespace orrery::catalog {
namespace {

TEST(ShellWordTest, QuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(ShellWord("refs/heads/main"), "refs/heads/main");
  EXPECT_EQ(ShellWord("a b"), "'a b'");
  EXPECT_EQ(ShellWord("it's"), "'it'\\''s'");
  EXPECT_EQ(ShellWord(""), "''");
}

}  // namespace
}  // namespace orrery::catalog
