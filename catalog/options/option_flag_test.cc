#include "catalog/options/option_flag.h"

#include "gtest/gtest.h"

namespace orrery::catalog {
namespace {

TEST(OptionFlagTest, IsWrittenAsItIsTyped) {
  EXPECT_EQ(SetFlag("/service/mem", "512"), "--set service.mem=512");
  EXPECT_EQ(UnsetFlag("/service/mem"), "--unset service.mem");
}

TEST(OptionFlagTest, IsOneWordOfAShell) {
  EXPECT_EQ(SetFlag("/motto", "it's $HOME"), "--set 'motto=it'\\''s $HOME'");
  EXPECT_EQ(UnsetFlag("/two words"), "--unset 'two words'");
}

}  // namespace
}  // namespace orrery::catalog
