#include "signing/client/release_check.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/example_testing.h"
#include "signing/policy/client_policy_parser.h"
#include "signing/record/leaf.h"
#include "signing/refusal_matchers.h"
#include "signing/replay/log_testing.h"
#include "signing/ssh/ssh_signing.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

constexpr char kUniverse[] = "universe";
constexpr int64_t kDay = 24 * 3600;

class ReleaseCheckTest : public testing::Test {
 protected:
  void SetUp() override {
    Take(log_.Source(kUniverse));
    UsePolicy("names public *\nrequire * evidence observed\n");
  }

  void Take(const Record& record) {
    ASSERT_THAT(log_.Append(record), IsOk()) << PrintRecord(record);
  }
  void TakeRelease(int64_t release, int64_t revision,
                   absl::string_view content) {
    Take(log_.Observed(kUniverse, "kafka", release, revision, content));
  }

  void UsePolicy(absl::string_view lines, absl::string_view names = "") {
    auto policy = ParseClientPolicy(absl::StrCat(
        "policy 1\nregistry public https://registry.example/main\n"
        "tlog-policy t\nnames-file n\nwitnesses timestamper\n"
        "registry corp https://corp.example\ntlog-policy t\nnames-file n\n",
        lines));
    ASSERT_THAT(policy, IsOk());
    policy_.emplace(*std::move(policy));
    auto trust =
        OpenRegistryTrust(policy_->registries()[0], ExampleFile("tlog-policy"),
                          absl::StrCat("orrery/names/v1\n", names), "0.1.0");
    ASSERT_THAT(trust, IsOk());
    trust_.emplace(*std::move(trust));
  }

  ReleaseCheck Check() const {
    return {*policy_, *trust_, log_.state(), absl::FromUnixSeconds(now_)};
  }
  absl::StatusOr<AdmittedRevision> Choose(const WantedRevision& wanted = {},
                                          const RevisionUse& use = {}) const {
    AdmittedRevision chosen;
    ORRERY_RETURN_IF_ERROR(Check().Choose(
        "kafka", wanted, use,
        [&](const RevisionKey& key, const RevisionUse& named) -> absl::Status {
          ORRERY_ASSIGN_OR_RETURN(chosen,
                                  Check().CheckRevision("kafka", key, named));
          return absl::OkStatus();
        }));
    return chosen;
  }
  WantedRevision Tree(int64_t release, int64_t revision) const {
    return {.tree = FindRelease(*FindPackage(log_.state(), "kafka"), kUniverse,
                                release)
                        ->revisions[revision - 1]
                        .tree};
  }

  TestLog log_;
  int64_t now_ = 1000 * kDay;
  std::optional<ClientPolicy> policy_;
  std::optional<RegistryTrust> trust_;
};

TEST_F(ReleaseCheckTest, TheNewestReleaseIsAdmitted) {
  TakeRelease(56, 1, "a");
  TakeRelease(57, 1, "b");
  const auto admitted = Choose();
  ASSERT_THAT(admitted, IsOk());
  EXPECT_EQ(admitted->key, (RevisionKey{kUniverse, 57, 1}));
  EXPECT_EQ(admitted->evidence, Evidence::kObserved);
  EXPECT_EQ(admitted->version, "1.0");
  EXPECT_EQ(admitted->leaf, 2);
  EXPECT_EQ(admitted->state, RevisionState::kCurrent);
}

TEST_F(ReleaseCheckTest, ANameOfAnotherRegistryIsNotLookedUpHere) {
  TakeRelease(57, 1, "a");
  UsePolicy("names corp kafka\nnames public *\nrequire * evidence observed\n");
  EXPECT_THAT(Choose(), Refused(RefusalCode::kNameRouted));
  UsePolicy("names public spark\nrequire * evidence observed\n");
  EXPECT_THAT(Choose(), Refused(RefusalCode::kNameRouted));
}

