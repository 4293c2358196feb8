#include "signing/client/maintainer_chain.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/policy/client_policy_parser.h"
#include "signing/refusal_matchers.h"
#include "signing/replay/log_testing.h"
#include "signing/ssh/ssh_signing.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::signing {
namespace {

constexpr char kPackage[] = "kafka";

Signer SignerOf(const std::string& name) {
  return {name,
          {"keyset@orrery", "release@orrery", "yank@orrery"},
          SshKeyOf(TestKey(name).public_key())};
}

class MaintainerChainTest : public ::testing::Test {
 protected:
  MaintainerChainTest() {
    EXPECT_THAT(log_.Append(log_.Source("universe")), IsOk());
    Use("require * evidence sshsig names open\n");
  }

  void Use(absl::string_view lines, absl::string_view names = "") {
    auto policy = ParseClientPolicy(
        absl::StrCat("policy 1\nregistry public https://registry.example/main\n"
                     "tlog-policy t\nnames-file n\nwitnesses timestamper\n"
                     "names public *\n",
                     lines));
    ASSERT_THAT(policy, IsOk());
    policy_.emplace(*std::move(policy));
    auto parsed = Names::Parse(absl::StrCat("orrery/names/v1\n", names));
    ASSERT_THAT(parsed, IsOk());
    names_.emplace(*std::move(parsed));
  }

  // Whoever signed, and whether or not that is enough.
  void Take(const Record& record, const std::vector<std::string>& signers) {
    ASSERT_THAT(log_.AppendBytes(TestLog::LeafOf(record, signers)), IsOk());
  }
  Record Keyset(const std::vector<std::string>& signers,
                int64_t threshold = 1) {
    Record record = log_.Keyset(kPackage, "universe");
    auto& keyset = std::get<KeysetRecord>(record.body);
    keyset.signers.clear();
    for (const std::string& name : signers) {
      keyset.signers.push_back(SignerOf(name));
    }
    keyset.keyset_threshold = threshold;
    return record;
  }
  Record Release(int64_t release) {
    return log_.Release(kPackage, release, 1, absl::StrCat("r", release));
  }

  const PackageState& Package() { return *FindPackage(log_.state(), kPackage); }
  absl::StatusOr<MaintainerChain> Judge() {
    return MaintainerChain::Judge(kPackage, Package(), *policy_, *names_);
  }
  // The verdict on a release whose record is at that leaf.
  absl::Status JudgeRelease(int64_t leaf) {
    const auto chain = Judge();
    if (!chain.ok()) return chain.status();
    return chain->CheckRelease(leaf, 1).status;
  }
  std::string Excuse(size_t at) {
    return absl::StrCat("excuse ", Package().maintainers[at].leaf, " sha256:",
                        Package().signed_records[at]->leaf_hash().Hex(), "\n");
  }
  std::string FirstKeyset() {
    return absl::StrCat("sha256:", Package().maintainers[0].statement.Hex());
  }

