#include "registry/api/page.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// One page of the list `names`, and the token of the next one in `token`.
std::vector<std::string> Turn(const std::vector<std::string>& names, int size,
                              std::string* token) {
  const auto page = PageOf({"names", size, *token}, names.size(),
                           [&names](size_t i) { return names[i]; });
  if (!page.ok()) {
    ADD_FAILURE() << page.status();
    return {};
  }
  *token = page->next_token;
  return {names.begin() + static_cast<int64_t>(page->begin),
          names.begin() + static_cast<int64_t>(page->end)};
}

size_t EndOfPage(int32_t page_size) {
  return PageOf(
             {"x", page_size, ""}, 5000,
             [](size_t i) { return SortableNumber(static_cast<int64_t>(i)); })
      ->end;
}

TEST(PageTest, TokensLeadThroughTheWholeList) {
  const std::vector<std::string> names = {"a", "b", "c", "d", "e"};
  std::string token;
  EXPECT_THAT(Turn(names, 2, &token), ElementsAre("a", "b"));
  EXPECT_THAT(Turn(names, 2, &token), ElementsAre("c", "d"));
  EXPECT_THAT(Turn(names, 2, &token), ElementsAre("e"));
  EXPECT_EQ(token, "");
}

TEST(PageTest, WhatStaysIsOnOnePageWhateverComesAndGoes) {
  std::string token;
  EXPECT_THAT(Turn({"b", "d", "f", "h"}, 2, &token), ElementsAre("b", "d"));
  // Others before it, the last one gone.
  EXPECT_THAT(Turn({"a", "aa", "b", "f", "h"}, 1, &token), ElementsAre("f"));
  EXPECT_THAT(Turn({"f", "g", "h"}, 5, &token), ElementsAre("g", "h"));
}

TEST(PageTest, ListThatShrankToNothingBehindTheTokenHasNoNextPage) {
  std::string token;
  EXPECT_THAT(Turn({"a", "b", "c"}, 2, &token), ElementsAre("a", "b"));
  EXPECT_THAT(Turn({"a", "b"}, 2, &token), ElementsAre());
  EXPECT_EQ(token, "");
}

TEST(PageTest, ZeroIsTheDefaultAndTooMuchIsLowered) {
  EXPECT_EQ(EndOfPage(0), 100u);
  EXPECT_EQ(EndOfPage(9999), 1000u);
  const auto page = KeyPageOf({"x", 0, "", {.default_size = 20}});
  ASSERT_THAT(page, IsOk());
  EXPECT_EQ(page->size, 20u);
  EXPECT_EQ(page->after, "");
}

TEST(PageTest, NegativeSizeIsRefused) {
  EXPECT_THAT(KeyPageOf({"x", -1, ""}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("must not be negative")));
}

TEST(PageTest, TokenOfAnotherListIsRefused) {
  const std::string token = TokenAfter("search:kafka", "a:b");
  const auto page = KeyPageOf({"search:kafka", 2, token});
  ASSERT_THAT(page, IsOk());
  EXPECT_EQ(page->after, "a:b");
  for (const std::string& bad : {token, std::string("%%"), std::string("x")}) {
    EXPECT_THAT(KeyPageOf({"search:spark", 2, bad}),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << bad;
  }
}

TEST(PageTest, NumbersSortAsTheirTextsDo) {
  const int64_t numbers[] = {
      std::numeric_limits<int64_t>::min(), -10, -1, 0, 9, 10,
      std::numeric_limits<int64_t>::max()};
  for (size_t i = 1; i < std::size(numbers); ++i) {
    EXPECT_LT(SortableNumber(numbers[i - 1]), SortableNumber(numbers[i]));
    EXPECT_GT(SortableNumber(~numbers[i - 1]), SortableNumber(~numbers[i]));
  }
}

}  // namespace
}  // namespace orrery::registry
