#include "registry/git/git_delta.h"

#include <string>

#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

std::string Bytes(std::initializer_list<int> bytes) {
  std::string text;
  for (const int byte : bytes) text.push_back(static_cast<char>(byte));
  return text;
}

TEST(GitDeltaTest, CopiesAndInsertionsMakeTheResult) {
  // 5 from offset 6, two new ones, 5 from offset 0.
  const std::string delta = Bytes({11, 12, 0x91, 6, 5, 2, ',', ' ', 0x90, 5});
  EXPECT_THAT(ApplyDelta("hello world", delta, 100),
              IsOkAndHolds("world, hello"));
}

TEST(GitDeltaTest, CopyWithoutSizeIs65536) {
  const std::string base(65536, 'x');
  const std::string delta = Bytes({0x80, 0x80, 4, 0x80, 0x80, 4, 0x80});
  EXPECT_THAT(ApplyDelta(base, delta, 1 << 20), IsOkAndHolds(base));
}

TEST(GitDeltaTest, SizesOfSeveralBytesAreRead) {
  const auto sizes = ParseDeltaSizes(Bytes({0x80, 0x80, 4, 0xff, 1}));
  ASSERT_THAT(sizes, IsOk());
  EXPECT_EQ(sizes->base, 65536u);
  EXPECT_EQ(sizes->result, 255u);
}

TEST(GitDeltaTest, WhatDoesNotFitIsDataLoss) {
  const std::string base = "hello";
  for (const std::string& delta : {
           Bytes({}),                    // no sizes
           Bytes({5}),                   // one size
           Bytes({0x85}),                // a size without end
           Bytes({4, 1, 1, 'x'}),        // for another base
           Bytes({5, 2, 1, 'x'}),        // makes less
           Bytes({5, 1, 2, 'x', 'y'}),   // makes more
           Bytes({5, 2, 2, 'x'}),        // inserts what is not there
           Bytes({5, 1, 0}),             // reserved
           Bytes({5, 6, 0x90, 6}),       // copies behind the end
           Bytes({5, 1, 0x91, 5, 1}),    // from behind the end
           Bytes({5, 5, 0x90}),          // copy cut off
           Bytes({5, 1, 0x98, 255, 1}),  // from far behind the end
           Bytes({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                  0xff, 1, 1}),  // size past 64 bits
       }) {
    EXPECT_THAT(ApplyDelta(base, delta, 100),
                StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST(GitDeltaTest, LargeResultIsRefusedBeforeItIsMade) {
  EXPECT_THAT(ApplyDelta("hello", Bytes({5, 101, 1, 'x'}), 100),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

}  // namespace
}  // namespace orrery::registry