  TestLog log_;
  std::optional<ClientPolicy> policy_;
  std::optional<Names> names_;
};

TEST_F(MaintainerChainTest, AFirstKeysetIsSignedByItsOwnThreshold) {
  Take(Keyset({"alice", "bob"}, 2), {"alice", "bob"});
  EXPECT_THAT(Judge(), IsOk());
}

TEST_F(MaintainerChainTest, AFirstKeysetBelowItsThresholdRefusesThePackage) {
  Take(Keyset({"alice", "bob"}, 2), {"alice"});
  const auto chain = Judge();
  EXPECT_THAT(chain, Refused(RefusalCode::kRecordKeyset));
  EXPECT_EQ(RefusalOf(chain.status())->place.leaf, 1);
}

// §25 B1, B3.
TEST_F(MaintainerChainTest, AKeysetNeedsTheThresholdOfTheOneBefore) {
  Take(Keyset({"alice"}), {"alice"});
  Take(Keyset({"alice", "mallory"}), {"mallory"});
  EXPECT_THAT(Judge(), Refused(RefusalCode::kRecordKeyset));
}

// §25 B5, B7.
TEST_F(MaintainerChainTest, AReleaseIsJudgedByTheKeysetInForceAtItsPlace) {
  Take(Keyset({"alice", "bob"}), {"alice"});
  Take(Release(57), {"alice"});
  Take(Keyset({"bob"}), {"bob"});
  Take(Release(58), {"alice"});
  Take(Release(59), {"bob"});
  EXPECT_THAT(JudgeRelease(2), IsOk());
  EXPECT_THAT(JudgeRelease(4), Refused(RefusalCode::kRecordThreshold));
  EXPECT_THAT(JudgeRelease(5), IsOk());
}

TEST_F(MaintainerChainTest, OnlyTheWantedReleaseIsVerified) {
  Take(Keyset({"alice"}), {"alice"});
  Take(Release(57), {"mallory"});
  Take(Release(58), {"alice"});
  EXPECT_THAT(JudgeRelease(2), Refused(RefusalCode::kRecordThreshold));
  EXPECT_THAT(JudgeRelease(3), IsOk());
}

TEST_F(MaintainerChainTest, AForgedYankRefusesThePackage) {
  Take(Keyset({"alice"}), {"alice"});
  Take(Release(57), {"alice"});
  Take(log_.Yank(kPackage, 57), {"mallory"});
  EXPECT_THAT(Judge(), Refused(RefusalCode::kRecordThreshold));
}

TEST_F(MaintainerChainTest, PinsAndBindingsNameTheFirstKeyset) {
  Take(Keyset({"alice"}), {"alice"});
  const std::string other = absl::StrCat("sha256:", Digest().Hex());
  Use("require kafka evidence sshsig\n");
  EXPECT_THAT(Judge(), Refused(RefusalCode::kNameUnbound));
  Use("require kafka evidence sshsig\n",
      absl::StrCat("bind kafka ", FirstKeyset(), "\n"));
  EXPECT_THAT(Judge(), IsOk());
  Use("require kafka evidence sshsig\n",
      absl::StrCat("bind kafka ", other, "\n"));
  EXPECT_THAT(Judge(), Refused(RefusalCode::kRecordKeyset));
  Use(absl::StrCat("require kafka evidence sshsig keyset ", FirstKeyset(),
                   "\n"),
      absl::StrCat("bind kafka ", other, "\n"));
  EXPECT_THAT(Judge(), IsOk());
  Use(absl::StrCat("require kafka evidence sshsig keyset ", other, "\n"),
      absl::StrCat("bind kafka ", FirstKeyset(), "\n"));
  EXPECT_THAT(Judge(), Refused(RefusalCode::kRecordKeyset));
  // An open policy takes what nobody binds, and no more.
  Use("require kafka evidence sshsig names open\n",
      absl::StrCat("bind kafka ", other, "\n"));
  EXPECT_THAT(Judge(), Refused(RefusalCode::kRecordKeyset));
}

TEST_F(MaintainerChainTest, AClaimIsNoAnchorYet) {
  Take(Keyset({"alice"}), {"alice"});
  Use("require kafka evidence sshsig names claimed\n");
  EXPECT_THAT(Judge(), Refused(RefusalCode::kNameUnbound));
}

TEST_F(MaintainerChainTest, WhatIsContentWithObservedIsOnlyToldOfNoAnchor) {
  Take(Keyset({"alice"}), {"alice"});
  Use("require kafka evidence observed names curated\n");
  const auto chain = Judge();
  ASSERT_THAT(chain, IsOk());
  EXPECT_THAT(chain->anchor(), Refused(RefusalCode::kNameUnbound));
  // Every other failure refuses the package all the same.
  Take(Keyset({"mallory"}), {"mallory"});
  EXPECT_THAT(Judge(), Refused(RefusalCode::kRecordKeyset));
}

TEST_F(MaintainerChainTest, ADeniedKeyRevokesAKeysetThatNeedsIt) {
  Take(Keyset({"alice", "bob"}, 2), {"alice", "bob"});
  Use(absl::StrCat("require * evidence sshsig names open\ndeny key ",
                   SignerOf("alice").key.Fingerprint(), "\n"));
  EXPECT_THAT(Judge(), Refused(RefusalCode::kRecordRevoked));
}

TEST_F(MaintainerChainTest, AnExcusedYankHasNoEffect) {
  Take(Keyset({"alice"}), {"alice"});
  Take(Release(57), {"alice"});
  Take(log_.Yank(kPackage, 57), {"mallory"});
  Use("require * evidence sshsig names open\n", Excuse(2));
  const auto chain = Judge();
  ASSERT_THAT(chain, IsOk());
  EXPECT_EQ(FindYank(chain->package(), "universe", 57, 1), nullptr);
  EXPECT_NE(FindYank(Package(), "universe", 57, 1), nullptr);
}

// Only what fails needs to be excused.
TEST_F(MaintainerChainTest, AnExcuseTakesNoEffectFromAGoodLeaf) {
  Take(Keyset({"alice"}), {"alice"});
  Take(Release(57), {"alice"});
  Take(log_.Yank(kPackage, 57), {"alice"});
  Use("require * evidence sshsig names open\n", Excuse(2));
  EXPECT_NE(FindYank(Judge()->package(), "universe", 57, 1), nullptr);
}

TEST_F(MaintainerChainTest, BehindAnExcusedKeysetTheOneBeforeItJudges) {
  Take(Keyset({"alice"}), {"alice"});
  Take(Keyset({"mallory"}), {"mallory"});
  Take(Keyset({"alice", "bob"}), {"alice"});
  Take(Release(57), {"bob"});
  Use("require * evidence sshsig names open\n", Excuse(1));
  EXPECT_THAT(JudgeRelease(4), IsOk());
}

TEST_F(MaintainerChainTest, AnExcusedReleaseIsNotThere) {
  Take(Keyset({"alice"}), {"alice"});
  Take(Release(57), {"mallory"});
  Use("require * evidence sshsig names open\n", Excuse(1));
  const auto chain = Judge();
  ASSERT_THAT(chain, IsOk());
  EXPECT_EQ(FindRelease(chain->package(), "universe", 57), nullptr);
}

TEST_F(MaintainerChainTest, BehindAnExcusedFirstKeysetNothingIsAnchored) {
  Take(Keyset({"alice"}), {"mallory"});
  Take(Keyset({"bob"}), {"bob"});
  Use("require * evidence observed\n", Excuse(0));
  EXPECT_THAT(Judge(), Refused(RefusalCode::kRecordKeyset));
  Use("require * evidence observed\n", Excuse(0) + Excuse(1));
  const auto chain = Judge();
  ASSERT_THAT(chain, IsOk());
  EXPECT_THAT(chain->anchor(), Refused(RefusalCode::kNameUnbound));
}

}  // namespace
}  // namespace orrery::signing
