#include "signing/replay/replay.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/refusal_matchers.h"
#include "signing/replay/log_testing.h"

namespace orrery::signing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kUniverse[] = "universe";

ObservedRecord& Observation(Record& record) {
  return std::get<ObservedRecord>(record.body);
}

class ReplayTest : public testing::Test {
 protected:
  void SetUp() override { Take(log_.Source(kUniverse)); }

  void Take(const Record& record) {
    ASSERT_THAT(log_.Append(record), IsOk()) << PrintRecord(record);
  }
  Record Observed(int64_t release, int64_t revision,
                  absl::string_view content) const {
    return log_.Observed(kUniverse, "kafka", release, revision, content);
  }
  RevisionState State(int64_t release, int64_t revision) const {
    return log_.StateOf(kUniverse, "kafka", release, revision);
  }
  void TakeMode(RevisionMode mode) { Take(log_.Source(kUniverse, mode)); }

  TestLog log_;
};

TEST_F(ReplayTest, AVoidLeafCountsAndHasNoOtherEffect) {
  Record record = Observed(1, 1, "a");
  record.seq = 7;
  EXPECT_THAT(log_.Append(record), Refused(RefusalCode::kRecordChain));
  EXPECT_EQ(log_.state().size, 2);
  EXPECT_EQ(FindPackage(log_.state(), "kafka"), nullptr);
  ASSERT_EQ(log_.state().void_leaves.size(), 1u);
  EXPECT_EQ(log_.state().void_leaves[0].leaf, 1);
  EXPECT_THAT(log_.state().void_leaves[0].packages, ElementsAre("kafka"));
  Take(Observed(1, 1, "a"));
}

// §11.5: fail closed, also for kinds that a client is too old to know.
TEST_F(ReplayTest, AnUnreadableLeafNamesThePackagesOfItsLines) {
  EXPECT_THAT(
      log_.AppendBytes("orrery/record/v1\nkind continues\npackage kafka\n\n"
                       "package spark\npackage Bad\n package zk\n"),
      Refused(RefusalCode::kRecordSyntax));
  EXPECT_THAT(log_.state().void_leaves[0].packages,
              ElementsAre("kafka", "spark"));
}

TEST_F(ReplayTest, ARecordForAnotherLogIsVoid) {
  Record record = Observed(1, 1, "a");
  record.logs = {"other.example/x"};
  EXPECT_THAT(log_.Append(record), Refused(RefusalCode::kRecordOrigin));
}

TEST_F(ReplayTest, AMaintainerRecordMayNameSeveralLogs) {
  Record record = log_.Keyset("kafka", kUniverse);
  record.logs = {"a.example", log_.state().origin};
  EXPECT_THAT(log_.Append(record), IsOk());
}

TEST_F(ReplayTest, AMaintainerRecordOrClaimWithoutSignatureIsVoid) {
  for (const Record& record :
       {log_.Keyset("kafka", kUniverse), log_.Claim("kafka")}) {
    EXPECT_THAT(log_.AppendBytes(PrintRecord(record) + "\n"),
                Refused(RefusalCode::kRecordThreshold));
  }
}

TEST_F(ReplayTest, SeqCountsFromOneWithoutGaps) {
  Record record = Observed(1, 1, "a");
  record.seq = 2;
  EXPECT_THAT(log_.Append(record), Refused(RefusalCode::kRecordChain));
  Take(Observed(1, 1, "a"));
  record = Observed(2, 1, "a");
  record.seq = 3;
  EXPECT_THAT(log_.Append(record), Refused(RefusalCode::kRecordChain));
}

TEST_F(ReplayTest, PrevIsTheStatementBefore) {
  Record record = Observed(1, 1, "a");
  record.prev = Digest::Of("else");
  EXPECT_THAT(log_.Append(record), Refused(RefusalCode::kRecordChain));
  Take(Observed(1, 1, "a"));
  record = Observed(2, 1, "a");
  record.prev = Digest();
  EXPECT_THAT(log_.Append(record), Refused(RefusalCode::kRecordChain));
}

