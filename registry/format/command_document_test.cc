#include "registry/format/command_document.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/format/json_parse.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST(CommandDocumentTest, ReadsTheLines) {
  const auto read =
      ParseCommandDocument(ParseJson(R"({"pip":["a==1","b"]})")->root);
  EXPECT_TRUE(read.faults.empty());
  EXPECT_THAT(read.document.pip, ElementsAre("a==1", "b"));
}

TEST(CommandDocumentTest, RejectsEverythingElse) {
  for (const char* text :
       {"{}", R"({"pip":"a"})", R"({"pip":[1]})", R"({"pip":[],"npm":[]})"}) {
    EXPECT_THAT(ParseCommandDocument(ParseJson(text)->root).faults, SizeIs(1))
        << text;
  }
}

}  // namespace
}  // namespace orrery::registry
