#include "signing/policy/config_reader.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::signing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ConfigReaderTest, GivesTheFieldsOfLinesThatSaySomething) {
  ConfigReader reader("# x\n\n \t\n\ta  b\t c \n  # \xC3\xA4\nd #e\n");
  EXPECT_THAT(reader.Next(), IsOkAndHolds(ElementsAre("a", "b", "c")));
  EXPECT_EQ(reader.line(), 4);
  EXPECT_THAT(reader.Next(), IsOkAndHolds(ElementsAre("d", "#e")));
  EXPECT_EQ(reader.line(), 6);
  EXPECT_THAT(reader.Next(), IsOkAndHolds(IsEmpty()));
}

TEST(ConfigReaderTest, RefusesControlCharactersAndAnUnendedLine) {
  for (const std::string& text :
       {std::string("a\r\n"), std::string("a\0b\n", 4), std::string("# \x1b\n"),
        std::string("a \x7f\n"), std::string("a"), std::string("# x")}) {
    EXPECT_THAT(ConfigReader(text).Next(),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
}

TEST(ConfigReaderTest, RefusesMoreThanOneMebibyte) {
  const std::string text = std::string(kMaxConfigBytes - 1, '#') + "\n";
  EXPECT_THAT(ConfigReader(text).Next(), IsOk());
  EXPECT_THAT(ConfigReader(text + "\n").Next(),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace orrery::signing