TEST_F(ReplayTest, ARecordRepeatedUnchangedIsNoFork) {
  const Record record = Observed(1, 1, "a");
  Take(record);
  EXPECT_THAT(log_.Append(record), Refused(RefusalCode::kRecordChain));
  const Record source = log_.Source(kUniverse);
  Take(source);
  EXPECT_THAT(log_.Append(source), Refused(RefusalCode::kRecordChain));
  const Record claim = log_.Claim("kafka");
  Take(claim);
  EXPECT_THAT(log_.Append(claim), Refused(RefusalCode::kRecordChain));
}

TEST_F(ReplayTest, AnotherRecordWithAUsedSeqIsAFork) {
  const Record other = Observed(2, 1, "a");
  Take(Observed(1, 1, "a"));
  EXPECT_THAT(log_.Append(other), Refused(RefusalCode::kRecordFork));
  Record claim = log_.Claim("kafka");
  Take(claim);
  std::get<ClaimRecord>(claim.body).keyset_statement = Digest::Of("other");
  EXPECT_THAT(log_.Append(claim), Refused(RefusalCode::kRecordFork));
}

// §13: both leaves are evidence.
TEST_F(ReplayTest, AForkNamesTheLeafThatItContradicts) {
  const Record other = Observed(2, 1, "a");
  Take(Observed(1, 1, "a"));
  Take(log_.Claim("kafka"));
  ASSERT_THAT(log_.Append(other), Refused(RefusalCode::kRecordFork));
  ASSERT_THAT(log_.Append(Observed(1, 1, "b")),
              Refused(RefusalCode::kRecordFork));
  Record withdrawn = log_.Withdrawn(kUniverse, "kafka", 1);
  std::get<PresenceRecord>(withdrawn.body).tree = TreeHash();
  ASSERT_THAT(log_.Append(withdrawn), Refused(RefusalCode::kRecordFork));
  Record claim = log_.Claim("kafka");
  std::get<ClaimRecord>(claim.body).keyset_statement = Digest::Of("other");
  ASSERT_THAT(log_.Append(claim), Refused(RefusalCode::kRecordFork));
  std::vector<std::optional<int64_t>> contradicted;
  for (const VoidLeaf& leaf : log_.state().void_leaves) {
    contradicted.push_back(leaf.contradicted);
  }
  EXPECT_THAT(contradicted, ElementsAre(1, 1, 1, 2));
}

TEST_F(ReplayTest, EverySourceAndPackageHasAChainOfItsOwn) {
  Take(log_.Source("other"));
  Take(Observed(1, 1, "a"));
  Take(log_.Observed("other", "kafka", 1, 1, "b"));
  Take(log_.Observed(kUniverse, "spark", 1, 1, "c"));
  EXPECT_EQ(log_.Observed("other", "kafka", 2, 1, "d").seq, 2);
  EXPECT_EQ(log_.Observed(kUniverse, "spark", 2, 1, "d").seq, 2);
}

TEST_F(ReplayTest, AnObservationNamesTheSourceRecordInForce) {
  const Record before = Observed(1, 1, "a");
  Record unknown = log_.Observed("nobody", "kafka", 1, 1, "a");
  EXPECT_THAT(log_.Append(unknown), Refused(RefusalCode::kRecordChain));
  TakeMode(RevisionMode::kMutable);
  EXPECT_THAT(log_.Append(before), Refused(RefusalCode::kRecordChain));
  Take(Observed(1, 1, "a"));
}

TEST_F(ReplayTest, ACommitIsOfAGitSourceADocumentOfAJsonSource) {
  Record record = Observed(1, 1, "a");
  Observation(record).sighting.state = Digest::Of("document");
  EXPECT_THAT(log_.Append(record), Refused(RefusalCode::kRecordChain));
  Record source = log_.Source("docs");
  std::get<SourceRecord>(source.body).origin =
      JsonOrigin{"https://universe.example/repo"};
  Take(source);
  record = log_.Observed("docs", "kafka", 1, 1, "a");
  EXPECT_THAT(log_.Append(record), Refused(RefusalCode::kRecordChain));
  Observation(record).sighting.state = Digest::Of("document");
  EXPECT_THAT(log_.Append(record), IsOk());
}

TEST_F(ReplayTest, ARevisionIsObservedOnce) {
  Take(Observed(1, 1, "a"));
  EXPECT_THAT(log_.Append(Observed(1, 1, "a")),
              Refused(RefusalCode::kRecordFork));
}

