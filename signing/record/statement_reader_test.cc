#include "signing/record/statement_reader.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/refusal_matchers.h"

namespace orrery::signing {
namespace {

using ::testing::ElementsAre;

std::string Lines(size_t count, absl::string_view line) {
  std::string text;
  for (size_t i = 0; i < count; ++i) text.append(line.data(), line.size());
  return text;
}

TEST(StatementReaderTest, GivesFieldsInTheOrderOfTheLines) {
  auto reader = StatementReader::Open("a 1 2\nb c 3\n");
  ASSERT_THAT(reader, IsOk());
  EXPECT_TRUE(reader->Sees("a"));
  EXPECT_FALSE(reader->Sees("b"));
  EXPECT_THAT(reader->TakeFields<2>("a"), IsOkAndHolds(ElementsAre("1", "2")));
  EXPECT_THAT(reader->Take("b c"), IsOkAndHolds("3"));
  EXPECT_EQ(reader->line(), 2);
  EXPECT_THAT(reader->TakeEnd(), IsOk());
}

TEST(StatementReaderTest, AKeywordIsAWholeWord) {
  auto reader = StatementReader::Open("sequence 1\n");
  ASSERT_THAT(reader, IsOk());
  EXPECT_FALSE(reader->Sees("seq"));
  EXPECT_THAT(reader->Take("seq"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "the line 'seq' is wanted here, not 'sequence 1'"));
  EXPECT_EQ(reader->line(), 1);
}

TEST(StatementReaderTest, FieldsAreAsManyAsAskedFor) {
  constexpr char kWanted[] =
      "a 'a' line has 2 fields with one space between any two";
  for (const char* const line : {"a 1\n", "a 1 2 3\n"}) {
    auto reader = StatementReader::Open(line);
    ASSERT_THAT(reader, IsOk());
    EXPECT_THAT(reader->TakeFields<2>("a"),
                StatusIs(absl::StatusCode::kInvalidArgument, kWanted))
        << line;
  }
}

TEST(StatementReaderTest, TwoSpacesGiveAnEmptyField) {
  auto reader = StatementReader::Open("a 1  2\n");
  ASSERT_THAT(reader, IsOk());
  EXPECT_THAT(reader->TakeFields<2>("a"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(StatementReaderTest, LimitsAreTheLastThatPass) {
  EXPECT_THAT(StatementReader::Open(Lines(400, "a b\n")), IsOk());
  EXPECT_THAT(StatementReader::Open(Lines(401, "a b\n")),
              RefusedAtLine(RefusalCode::kRecordSyntax, 401));
  EXPECT_THAT(StatementReader::Open(Lines(1024, "a") + "\n"), IsOk());
  EXPECT_THAT(StatementReader::Open(Lines(1025, "a") + "\n"),
              RefusedAtLine(RefusalCode::kRecordSyntax, 1));
  const std::string line = Lines(255, "a") + "\n";
  EXPECT_THAT(StatementReader::Open(Lines(96, line)), IsOk());
  EXPECT_THAT(StatementReader::Open(Lines(96, line).substr(1) + "b\n"),
              Refused(RefusalCode::kRecordSyntax));
}

TEST(StatementReaderTest, RefusesWhatNoStatementHolds) {
  struct Case {
    std::string text;
    int64_t line;
  };
  const Case cases[] = {{"a b\n\nc d\n", 2},
                        {"\n", 1},
                        {"a b\nc d", 2},
                        {"a b\n c d\n", 2},
                        {"a b \n", 1},
                        {"a b\r\n", 1},
                        {"a\tb\n", 1},
                        {std::string("a \0b\n", 5), 1},
                        {"a \x7f\n", 1},
                        {"a \x80\n", 1},
                        {"\xEF\xBB\xBF"
                         "a b\n",
                         1}};
  for (const Case& c : cases) {
    EXPECT_THAT(StatementReader::Open(c.text),
                RefusedAtLine(RefusalCode::kRecordSyntax, c.line))
        << c.text;
  }
}

}  // namespace
}  // namespace orrery::signing
