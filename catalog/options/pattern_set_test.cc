#include "catalog/options/pattern_set.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

TEST(PatternSetTest, PatternsAreFoundAnywhere) {
  const struct {
    const char* pattern;
    const char* text;
    bool matches;
  } kCases[] = {
      {"b", "abc", true},
      {"^b", "abc", false},
      {"^yes$", "yes\n", false},
      {"^\\d+$", "123", true},
      {"^\\u00e9$", "\xc3\xa9", true},
      {"\\\\u0041", "\\u0041", true},
      {"^(KONG_\\w+=\\S+)*(\\sKONG_\\w+=\\S+)*$", "KONG_A=1 KONG_B=2", true},
      {"^.$", "\xc3\xa9", true},
  };
  for (const auto& c : kCases) {
    PatternSet patterns;
    ASSERT_THAT(patterns.Add(c.pattern), IsOk()) << c.pattern;
    EXPECT_EQ(patterns.Matches(c.pattern, c.text), c.matches) << c.pattern;
  }
}

TEST(PatternSetTest, LookAroundAndBackReferencesAreRefused) {
  for (const char* pattern : {"(?=a)", "(?<!a)b", "(a)\\1", "(", "[z-a]"}) {
    PatternSet patterns;
    EXPECT_THAT(patterns.Add(pattern),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << pattern;
  }
  PatternSet patterns;
  EXPECT_THAT(patterns.Add(std::string(5000, 'a')),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       ::testing::HasSubstr("4096")));
}

TEST(PatternSetTest, LongTextNeitherCrashesNorExplodes) {
  PatternSet patterns;
  const char* exponential = "^(a|a)*(a|a)*$";
  ASSERT_THAT(patterns.Add(exponential), IsOk());
  EXPECT_FALSE(patterns.Matches(exponential, std::string(60000, 'a') + "b"));
  EXPECT_FALSE(patterns.Matches(exponential, std::string(1 << 20, 'a')));
}

}  // namespace
}  // namespace orrery::catalog