TEST_F(ReplayTest, ARevisionHasOneTreeForEver) {
  Take(Observed(1, 1, "a"));
  EXPECT_THAT(log_.Append(Observed(1, 1, "b")),
              Refused(RefusalCode::kRecordFork));
  Record withdrawn = log_.Withdrawn(kUniverse, "kafka", 1);
  std::get<PresenceRecord>(withdrawn.body).tree = TreeHash();
  EXPECT_THAT(log_.Append(withdrawn), Refused(RefusalCode::kRecordFork));
}

TEST_F(ReplayTest, AReleaseWithAnotherTreeForAnObservedRevisionIsAFork) {
  Take(Observed(57, 1, "a"));
  Take(log_.Keyset("kafka", kUniverse));
  EXPECT_THAT(log_.Append(log_.Release("kafka", 57, 1, "b")),
              Refused(RefusalCode::kRecordFork));
  Take(log_.Release("kafka", 57, 1, "a"));
  EXPECT_THAT(log_.Append(log_.Release("kafka", 57, 1, "a")),
              Refused(RefusalCode::kRecordFork));
}

TEST_F(ReplayTest, TheSameReleaseInTwoSourcesMayHaveTwoTrees) {
  Take(log_.Source("other"));
  Take(Observed(1, 1, "a"));
  Take(log_.Observed("other", "kafka", 1, 1, "b"));
  EXPECT_EQ(State(1, 1), RevisionState::kCurrent);
}

TEST_F(ReplayTest, AMutableSourceRevisesReleases) {
  Take(Observed(1, 1, "a"));
  Take(Observed(1, 2, "b"));
  Take(Observed(1, 3, "a"));  // Back to an earlier one, not the one before.
  EXPECT_EQ(State(1, 1), RevisionState::kSuperseded);
  EXPECT_EQ(State(1, 2), RevisionState::kSuperseded);
  EXPECT_EQ(State(1, 3), RevisionState::kCurrent);
}

TEST_F(ReplayTest, RevisionsAreContiguousFromOne) {
  EXPECT_THAT(log_.Append(Observed(1, 2, "a")),
              Refused(RefusalCode::kRecordRevision));
  Take(Observed(1, 1, "a"));
  EXPECT_THAT(log_.Append(Observed(1, 3, "b")),
              Refused(RefusalCode::kRecordRevision));
}

TEST_F(ReplayTest, ARevisionReplacesTheTreeBefore) {
  Take(Observed(1, 1, "a"));
  Record record = Observed(1, 2, "b");
  Observation(record).content.replaces = TreeHash();
  EXPECT_THAT(log_.Append(record), Refused(RefusalCode::kRecordRevision));
  EXPECT_THAT(log_.Append(Observed(1, 2, "a")),
              Refused(RefusalCode::kRecordRevision));
}

TEST_F(ReplayTest, AnImmutableSourceHasNoSecondRevision) {
  TakeMode(RevisionMode::kImmutable);
  Take(Observed(1, 1, "a"));
  EXPECT_THAT(log_.Append(Observed(1, 2, "b")),
              Refused(RefusalCode::kRecordRevision));
  Take(Observed(2, 1, "b"));
}

TEST_F(ReplayTest, TheModeIsThatOfTheSourceRecordInForce) {
  Take(Observed(1, 1, "a"));
  Take(Observed(1, 2, "b"));
  TakeMode(RevisionMode::kImmutable);
  EXPECT_THAT(log_.Append(Observed(1, 3, "c")),
              Refused(RefusalCode::kRecordRevision));
  TakeMode(RevisionMode::kMutable);
  Take(Observed(1, 3, "c"));
}

TEST_F(ReplayTest, RevisionsAreCountedOverBothChainsOfTheHomeSource) {
  Take(Observed(57, 1, "a"));
  Take(log_.Keyset("kafka", kUniverse));
  EXPECT_THAT(log_.Append(log_.Release("kafka", 57, 3, "b")),
              Refused(RefusalCode::kRecordRevision));
  Take(log_.Release("kafka", 57, 2, "b"));
  EXPECT_EQ(State(57, 1), RevisionState::kSuperseded);
  EXPECT_EQ(State(57, 2), RevisionState::kCurrent);
}