TEST_F(ReleaseCheckTest, ANameRoutedToASourceComesFromNoOther) {
  Take(log_.Source("other"));
  TakeRelease(57, 1, "a");
  UsePolicy("names public/other kafka\nrequire * evidence observed\n");
  EXPECT_THAT(Choose(), Refused(RefusalCode::kVersionAbsent));
  EXPECT_THAT(Check().CheckRevision("kafka", {kUniverse, 57, 1}, {}),
              Refused(RefusalCode::kNameRouted));
  Take(log_.Observed("other", "kafka", 1, 1, "b"));
  EXPECT_EQ(Choose()->key, (RevisionKey{"other", 1, 1}));
}

TEST_F(ReleaseCheckTest, WhatIsDeniedOrReservedIsRefused) {
  TakeRelease(56, 1, "a");
  TakeRelease(57, 1, "b");
  const std::string rest = "names public *\nrequire * evidence observed\n";
  UsePolicy(rest + "deny package kafka\n");
  EXPECT_THAT(Choose(), Refused(RefusalCode::kNameDenied));
  UsePolicy(rest + "deny release kafka 57\n");
  EXPECT_EQ(Choose()->key.release, 56);
  EXPECT_THAT(Choose({.release = 57}), Refused(RefusalCode::kNameDenied));
  UsePolicy(rest, "reserve kafka\n");
  EXPECT_THAT(Choose(), Refused(RefusalCode::kNameReserved));
}

TEST_F(ReleaseCheckTest, WhatTheLogDoesNotHaveIsAbsent) {
  EXPECT_THAT(Choose(), Refused(RefusalCode::kVersionAbsent));
  TakeRelease(57, 1, "a");
  EXPECT_THAT(Choose({.release = 58}), Refused(RefusalCode::kVersionAbsent));
  EXPECT_THAT(Choose({.release = 57, .revision = 2}),
              Refused(RefusalCode::kVersionAbsent));
  EXPECT_THAT(Check().CheckRevision("kafka", {kUniverse, 57, 2}, {}),
              Refused(RefusalCode::kVersionAbsent));
  Take(log_.Claim("spark"));
  EXPECT_THAT(Check().CheckPackage("spark"),
              Refused(RefusalCode::kVersionAbsent));
}

TEST_F(ReleaseCheckTest, AVoidLeafRefusesThePackagesItNames) {
  TakeRelease(57, 1, "a");
  Record gap = log_.Observed(kUniverse, "kafka", 58, 1, "b");
  gap.seq = 9;
  ASSERT_THAT(log_.Append(gap), Refused(RefusalCode::kRecordChain));
  EXPECT_THAT(Choose(), Refused(RefusalCode::kRecordChain));
  EXPECT_THAT(Check().CheckPackage("spark"),
              Refused(RefusalCode::kVersionAbsent));
  const VoidLeaf& leaf = log_.state().void_leaves[0];
  UsePolicy("names public *\nrequire * evidence observed\n",
            absl::StrCat("excuse ", leaf.leaf, " sha256:", leaf.leaf_hash.Hex(),
                         "\n"));
  EXPECT_THAT(Choose(), IsOk());
  UsePolicy(
      "names public *\nrequire * evidence observed\n",
      absl::StrCat("excuse ", leaf.leaf, " sha256:", Digest().Hex(), "\n"));
  EXPECT_THAT(Choose(), Refused(RefusalCode::kRecordChain));
}

// §25 A1, I1: what its maintainers signed, and what they did not.
TEST_F(ReleaseCheckTest, ASignedReleaseIsAdmittedByWhoSignedIt) {
  TakeRelease(56, 1, "a");
  Take(log_.Keyset("kafka", kUniverse));
  Take(log_.Release("kafka", 57, 1, "b"));
  UsePolicy("names public *\nrequire kafka evidence sshsig names open\n");
  const auto admitted = Choose();
  ASSERT_THAT(admitted, IsOk());
  EXPECT_EQ(admitted->key, (RevisionKey{kUniverse, 57, 1}));
  EXPECT_EQ(admitted->evidence, Evidence::kSshsig);
  EXPECT_THAT(admitted->principals, testing::ElementsAre("alice@example.org"));
  EXPECT_EQ(admitted->leaf, 3);
  EXPECT_THAT(Choose({.release = 56}), Refused(RefusalCode::kRecordEvidence));
}

