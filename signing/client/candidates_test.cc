#include "signing/client/candidates.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/refusal_matchers.h"
#include "signing/replay/log_testing.h"

namespace orrery::signing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class CandidatesTest : public testing::Test {
 protected:
  void Take(const Record& record) { ASSERT_THAT(log_.Append(record), IsOk()); }
  void TakeSource(absl::string_view id, int64_t priority,
                  absl::string_view overlay_of = "") {
    Record source = log_.Source(id);
    std::get<SourceRecord>(source.body).priority = priority;
    std::get<SourceRecord>(source.body).overlay_of = std::string(overlay_of);
    Take(source);
  }
  void TakeRelease(absl::string_view source, int64_t release, int64_t revision,
                   absl::string_view content) {
    Take(log_.Observed(source, "kafka", release, revision, content));
  }
  std::vector<RevisionKey> Find(const WantedRevision& wanted,
                                absl::string_view source = "") const {
    return FindCandidates(log_.state(), *FindPackage(log_.state(), "kafka"),
                          source, wanted);
  }

  TestLog log_;
};

TEST_F(CandidatesTest, TheNewestComesFirstByNumberAlone) {
  TakeSource("universe", 100);
  TakeRelease("universe", 9, 1, "a");
  TakeRelease("universe", 10, 1, "b");
  TakeRelease("universe", 10, 2, "c");
  EXPECT_THAT(Find({}), ElementsAre(RevisionKey{"universe", 10, 2},
                                    RevisionKey{"universe", 9, 1}));
}

// §10.1: numbers of two sources do not compare.
TEST_F(CandidatesTest, TheBetterSourceComesFirstThenItsId) {
  TakeSource("c", 100);
  TakeSource("b", 100);
  TakeSource("a", 200);
  TakeRelease("a", 99, 1, "a");
  TakeRelease("b", 1, 1, "b");
  TakeRelease("c", 50, 1, "c");
  EXPECT_THAT(Find({}),
              ElementsAre(RevisionKey{"b", 1, 1}, RevisionKey{"c", 50, 1},
                          RevisionKey{"a", 99, 1}));
  EXPECT_THAT(Find({}, "a"), ElementsAre(RevisionKey{"a", 99, 1}));
  EXPECT_THAT(Find({}, "d"), IsEmpty());
}

TEST_F(CandidatesTest, WhatIsWantedChooses) {
  TakeSource("universe", 100);
  TakeRelease("universe", 1, 1, "a");
  TakeRelease("universe", 1, 2, "b");
  TakeRelease("universe", 1, 3, "a");
  TakeRelease("universe", 2, 1, "c");
  EXPECT_THAT(Find({.release = 1}), ElementsAre(RevisionKey{"universe", 1, 3}));
  EXPECT_THAT(Find({.release = 1, .revision = 2}),
              ElementsAre(RevisionKey{"universe", 1, 2}));
  EXPECT_THAT(Find({.release = 1, .revision = 4}), IsEmpty());
  EXPECT_THAT(Find({.release = 3}), IsEmpty());
  const ReleaseState& release =
      *FindRelease(*FindPackage(log_.state(), "kafka"), "universe", 1);
  EXPECT_THAT(Find({.tree = release.revisions[0].tree}),
              ElementsAre(RevisionKey{"universe", 1, 3}));
  EXPECT_THAT(Find({.revision = 1, .tree = release.revisions[0].tree}),
              ElementsAre(RevisionKey{"universe", 1, 1}));
  EXPECT_THAT(Find({.tree = release.revisions[1].tree}),
              ElementsAre(RevisionKey{"universe", 1, 2}));
}

TEST_F(CandidatesTest, OverlaysAddToReleasesAndAreNone) {
  TakeSource("universe", 100);
  TakeSource("second", 20, "universe");
  TakeSource("first", 10, "universe");
  TakeSource("foreign", 5, "other");
  TakeRelease("universe", 1, 1, "a");
  TakeRelease("second", 1, 1, "b");
  TakeRelease("first", 1, 1, "c");
  TakeRelease("first", 1, 2, "d");
  TakeRelease("first", 2, 1, "e");
  TakeRelease("foreign", 1, 1, "f");
  EXPECT_THAT(Find({}), ElementsAre(RevisionKey{"universe", 1, 1}));
  const PackageState& package = *FindPackage(log_.state(), "kafka");
  EXPECT_THAT(
      FindOverlays(log_.state(), package, {"universe", 1, 1}),
      ElementsAre(RevisionKey{"first", 1, 2}, RevisionKey{"second", 1, 1}));
  EXPECT_THAT(FindOtherOverlays(log_.state(), package, {"universe", 1, 1}),
              ElementsAre(RevisionKey{"first", 2, 1}));
  EXPECT_THAT(
      FindOtherOverlays(log_.state(), package, {"universe", 2, 1}),
      ElementsAre(RevisionKey{"first", 1, 2}, RevisionKey{"second", 1, 1}));
  Take(log_.Withdrawn("first", "kafka", 1));
  EXPECT_THAT(FindOverlays(log_.state(), package, {"universe", 1, 1}),
              ElementsAre(RevisionKey{"second", 1, 1}));
}

}  // namespace
}  // namespace orrery::signing