TEST_F(ReplayTest, TheModeOfAReleaseIsThatOfItsKeyset) {
  Take(log_.Keyset("kafka", kUniverse, RevisionMode::kImmutable));
  Take(log_.Release("kafka", 1, 1, "a"));
  EXPECT_THAT(log_.Append(log_.Release("kafka", 1, 2, "b")),
              Refused(RefusalCode::kRecordRevision));
  Take(log_.Keyset("kafka", kUniverse, RevisionMode::kMutable));
  Take(log_.Release("kafka", 1, 2, "b"));
}

TEST_F(ReplayTest, AnObservedRevisionMayBeEndorsedInAnyMode) {
  Take(Observed(1, 1, "a"));
  Take(Observed(1, 2, "b"));
  Take(log_.Keyset("kafka", kUniverse, RevisionMode::kImmutable));
  Take(log_.Release("kafka", 1, 2, "b"));
  const ReleaseState* release =
      FindRelease(*FindPackage(log_.state(), "kafka"), kUniverse, 1);
  EXPECT_EQ(release->revisions[1].observed, 2);
  EXPECT_EQ(release->revisions[1].released, 4);
  EXPECT_EQ(release->revisions[1].first_leaf(), 2);
}

TEST_F(ReplayTest, AWithdrawalEndsTheLatestRevisionUntilItIsRestored) {
  Take(Observed(1, 1, "a"));
  Take(Observed(1, 2, "b"));
  Take(log_.Withdrawn(kUniverse, "kafka", 1));
  EXPECT_EQ(State(1, 1), RevisionState::kSuperseded);
  EXPECT_EQ(State(1, 2), RevisionState::kWithdrawn);
  Take(log_.Restored(kUniverse, "kafka", 1));
  EXPECT_EQ(State(1, 2), RevisionState::kCurrent);
}

TEST_F(ReplayTest, BackWithOtherBytesIsTheNextRevision) {
  Take(Observed(1, 1, "a"));
  Take(log_.Withdrawn(kUniverse, "kafka", 1));
  Take(Observed(1, 2, "b"));
  EXPECT_EQ(State(1, 1), RevisionState::kSuperseded);
  EXPECT_EQ(State(1, 2), RevisionState::kCurrent);
}

TEST_F(ReplayTest, WithdrawnSpeaksOfTheLatestRevision) {
  EXPECT_THAT(log_.Append(log_.Withdrawn(kUniverse, "kafka", 1)),
              Refused(RefusalCode::kRecordRevision));
  Take(Observed(1, 1, "a"));
  const Record of_first = log_.Withdrawn(kUniverse, "kafka", 1);
  Take(Observed(1, 2, "b"));
  Record record = log_.Withdrawn(kUniverse, "kafka", 1);
  record.body = of_first.body;
  EXPECT_THAT(log_.Append(record), Refused(RefusalCode::kRecordRevision));
}

TEST_F(ReplayTest, ARetiredSourceHasNothingToOffer) {
  Take(Observed(1, 1, "a"));
  Take(Observed(1, 2, "b"));
  Record retired = log_.Source(kUniverse);
  std::get<SourceRecord>(retired.body).admission = Admission::kNone;
  Take(retired);
  EXPECT_EQ(State(1, 1), RevisionState::kWithdrawn);
  EXPECT_EQ(State(1, 2), RevisionState::kWithdrawn);
  Take(log_.Source(kUniverse));
  EXPECT_EQ(State(1, 2), RevisionState::kCurrent);
}

TEST_F(ReplayTest, BehindItsKeysetAPackageIsNotObserved) {
  Take(log_.Source("other"));
  Take(Observed(1, 1, "a"));
  Take(log_.Keyset("kafka", kUniverse));
  EXPECT_THAT(log_.Append(Observed(2, 1, "b")),
              Refused(RefusalCode::kRecordEvidence));
  EXPECT_THAT(log_.Append(log_.Withdrawn(kUniverse, "kafka", 1)),
              Refused(RefusalCode::kRecordEvidence));
  EXPECT_THAT(log_.Append(log_.Observed("other", "kafka", 1, 1, "c")),
              Refused(RefusalCode::kRecordEvidence));
  EXPECT_EQ(State(1, 1), RevisionState::kCurrent);
  Take(log_.Observed(kUniverse, "spark", 1, 1, "b"));
}