TEST_F(ReleaseCheckTest, WrongSignaturesOfAReleaseRefuseItAlone) {
  Take(log_.Keyset("kafka", kUniverse));
  Take(log_.Release("kafka", 57, 1, "a"));
  const Record release = log_.Release("kafka", 58, 1, "b");
  SshSignature wrong = SignatureBy("alice", release);
  wrong.signature[7] ^= 1;
  ASSERT_THAT(log_.AppendBytes(JoinLeaf(PrintRecord(release), {wrong})),
              IsOk());
  EXPECT_EQ(Choose()->key.release, 57);
  const auto refused = Choose({.release = 58});
  EXPECT_THAT(refused, Refused(RefusalCode::kRecordSignature));
  EXPECT_EQ(RefusalOf(refused.status())->place.check, 12);
  EXPECT_EQ(RefusalOf(refused.status())->place.leaf, 3);
}

TEST_F(ReleaseCheckTest, ThePolicyMayDemandMorePrincipalsThanTheKeyset) {
  Take(log_.Keyset("kafka", kUniverse));
  Take(log_.Release("kafka", 57, 1, "a"));
  const std::string rest = "names public *\nrequire kafka threshold 2 ";
  UsePolicy(rest + "names open\n");
  EXPECT_THAT(Choose(), Refused(RefusalCode::kRecordThreshold));
  UsePolicy(rest + "evidence observed\n");
  EXPECT_THAT(Choose(), IsOk());
}

TEST_F(ReleaseCheckTest, ADeniedKeyRevokesWhatItAloneSigned) {
  Take(log_.Keyset("kafka", kUniverse));
  Take(log_.Release("kafka", 57, 1, "a"));
  UsePolicy(absl::StrCat(
      "names public *\nrequire * evidence observed\n"
      "deny key ",
      SshKeyOf(TestKey("alice").public_key()).Fingerprint(), "\n"));
  EXPECT_THAT(Choose(), Refused(RefusalCode::kRecordRevoked));
}

// §4: what was observed before stays what it was.
TEST_F(ReleaseCheckTest, WithoutAnAnchorOnlyWhatWasObservedCounts) {
  TakeRelease(56, 1, "a");
  TakeRelease(57, 1, "b");
  Take(log_.Keyset("kafka", kUniverse));
  Take(log_.Release("kafka", 57, 1, "b"));
  Take(log_.Release("kafka", 58, 1, "c"));
  UsePolicy("names public *\nrequire * evidence observed names curated\n");
  EXPECT_THAT(Choose({.release = 58}), Refused(RefusalCode::kNameUnbound));
  const auto endorsed = Choose({.release = 57});
  ASSERT_THAT(endorsed, IsOk());
  EXPECT_EQ(endorsed->evidence, Evidence::kObserved);
  EXPECT_THAT(endorsed->principals, testing::IsEmpty());
  EXPECT_THAT(endorsed->anchor, Refused(RefusalCode::kNameUnbound));
  EXPECT_EQ(endorsed->leaf, 2);
  EXPECT_EQ(Choose({.release = 56})->evidence, Evidence::kObserved);
  UsePolicy("names public *\nrequire * evidence sshsig\n");
  EXPECT_THAT(Choose({.release = 57}), Refused(RefusalCode::kNameUnbound));
}

// §4: an endorsement makes of what was observed what is signed.
TEST_F(ReleaseCheckTest, AnEndorsedRevisionHasTheEvidenceOfItsMaintainers) {
  TakeRelease(57, 1, "a");
  Take(log_.Keyset("kafka", kUniverse));
  Take(log_.Release("kafka", 57, 1, "a"));
  UsePolicy("names public *\nrequire * evidence sshsig names open\n");
  EXPECT_EQ(Choose()->evidence, Evidence::kSshsig);
}

