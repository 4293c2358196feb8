#include "signing/replay/catalog.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/digest.h"
#include "signing/example_testing.h"
#include "signing/refusal_matchers.h"
#include "signing/replay/log_testing.h"
#include "signing/replay/replay.h"

namespace orrery::signing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// trust.md §26.
TEST(CatalogTest, IsThatOfTheExampleByteForByte) {
  Replay replay(kExampleOrigin);
  for (int i = 0; i < kExampleLeaves; ++i) {
    if (i == 2 || i == 7 || i == 10) {
      const std::string catalog = PrintCatalog(replay.state());
      EXPECT_EQ(catalog, ExampleFile(absl::StrCat("catalog-", i)));
      EXPECT_THAT(ExampleLeaf(i),
                  HasSubstr(absl::StrCat(Digest::Of(catalog).Hex(), " ",
                                         catalog.size(), "\n")));
    }
    EXPECT_THAT(replay.Append(ExampleLeaf(i)), IsOk()) << i;
  }
}

TEST(CatalogTest, OfAnEmptyLogIsItsHead) {
  EXPECT_EQ(PrintCatalog(TestLog().state()),
            "orrery/catalog/v1\nlog registry.example/main\nsize 0\n");
}

TEST(CatalogTest, ListsVoidLeavesBeforeTheSources) {
  TestLog log;
  ASSERT_THAT(log.AppendBytes("no record\n\n"), Not(IsOk()));
  ASSERT_THAT(log.Append(log.Source("universe")), IsOk());
  Record record = log.Observed("universe", "kafka", 1, 1, "a");
  record.seq = 2;
  ASSERT_THAT(log.Append(record), Not(IsOk()));
  EXPECT_THAT(
      PrintCatalog(log.state()),
      HasSubstr("size 3\nvoid 0 record.syntax\nvoid 2 record.chain\n"
                "source universe 1 1 base 100 mutable observed sha256:"));
}

TEST(CatalogTest, OrdersPackagesSourcesReleasesAndRevisions) {
  TestLog log;
  for (const char* source : {"b", "a"}) {
    ASSERT_THAT(log.Append(log.Source(source)), IsOk());
  }
  ASSERT_THAT(log.Append(log.Observed("b", "zk", 10, 1, "1")), IsOk());
  ASSERT_THAT(log.Append(log.Observed("b", "zk", 9, 1, "2")), IsOk());
  ASSERT_THAT(log.Append(log.Observed("a", "zk", 11, 1, "3")), IsOk());
  ASSERT_THAT(log.Append(log.Observed("b", "zk", 9, 2, "4")), IsOk());
  ASSERT_THAT(log.Append(log.Observed("b", "acme", 0, 1, "5")), IsOk());
  std::string keys;
  for (const absl::string_view line :
       absl::StrSplit(PrintCatalog(log.state()), '\n')) {
    const std::vector<std::string> fields = absl::StrSplit(line, ' ');
    if (fields[0] == "package") absl::StrAppend(&keys, fields[1], ":");
    if (fields[0] == "source") absl::StrAppend(&keys, fields[1], " ");
    if (fields[0] == "r") absl::StrAppend(&keys, " r", fields[1], fields[2]);
    if (fields[0] == "release") {
      absl::StrAppend(&keys, " ", fields[1], fields[2], "#", fields[3]);
    }
  }
  EXPECT_EQ(keys,
            "a b acme: rb1 b0#1zk: ra1 rb1 rb2 rb3 a11#1 b9#1 b9#2 b10#1");
}

TEST(CatalogTest, NamesTheBaseOfAnOverlay) {
  TestLog log;
  Record overlay = log.Source("extra");
  std::get<SourceRecord>(overlay.body).overlay_of = "universe";
  std::get<SourceRecord>(overlay.body).admission = Admission::kNone;
  ASSERT_THAT(log.Append(overlay), IsOk());
  EXPECT_THAT(PrintCatalog(log.state()),
              HasSubstr("source extra 1 0 overlay:universe 100 mutable none "
                        "sha256:"));
}

// §11.5: "from the `release` record if there is one, else from `observed`".
TEST(CatalogTest, AnEndorsedReleaseHasTheLabelAndRequirementsOfItsRecord) {
  TestLog log;
  ASSERT_THAT(log.Append(log.Source("universe")), IsOk());
  Record observed = log.Observed("universe", "kafka", 1, 1, "a");
  std::get<ObservedRecord>(observed.body).content.requirements = {"zk >=1"};
  ASSERT_THAT(log.Append(observed), IsOk());
  EXPECT_THAT(PrintCatalog(log.state()), HasSubstr(" observed current "));
  ASSERT_THAT(log.Append(log.Keyset("kafka", "universe")), IsOk());
  Record release = log.Release("kafka", 1, 1, "a");
  std::get<ReleaseRecord>(release.body).content.version = "2.0";
  std::get<ReleaseRecord>(release.body).content.requirements = {"zk >=2"};
  ASSERT_THAT(log.Append(release), IsOk());
  const std::string catalog = PrintCatalog(log.state());
  EXPECT_THAT(catalog, HasSubstr(" 2.0\nrequires zk >=2\n"));
  EXPECT_THAT(catalog, HasSubstr("release universe 1 1 sshsig current "));
  EXPECT_THAT(catalog, Not(HasSubstr("zk >=1")));
}

}  // namespace
}  // namespace orrery::signing