TEST_F(ReplayTest, TheRatchetDoesNotTouchOverlays) {
  Record overlay = log_.Source("extra");
  std::get<SourceRecord>(overlay.body).overlay_of = kUniverse;
  Take(overlay);
  Take(log_.Keyset("kafka", kUniverse));
  EXPECT_THAT(log_.Append(log_.Observed("extra", "kafka", 1, 1, "a")), IsOk());
}

TEST_F(ReplayTest, AKeysetNeedsAHomeAmongTheBaseSourcesInForce) {
  EXPECT_THAT(log_.Append(log_.Keyset("kafka", "elsewhere")),
              Refused(RefusalCode::kRecordChain));
  Record overlay = log_.Source("extra");
  std::get<SourceRecord>(overlay.body).overlay_of = kUniverse;
  Take(overlay);
  EXPECT_THAT(log_.Append(log_.Keyset("kafka", "extra")),
              Refused(RefusalCode::kRecordChain));
}

TEST_F(ReplayTest, TheHomeIsTheFirstByPriorityThenId) {
  for (const char* id : {"b", "a", "c"}) {
    Record source = log_.Source(id);
    std::get<GitOrigin>(std::get<SourceRecord>(source.body).origin)
        .repository.url = "https://git.example/shared.git";
    if (id[0] == 'c') std::get<SourceRecord>(source.body).priority = 101;
    Take(source);
  }
  Record keyset = log_.Keyset("kafka", "shared");
  Take(keyset);
  EXPECT_EQ(FindPackage(log_.state(), "kafka")->keyset->home, "a");
}

TEST_F(ReplayTest, AChainBeginsWithKeysetOne) {
  EXPECT_THAT(log_.Append(log_.Release("kafka", 1, 1, "a")),
              Refused(RefusalCode::kRecordKeyset));
  EXPECT_THAT(log_.Append(log_.Yank("kafka", 1)),
              Refused(RefusalCode::kRecordKeyset));
  Record keyset = log_.Keyset("kafka", kUniverse);
  std::get<KeysetRecord>(keyset.body).number = 2;
  EXPECT_THAT(log_.Append(keyset), Refused(RefusalCode::kRecordKeyset));
}

TEST_F(ReplayTest, RecordsNameTheKeysetInForce) {
  Take(log_.Keyset("kafka", kUniverse));
  Record release = log_.Release("kafka", 1, 1, "a");
  std::get<ReleaseRecord>(release.body).keyset.statement = Digest::Of("x");
  EXPECT_THAT(log_.Append(release), Refused(RefusalCode::kRecordKeyset));
  Record yank = log_.Yank("kafka", 1);
  std::get<YankRecord>(yank.body).keyset.number = 2;
  EXPECT_THAT(log_.Append(yank), Refused(RefusalCode::kRecordKeyset));
  Record distrust = log_.Distrust("kafka");
  std::get<DistrustRecord>(distrust.body).keyset.statement = Digest();
  EXPECT_THAT(log_.Append(distrust), Refused(RefusalCode::kRecordKeyset));
  Record again = log_.Keyset("kafka", kUniverse);
  std::get<KeysetRecord>(again.body).number = 1;
  EXPECT_THAT(log_.Append(again), Refused(RefusalCode::kRecordKeyset));
}

TEST_F(ReplayTest, AYankOfAllCoversWhatWasLoggedBefore) {
  Take(Observed(1, 1, "a"));
  Take(log_.Keyset("kafka", kUniverse));
  Take(log_.Yank("kafka", 1));
  Take(log_.Release("kafka", 1, 2, "b"));
  EXPECT_EQ(State(1, 1), RevisionState::kYanked);
  EXPECT_EQ(State(1, 2), RevisionState::kCurrent);
  const Yank* yank =
      FindYank(*FindPackage(log_.state(), "kafka"), kUniverse, 1, 1);
  ASSERT_NE(yank, nullptr);
  EXPECT_EQ(yank->reason, "loses data");
}

