#include "signing/log/entry_bundle.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/digest.h"
#include "signing/example_testing.h"
#include "signing/refusal_matchers.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::signing {
namespace {

using ::testing::ElementsAre;

const auto kRefused = Refused(RefusalCode::kLogTile);

std::string Bundle(std::initializer_list<absl::string_view> entries) {
  std::string bundle;
  for (const absl::string_view entry : entries) AppendEntry(entry, bundle);
  return bundle;
}

TEST(EntryBundleTest, HoldsEachEntryAfterItsLength) {
  EXPECT_EQ(Bundle({"a", "bc"}), absl::string_view("\0\1a\0\2bc", 7));
  const std::string bundle = Bundle({"a", std::string(kMaxEntryBytes, 'b')});
  EXPECT_THAT(SplitEntries(bundle, 2),
              IsOkAndHolds(ElementsAre("a", std::string(kMaxEntryBytes, 'b'))));
}

TEST(EntryBundleTest, IsThatOfTheExample) {
  std::string bundle;
  for (int i = 0; i < 8; ++i) AppendEntry(ExampleLeaf(i), bundle);
  EXPECT_EQ(bundle.size(), 4967);
  EXPECT_EQ(Digest::Of(bundle).Hex(),
            "4753ce0f903d531b05b4d979ed129d5849aec1eeaae7396a246086bc01398ca4");
}

TEST(EntryBundleTest, BytesAreThoseOfTheEntriesAndNoMore) {
  const std::string bundle = Bundle({"a", "bc"});
  EXPECT_THAT(SplitEntries(bundle, 1), kRefused);
  EXPECT_THAT(SplitEntries(bundle, 3), kRefused);
  EXPECT_THAT(SplitEntries(bundle + '\0', 2), kRefused);
  EXPECT_THAT(SplitEntries(Bundle({"a", "bc", "d"}), 2), kRefused);
  for (size_t size = 0; size < bundle.size(); ++size) {
    EXPECT_THAT(SplitEntries(bundle.substr(0, size), 2), kRefused) << size;
  }
}

TEST(EntryBundleTest, AnEntryIsNotEmptyNorLongerThanTheRest) {
  EXPECT_THAT(SplitEntries(absl::string_view("\0\0", 2), 1), kRefused);
  EXPECT_THAT(SplitEntries(absl::string_view("\0\1a\0\0", 5), 2), kRefused);
  EXPECT_THAT(SplitEntries("\xff\xff"
                           "a",
                           1),
              kRefused);
}

}  // namespace
}  // namespace orrery::signing
