#include "registry/page.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::HasSubstr;

TEST(PageTest, TokensLeadThroughTheWholeList) {
  const auto first = PageOf("packages", 5, 2, "");
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->begin, 0u);
  EXPECT_EQ(first->end, 2u);
  const auto second = PageOf("packages", 5, 2, first->next_token);
  EXPECT_EQ(second->begin, 2u);
  const auto third = PageOf("packages", 5, 2, second->next_token);
  EXPECT_EQ(third->begin, 4u);
  EXPECT_EQ(third->end, 5u);
  EXPECT_EQ(third->next_token, "");
}

TEST(PageTest, ZeroIsTheDefaultAndTooMuchIsLowered) {
  EXPECT_EQ(PageOf("x", 5000, 0, "")->end, 100u);
  EXPECT_EQ(PageOf("x", 5000, 9999, "")->end, 1000u);
}

TEST(PageTest, NegativeSizeIsRefused) {
  EXPECT_THAT(PageOf("x", 5, -1, ""),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("must not be negative")));
}

TEST(PageTest, TokenOfAnotherListIsRefused) {
  const std::string token = PageOf("search:kafka", 5, 2, "")->next_token;
  for (const std::string& bad : {token, std::string("%%"), std::string("x")}) {
    EXPECT_THAT(PageOf("search:spark", 5, 2, bad),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST(PageTest, TokenBehindTheEndOfAListThatShrankGivesAnEmptyPage) {
  const std::string token = PageOf("x", 500, 100, "")->next_token;
  const auto page = PageOf("x", 3, 100, token);
  ASSERT_THAT(page, IsOk());
  EXPECT_EQ(page->begin, page->end);
  EXPECT_EQ(page->next_token, "");
}

TEST(PageTest, NamesGoOnBehindTheLastOneWhateverCameBefore) {
  const auto first = NamePageOf("packages", 2, "");
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->after, "");
  EXPECT_EQ(first->size, 2u);
  const auto second = NamePageOf("packages", 0, TokenAfter("packages", "a:b"));
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->after, "a:b");
  EXPECT_EQ(second->size, 100u);
  EXPECT_THAT(NamePageOf("others", 2, TokenAfter("packages", "a")),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(NamePageOf("packages", -1, ""),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace orrery::registry
