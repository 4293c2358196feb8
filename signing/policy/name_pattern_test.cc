#include "signing/policy/name_pattern.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::signing {
namespace {

NamePattern Pattern(absl::string_view text) {
  auto pattern = NamePattern::Parse(text);
  EXPECT_THAT(pattern, IsOk());
  return *pattern;
}

TEST(NamePatternTest, TakesTheFourForms) {
  for (const std::string text :
       {"kafka", "acme/db", "acme/", "acme-*", "a-*", "a-b-*", "*"}) {
    EXPECT_EQ(Pattern(text).text(), text);
  }
}

TEST(NamePatternTest, RefusesOtherForms) {
  for (const std::string text :
       {"", "**", "acme*", "acme/*", "*-acme", "acme/db-*", "Acme/", "a/", "/",
        "-*", "acme--*x", "ac me", "acme/db/", "1-*", "acme-?"}) {
    EXPECT_THAT(NamePattern::Parse(text),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
}

// FR-42.
TEST(NamePatternTest, MatchesNoMoreThanIsMeant) {
  struct Case {
    const char* pattern;
    std::vector<std::string> matched;
    std::vector<std::string> others;
  };
  const Case cases[] = {
      {"acme/", {"acme/db", "acme/db-x"}, {"acme", "acme-db", "acmex/db"}},
      {"acme-*",
       {"acme-db", "acme-db-x"},
       {"acme", "acmex-db", "acme/db", "acme/db-x", "xacme-db"}},
      {"kafka", {"kafka"}, {"kafka-zookeeper", "acme/kafka", "kafk"}},
      {"*", {"kafka", "acme/db"}, {}}};
  for (const Case& c : cases) {
    PatternTable<int> table;
    ASSERT_TRUE(table.Add(Pattern(c.pattern), 0, 1));
    for (const std::string& name : c.matched) {
      EXPECT_NE(table.Find(name), nullptr) << c.pattern << " " << name;
    }
    for (const std::string& name : c.others) {
      EXPECT_EQ(table.Find(name), nullptr) << c.pattern << " " << name;
    }
  }
}

TEST(NamePatternTest, TheMoreSpecificDecides) {
  PatternTable<int> table;
  int64_t line = 1;
  for (const char* text : {"*", "acme-*", "acme-db-*", "acme-db-x", "acme/"}) {
    ASSERT_TRUE(table.Add(Pattern(text), 0, line++));
  }
  EXPECT_EQ(table.Find("acme-db-x")->line, 4);
  EXPECT_EQ(table.Find("acme-db-y")->line, 3);
  EXPECT_EQ(table.Find("acme-x")->line, 2);
  EXPECT_EQ(table.Find("acme/db-x")->line, 5);
  EXPECT_EQ(table.Find("kafka")->line, 1);
}

TEST(NamePatternTest, APatternStandsOnceInATable) {
  PatternTable<int> table;
  EXPECT_TRUE(table.Add(Pattern("kafka"), 1, 1));
  EXPECT_FALSE(table.Add(Pattern("kafka"), 2, 2));
  EXPECT_EQ(table.Find("kafka")->value, 1);
  EXPECT_EQ(table.Find("spark"), nullptr);
}

}  // namespace
}  // namespace orrery::signing
