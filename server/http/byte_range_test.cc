#include "server/http/byte_range.h"

#include "gtest/gtest.h"

namespace orrery::server {
namespace {

TEST(ByteRangeTest, OneRangeOfBytes) {
  const std::tuple<const char*, uint64_t, uint64_t> cases[] = {
      {"bytes=0-0", 0, 1},   {"bytes=0-9", 0, 10}, {"bytes=3-", 3, 7},
      {"bytes=3-100", 3, 7}, {"bytes=-4", 6, 4},   {"bytes=-100", 0, 10},
      {"Bytes=9-9", 9, 1},   {"bytes= 1-2", 1, 2}};
  for (const auto& [field, first, length] : cases) {
    const RangeRequest request = ParseRange(field, 10);
    EXPECT_FALSE(request.unsatisfiable) << field;
    EXPECT_EQ(request.range, (ByteRange{first, length})) << field;
  }
}

TEST(ByteRangeTest, BytesThatAreNotThereAreUnsatisfiable) {
  for (const char* field : {"bytes=10-", "bytes=10-20", "bytes=-0"}) {
    EXPECT_TRUE(ParseRange(field, 10).unsatisfiable) << field;
  }
  EXPECT_TRUE(ParseRange("bytes=0-", 0).unsatisfiable);
  EXPECT_TRUE(ParseRange("bytes=-5", 0).unsatisfiable);
}

TEST(ByteRangeTest, TheRestIsIgnored) {
  for (const char* field :
       {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=1", "bytes=2-1",
        "bytes=0-1,3-4", "items=0-1", "bytes=+1-2", "bytes=1--2",
        "bytes=99999999999999999999-"}) {
    const RangeRequest request = ParseRange(field, 10);
    EXPECT_FALSE(request.unsatisfiable) << field;
    EXPECT_EQ(request.range, std::nullopt) << field;
  }
}

}  // namespace
}  // namespace orrery::server
