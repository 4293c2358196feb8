#include "server/http/entity_tag.h"

#include "gtest/gtest.h"

namespace orrery::server {
namespace {

TEST(EntityTagTest, IsTheDigestAndTheCoding) {
  // SHA-256 of the empty string, FIPS 180-4.
  EXPECT_EQ(EntityTag("", ContentCoding::kIdentity),
            "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
            "\"");
  EXPECT_EQ(EntityTag("", ContentCoding::kZstd),
            "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
            "-zstd\"");
}

TEST(EntityTagTest, IfNoneMatchComparesWeakly) {
  const char* const matching[] = {
      "\"a\"",           "*",           " * ", "W/\"a\"", "\"x\", \"a\"",
      "\"x,y\",W/\"a\"", "\"a\" ,\"b\""};
  for (const char* field : matching) {
    EXPECT_TRUE(MatchesAnyWeakly(field, "\"a\"")) << field;
  }
  const char* const others[] = {"",       "a",   "\"b\"", "\"a",       "W/",
                                "\"aa\"", "W/a", "\"A\"", ", \"a\"x\""};
  for (const char* field : others) {
    EXPECT_FALSE(MatchesAnyWeakly(field, "\"a\"")) << field;
  }
}

}  // namespace
}  // namespace orrery::server
