#include "registry/format/config_pattern.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::registry {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(ConfigPatternTest, AcceptsLinearPatterns) {
  for (const char* pattern :
       {"", "yes", "^.+$", "(http|https)", "^[0-9 ]{12,132}$",
        "^[a-zA-Z0-9]([\\w-]{0,22}[a-zA-Z0-9])?$", "(a+){0,1}", "(a+){3}",
        "([*+])*", "(\\+)*", "([]+])*", "(a?)*"}) {
    EXPECT_THAT(PatternFault(pattern), IsEmpty()) << pattern;
  }
}

TEST(ConfigPatternTest, NestedRepetitionIsExponential) {
  for (const char* pattern : {"^(KONG_\\w+=\\S+)*(\\sKONG_\\w+=\\S+)*$",
                              "(a+)+", "((a*)b)*", "(a{2,})+", "(a{1,5})*"}) {
    EXPECT_THAT(PatternFault(pattern), HasSubstr("exponential")) << pattern;
  }
}

TEST(ConfigPatternTest, WhatRe2CannotReadIsAFault) {
  for (const char* pattern : {"(?=a)", "(a)\\1", "(", "[a", "a**b{", "\\"}) {
    EXPECT_THAT(PatternFault(pattern), HasSubstr("RE2")) << pattern;
  }
}

TEST(ConfigPatternTest, LongPatternIsAFault) {
  EXPECT_THAT(PatternFault(std::string(4096, 'a')), IsEmpty());
  EXPECT_THAT(PatternFault(std::string(4097, 'a')), HasSubstr("4097 bytes"));
}

}  // namespace
}  // namespace orrery::registry