// What would narrow and is not supported is never passed over.
TEST_F(ReleaseCheckTest, ADistrustRecordIsRefusedForItself) {
  TakeRelease(57, 1, "a");
  Take(log_.Keyset("kafka", kUniverse));
  Take(log_.Distrust("kafka"));
  EXPECT_THAT(Choose(), Refused(RefusalCode::kRecordSyntax));
}

// §14.1: 9 comes before 10 and 11.
TEST_F(ReleaseCheckTest, ADeniedReleaseIsSaidBeforeWhatIsWrongWithItsPackage) {
  UsePolicy(
      "names public *\nrequire * evidence observed\n"
      "deny release kafka 57\n");
  EXPECT_THAT(Choose({.release = 57}), Refused(RefusalCode::kNameDenied));
  TakeRelease(57, 1, "a");
  Take(log_.Keyset("kafka", kUniverse));
  EXPECT_THAT(Choose({.release = 57}), Refused(RefusalCode::kNameDenied));
  EXPECT_THAT(Choose({.release = 58}), Refused(RefusalCode::kVersionAbsent));
  EXPECT_THAT(Check().CheckName("kafka", 57),
              Refused(RefusalCode::kNameDenied));
  EXPECT_THAT(Check().CheckName("kafka"), IsOk());
}

// §4: without a require line the demand is sshsig.
TEST_F(ReleaseCheckTest, ObservedEvidenceIsEnoughOnlyWhereThePolicySaysSo) {
  TakeRelease(57, 1, "a");
  UsePolicy("names public *\n");
  EXPECT_THAT(Choose(), Refused(RefusalCode::kRecordEvidence));
  UsePolicy(
      "names public *\nrequire * evidence observed\n"
      "require kafka evidence sshsig\n");
  EXPECT_THAT(Choose(), Refused(RefusalCode::kRecordEvidence));
  EXPECT_THAT(std::string(Choose().status().message()),
              testing::HasSubstr("line 11 of the policy demands sshsig"));
}

TEST_F(ReleaseCheckTest, ABlockedContentIsRevoked) {
  TakeRelease(56, 1, "a");
  TakeRelease(57, 1, "b");
  UsePolicy("names public *\nrequire * evidence observed\n",
            absl::StrCat("block kafka 57 ", Tree(57, 1).tree->Text(), "\n"));
  EXPECT_EQ(Choose()->key.release, 56);
  EXPECT_THAT(Choose({.release = 57}), Refused(RefusalCode::kRecordRevoked));
  EXPECT_THAT(Choose(Tree(57, 1)), Refused(RefusalCode::kRecordRevoked));
}

// §12.2: whatever record carries it.
TEST_F(ReleaseCheckTest, ABlockedOverlayIsRevoked) {
  Record overlay = log_.Source("ours");
  std::get<SourceRecord>(overlay.body).overlay_of = kUniverse;
  Take(overlay);
  TakeRelease(57, 1, "a");
  Take(log_.Observed("ours", "kafka", 57, 1, "b"));
  const RevisionKey key = {"ours", 57, 1};
  EXPECT_THAT(Check().CheckOverlay("kafka", key), IsOk());
  const TreeHash& tree =
      FindRelease(*FindPackage(log_.state(), "kafka"), "ours", 57)
          ->revisions[0]
          .tree;
  UsePolicy("names public *\nrequire * evidence observed\n",
            absl::StrCat("block kafka 57 ", tree.Text(), "\n"));
  EXPECT_THAT(Check().CheckOverlay("kafka", key),
              Refused(RefusalCode::kRecordRevoked));
  EXPECT_THAT(Choose(), IsOk());
}

