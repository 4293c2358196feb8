#include "registry/format/document_reader.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/format/json_parse.h"

namespace orrery::registry {
namespace {

using ::testing::HasSubstr;

struct Point {
  std::string name;
  bool on = false;
};

constexpr MemberRule<Point> kPointMembers[] = {
    {"name", &ReadField<&Point::name, Point>, /*required=*/true},
    {"on", &ReadField<&Point::on, Point>, false, PackagingVersion::k40},
};

Parsed<Point> Read(absl::string_view text,
                   PackagingVersion version = PackagingVersion::k40) {
  Parsed<Point> result;
  FaultList faults;
  ReadObject<Point>(ParseJson(text)->root, JsonPath(), kPointMembers, version,
                    &faults, &result.document);
  result.faults = faults.Take();
  return result;
}

TEST(JsonPathTest, WritesEscapedStepsAndIndexes) {
  const JsonPath root;
  const JsonPath member(root, "a/b~c");
  const JsonPath item(member, 3);
  EXPECT_EQ(root.Pointer(), "");
  EXPECT_EQ(item.Pointer(), "/a~1b~0c/3");
}

TEST(JsonPathTest, StopsBeforeAStepThatIsTooLong) {
  const std::string longest(5000, 'x');
  const JsonPath root;
  const JsonPath first(root, "a");
  const JsonPath second(first, longest);
  const JsonPath third(second, "b");
  EXPECT_EQ(third.Pointer(), "/a");
}

TEST(DocumentReaderTest, ReadsWhatFits) {
  const auto read = Read(R"({"name":"x","on":true})");
  EXPECT_TRUE(read.faults.empty());
  EXPECT_EQ(read.document.name, "x");
  EXPECT_TRUE(read.document.on);
}

TEST(DocumentReaderTest, ReportsEveryFaultWithItsPlace) {
  const auto read = Read("{\n\"name\":1,\n\"on\":\"yes\"}");
  ASSERT_EQ(read.faults.size(), 2u);
  EXPECT_EQ(read.faults[0].pointer, "/name");
  EXPECT_EQ(read.faults[0].offset, 9u);
  EXPECT_EQ(read.faults[0].text, "expected a string, found a number");
  EXPECT_EQ(read.faults[1].pointer, "/on");
  EXPECT_FALSE(read.faults[1].unknown_member);
}

TEST(DocumentReaderTest, UnknownMemberHasASuggestion) {
  const auto read = Read(R"({"name":"x","naem":"y"})");
  ASSERT_EQ(read.faults.size(), 1u);
  EXPECT_TRUE(read.faults[0].unknown_member);
  EXPECT_EQ(read.faults[0].pointer, "/naem");
  EXPECT_EQ(read.faults[0].text,
            R"(unknown member "naem"; did you mean "name"?)");
}

TEST(DocumentReaderTest, MemberOfALaterVersionIsUnknownAndNotRead) {
  const auto read = Read(R"({"name":"x","on":true})", PackagingVersion::k30);
  ASSERT_EQ(read.faults.size(), 1u);
  EXPECT_TRUE(read.faults[0].unknown_member);
  EXPECT_THAT(read.faults[0].text, HasSubstr("packaging version 4.0"));
  EXPECT_FALSE(read.document.on);
}

TEST(DocumentReaderTest, MissingMemberIsAFaultOfTheObject) {
  const auto read = Read(" {}");
  ASSERT_EQ(read.faults.size(), 1u);
  EXPECT_EQ(read.faults[0].pointer, "");
  EXPECT_EQ(read.faults[0].offset, 1u);
  EXPECT_EQ(read.faults[0].text, R"(member "name" is missing)");
}

TEST(DocumentReaderTest, KeepsTheFirstThousandFaults) {
  std::string text = R"({"name":"x")";
  for (int i = 0; i < 1500; ++i) text += ",\"q" + std::to_string(i) + "\":0";
  EXPECT_EQ(Read(text + "}").faults.size(), 1000u);
}

TEST(DocumentReaderTest, ShownTextIsCutBetweenCharacters) {
  EXPECT_EQ(Shown("a\nb"), R"("a\nb")");
  EXPECT_EQ(Shown(std::string(79, 'a') + "\u00e9b"),
            "\"" + std::string(79, 'a') + "…\"");
}

}  // namespace
}  // namespace orrery::registry