TEST_F(ReplayTest, AYankOfOneRevisionCoversThatOne) {
  Take(log_.Keyset("kafka", kUniverse));
  Take(log_.Release("kafka", 1, 1, "a"));
  Take(log_.Release("kafka", 1, 2, "b"));
  Record yank = log_.Yank("kafka", 1);
  std::get<YankRecord>(yank.body).revision = 1;
  Take(yank);
  EXPECT_EQ(State(1, 1), RevisionState::kYanked);
  EXPECT_EQ(State(1, 2), RevisionState::kCurrent);
}

TEST_F(ReplayTest, AYankDoesNotSpeakOfOtherSources) {
  Take(log_.Source("other"));
  Take(log_.Observed("other", "kafka", 1, 1, "a"));
  Take(log_.Keyset("kafka", kUniverse));
  Take(log_.Release("kafka", 1, 1, "b"));
  Take(log_.Yank("kafka", 1));
  EXPECT_EQ(State(1, 1), RevisionState::kYanked);
  EXPECT_EQ(log_.StateOf("other", "kafka", 1, 1), RevisionState::kCurrent);
}

TEST_F(ReplayTest, ReleasesKeepTheirHomeWhenItMoves) {
  Take(log_.Source("new-home"));
  Take(log_.Keyset("kafka", kUniverse));
  Take(log_.Release("kafka", 1, 1, "a"));
  Take(log_.Keyset("kafka", "new-home"));
  Take(log_.Release("kafka", 2, 1, "b"));
  const PackageState& package = *FindPackage(log_.state(), "kafka");
  EXPECT_NE(FindRelease(package, kUniverse, 1), nullptr);
  EXPECT_NE(FindRelease(package, "new-home", 2), nullptr);
  EXPECT_EQ(FindRelease(package, "new-home", 1), nullptr);
  // They stay their maintainers'.
  Take(log_.Yank("kafka", 1));
  EXPECT_EQ(State(1, 1), RevisionState::kYanked);
}

TEST_F(ReplayTest, AnIndexLeafSaysItsOwnPlace) {
  Record index = log_.Index(100);
  std::get<IndexRecord>(index.body).size = 2;
  EXPECT_THAT(log_.Append(index), Refused(RefusalCode::kIndexMismatch));
  Take(log_.Index(100));
}

TEST_F(ReplayTest, TheTimeOfIndexLeavesNeverFalls) {
  Take(log_.Index(100));
  Take(log_.Index(100));
  EXPECT_THAT(log_.Append(log_.Index(99)),
              Refused(RefusalCode::kIndexMismatch));
  Take(log_.Index(101));
}

TEST_F(ReplayTest, TheTimeOfALeafIsThatOfTheIndexLeafBehindIt) {
  Take(Observed(1, 1, "a"));
  EXPECT_EQ(TimeOf(log_.state(), 1), std::nullopt);
  Take(log_.Index(100));
  Take(Observed(2, 1, "a"));
  Take(log_.Index(200));
  EXPECT_EQ(TimeOf(log_.state(), 1), 100);
  EXPECT_EQ(TimeOf(log_.state(), 3), 200);
}

TEST_F(ReplayTest, TheFirstImportIsTheFirstBatchWithReleasesOfTheSource) {
  Take(log_.Index(100));
  Take(Observed(1, 1, "a"));
  Take(Observed(2, 1, "b"));
  Take(log_.Index(200));
  Take(Observed(3, 1, "c"));
  Take(log_.Index(300));
  EXPECT_TRUE(IsOfFirstImport(log_.state(), kUniverse, 2));
  EXPECT_TRUE(IsOfFirstImport(log_.state(), kUniverse, 3));
  EXPECT_FALSE(IsOfFirstImport(log_.state(), kUniverse, 5));
  EXPECT_FALSE(IsOfFirstImport(log_.state(), "nobody", 2));
}

TEST_F(ReplayTest, AnHonestLogHasNoVoidLeaf) {
  Take(Observed(1, 1, "a"));
  Take(log_.Index(100));
  EXPECT_THAT(log_.state().void_leaves, IsEmpty());
}

}  // namespace
}  // namespace orrery::signing