TEST_F(ReleaseCheckTest, AWithdrawnRevisionIsHadByItsTree) {
  TakeRelease(57, 1, "a");
  Take(log_.Withdrawn(kUniverse, "kafka", 57));
  EXPECT_THAT(Choose(), Refused(RefusalCode::kVersionWithdrawn));
  EXPECT_THAT(Choose({.release = 57, .revision = 1}),
              Refused(RefusalCode::kVersionWithdrawn));
  EXPECT_EQ(Choose(Tree(57, 1))->state, RevisionState::kWithdrawn);
}

TEST_F(ReleaseCheckTest, ASupersededRevisionIsHadByRevisionOrTree) {
  TakeRelease(57, 1, "a");
  TakeRelease(57, 2, "b");
  EXPECT_EQ(Choose()->key.revision, 2);
  EXPECT_EQ(Choose({.release = 57, .revision = 1})->key.revision, 1);
  EXPECT_EQ(Choose(Tree(57, 1))->key.revision, 1);
  EXPECT_THAT(Check().CheckRevision("kafka", {kUniverse, 57, 1}, {}),
              Refused(RefusalCode::kVersionAbsent));
}

// §25 I13.
TEST_F(ReleaseCheckTest, APolicyMayRefuseRevisions) {
  TakeRelease(57, 1, "a");
  TakeRelease(57, 2, "b");
  UsePolicy("names public *\nrequire * evidence observed revisions refuse\n");
  EXPECT_THAT(Choose(), Refused(RefusalCode::kVersionRevised));
  EXPECT_EQ(Choose(Tree(57, 1))->key.revision, 1);
  EXPECT_THAT(Choose(Tree(57, 2)), Refused(RefusalCode::kVersionRevised));
}

// §25 I19.
TEST_F(ReleaseCheckTest, TheSourceOfWhatIsInstalledIsKept) {
  Record better = log_.Source("frozen");
  std::get<SourceRecord>(better.body).priority = 1;
  Take(better);
  TakeRelease(57, 1, "a");
  Take(log_.Observed("frozen", "kafka", 3, 1, "b"));
  EXPECT_EQ(Choose()->key, (RevisionKey{"frozen", 3, 1}));
  RevisionUse use;
  use.installed = RevisionKey{kUniverse, 57, 1};
  EXPECT_THAT(Check().CheckRevision("kafka", {"frozen", 3, 1}, use),
              Refused(RefusalCode::kVersionSource));
  use.allows_source_change = true;
  EXPECT_THAT(Check().CheckRevision("kafka", {"frozen", 3, 1}, use), IsOk());
}

// §25 G9.
TEST_F(ReleaseCheckTest, LowerThanWhatIsInstalledIsARollback) {
  TakeRelease(56, 1, "a");
  TakeRelease(57, 1, "b");
  TakeRelease(57, 2, "c");
  RevisionUse use;
  use.installed = RevisionKey{kUniverse, 57, 2};
  EXPECT_THAT(Choose({.release = 57}, use), IsOk());
  EXPECT_THAT(Choose({.release = 56}, use),
              Refused(RefusalCode::kVersionRollback));
  EXPECT_THAT(Choose({.release = 57, .revision = 1}, use),
              Refused(RefusalCode::kVersionRollback));
  use.allows_downgrade = true;
  EXPECT_THAT(Choose({.release = 56}, use), IsOk());
}

TEST_F(ReleaseCheckTest, AReleaseMustHaveItsAge) {
  Take(log_.Observed(kUniverse, "spark", 1, 1, "z"));
  Take(log_.Index(now_ - 30 * kDay));
  TakeRelease(56, 1, "a");
  Take(log_.Index(now_ - 3 * kDay));
  TakeRelease(57, 1, "b");
  Take(log_.Index(now_ - 3 * kDay + 1));
  UsePolicy("names public *\nrequire * evidence observed min-age 72h\n");
  EXPECT_EQ(Choose()->key.release, 56);
  const auto young = Choose({.release = 57});
  EXPECT_THAT(young, Refused(RefusalCode::kVersionYoung));
  EXPECT_THAT(std::string(young.status().message()),
              testing::HasSubstr("until 1972-09-27 00:00:01 UTC"));
}

// §10.4: named by its tree, unless the policy refuses that, too.
TEST_F(ReleaseCheckTest, AYankedRevisionIsHadByItsTreeWhereThePolicyLetsIt) {
  TakeRelease(57, 1, "a");
  Take(log_.Keyset("kafka", kUniverse));
  Take(log_.Yank("kafka", 57));
  const RevisionKey key = {kUniverse, 57, 1};
  EXPECT_THAT(Check().CheckRevision("kafka", key, {}),
              Refused(RefusalCode::kVersionYanked));
  EXPECT_THAT(Check().CheckRevision("kafka", key, {.is_named_by_tree = true}),
              IsOk());
  UsePolicy("names public *\nrequire * evidence observed yanked refuse\n");
  const auto refused =
      Check().CheckRevision("kafka", key, {.is_named_by_tree = true});
  EXPECT_THAT(refused, Refused(RefusalCode::kVersionYanked));
  EXPECT_THAT(std::string(refused.status().message()),
              testing::HasSubstr("loses data"));
}

// §11.5: an endorsement is new only for who demands it.
TEST_F(ReleaseCheckTest, AgeCountsFromTheEvidenceThatIsDemanded) {
  Take(log_.Observed(kUniverse, "spark", 1, 1, "z"));
  Take(log_.Index(now_ - 30 * kDay));
  TakeRelease(57, 1, "a");
  Take(log_.Index(now_ - 10 * kDay));
  Take(log_.Keyset("kafka", kUniverse));
  Take(log_.Release("kafka", 57, 1, "a"));
  Take(log_.Index(now_));
  const RevisionKey key = {kUniverse, 57, 1};
  UsePolicy("names public *\nrequire * evidence observed min-age 72h\n");
  EXPECT_THAT(Check().CheckRevision("kafka", key, {}), IsOk());
  UsePolicy(
      "names public *\nrequire * evidence sshsig names open min-age 72h\n");
  EXPECT_THAT(Check().CheckRevision("kafka", key, {}),
              Refused(RefusalCode::kVersionYoung));
}

TEST_F(ReleaseCheckTest, WhatTheFirstImportBroughtHasNoAge) {
  TakeRelease(57, 1, "a");
  Take(log_.Index(now_));
  UsePolicy("names public *\nrequire * evidence observed min-age 72h\n");
  const auto admitted = Choose();
  ASSERT_THAT(admitted, IsOk());
  EXPECT_TRUE(admitted->is_of_unknown_age);
  UsePolicy(
      "names public *\n"
      "require * evidence observed min-age 72h import refuse\n");
  EXPECT_THAT(Choose(), Refused(RefusalCode::kVersionYoung));
}

// The code of the newest, not of the last that was looked at.
TEST_F(ReleaseCheckTest, IfNonePassesTheRefusalIsThatOfTheNewest) {
  TakeRelease(56, 1, "a");
  TakeRelease(56, 2, "b");
  TakeRelease(57, 1, "c");
  Take(log_.Withdrawn(kUniverse, "kafka", 57));
  UsePolicy("names public *\nrequire * evidence observed revisions refuse\n");
  EXPECT_THAT(Choose(), Refused(RefusalCode::kVersionWithdrawn));
}

TEST_F(ReleaseCheckTest, ARefusalSaysOfWhatAndAtWhichCheck) {
  TakeRelease(57, 1, "a");
  UsePolicy("names public *\n");
  const auto refusal = RefusalOf(Choose().status());
  ASSERT_TRUE(refusal.has_value());
  EXPECT_EQ(refusal->place.check, 12);
  EXPECT_EQ(refusal->place.registry, "public");
  EXPECT_EQ(refusal->place.package, "kafka");
  EXPECT_EQ(refusal->place.release, 57);
  EXPECT_EQ(refusal->place.revision, 1);
}

}  // namespace
}  // namespace orrery::signing
