#include "signing/record/signer_count.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/example_testing.h"
#include "signing/record/leaf.h"
#include "signing/refusal_matchers.h"
#include "signing/replay/log_testing.h"
#include "signing/ssh/ssh_signing.h"
#include "signing/ssh/sshsig.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::signing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kKeyset[] = "keyset@orrery";
constexpr char kRelease[] = "release@orrery";

SshKey KeyOf(absl::string_view name) {
  return SshKeyOf(TestKey(name).public_key());
}

Signer SignerOf(const std::string& principal, absl::string_view key,
                std::vector<std::string> namespaces = {kKeyset, kRelease,
                                                       "yank@orrery"}) {
  return {principal, std::move(namespaces), KeyOf(key)};
}

KeysetRecord KeysetOf(int64_t number, std::vector<Signer> signers,
                      int64_t keyset_threshold = 1,
                      int64_t release_threshold = 1) {
  KeysetRecord keyset;
  keyset.number = number;
  keyset.keyset_threshold = keyset_threshold;
  keyset.release_threshold = release_threshold;
  keyset.yank_threshold = 1;
  keyset.signers = std::move(signers);
  return keyset;
}

// A release of some package, signed as `signatures` say.
class SignerCountTest : public ::testing::Test {
 protected:
  SignerCountTest() {
    EXPECT_THAT(log_.Append(log_.Source("universe")), IsOk());
    EXPECT_THAT(log_.Append(log_.Keyset("kafka", "universe")), IsOk());
    release_ = log_.Release("kafka", 57, 1, "bytes");
  }

  SshSignature By(absl::string_view key,
                  absl::string_view name_space = kRelease) {
    return *SignSsh(TestKey(key), name_space, PrintRecord(release_));
  }

  SignerCount Count(const std::vector<SshSignature>& signatures,
                    const KeysetRecord& keyset,
                    const std::string& denied_key = "", int64_t least = 1) {
    return CountOf(release_, signatures, &keyset, denied_key, least);
  }

  static SignerCount CountOf(const Record& record,
                             const std::vector<SshSignature>& signatures,
                             const KeysetRecord* in_force,
                             const std::string& denied_key = "",
                             int64_t least = 1) {
    const auto leaf = ParseLeaf(JoinLeaf(PrintRecord(record), signatures));
    EXPECT_THAT(leaf, IsOk());
    const std::string denied =
        denied_key.empty() ? "" : KeyOf(denied_key).Fingerprint();
    return CountSigners(
        SignedRecord(*leaf, Digest()), in_force,
        [&](const std::string& fingerprint) { return fingerprint == denied; },
        least);
  }

  // Keyset 2 of the same package.
  Record Next(KeysetRecord keyset) {
    Record record = log_.Keyset("kafka", "universe");
    keyset.repositories = std::get<KeysetRecord>(record.body).repositories;
    record.body = std::move(keyset);
    return record;
  }
  static std::vector<SshSignature> SignedBy(
      const Record& record, const std::vector<std::string>& keys) {
    std::vector<SshSignature> signatures;
    for (const std::string& key : keys) {
      signatures.push_back(SignatureBy(key, record));
    }
    return signatures;
  }

  TestLog log_;
  Record release_;
};

TEST_F(SignerCountTest, ANewKeyOfTheSamePersonIsCountedByItsKeysetAlone) {
  const KeysetRecord before =
      KeysetOf(1, {SignerOf("alice", "alice"), SignerOf("bob", "bob")}, 2);
  const Record next = Next(
      KeysetOf(2, {SignerOf("alice", "carol"), SignerOf("bob", "bob")}, 2));
  const auto counts = [&](const std::vector<std::string>& keys) {
    const auto leaf =
        ParseLeaf(JoinLeaf(PrintRecord(next), SignedBy(next, keys)));
    return CountByKeyset(SignedRecord(*leaf, Digest()), &before);
  };
  EXPECT_THAT(counts({"alice", "bob"}),
              ElementsAre(KeysetCount{1, 2, {"alice", "bob"}, {}},
                          KeysetCount{2, 2, {"bob"}, {"alice"}}));
  EXPECT_THAT(counts({"alice", "bob", "carol"}),
              ElementsAre(KeysetCount{1, 2, {"alice", "bob"}, {}},
                          KeysetCount{2, 2, {"alice", "bob"}, {}}));
}

TEST_F(SignerCountTest, AWrongSignatureIsCountedByNoKeyset) {
  const auto keyset = KeysetOf(
      1, {SignerOf("alice", "alice"), SignerOf("bob", "bob", {kKeyset})});
  const auto leaf = ParseLeaf(JoinLeaf(
      PrintRecord(release_),
      {*SignSsh(TestKey("alice"), kRelease, "something else"), By("bob")}));
  EXPECT_THAT(CountByKeyset(SignedRecord(*leaf, Digest()), &keyset),
              ElementsAre(KeysetCount{1, 1, {}, {"alice"}}));
}

TEST_F(SignerCountTest, TellsWhoSigned) {
  const auto keyset =
      KeysetOf(1, {SignerOf("alice", "alice"), SignerOf("bob", "bob")}, 1, 2);
  const SignerCount count = Count({By("alice"), By("bob")}, keyset);
  EXPECT_THAT(count.status, IsOk());
  EXPECT_THAT(count.principals, ElementsAre("alice", "bob"));
}

TEST_F(SignerCountTest, TooFewPrincipalsAreTold) {
  const auto keyset =
      KeysetOf(1, {SignerOf("alice", "alice"), SignerOf("bob", "bob")}, 1, 2);
  const SignerCount count = Count({By("alice")}, keyset);
  EXPECT_THAT(count.status, Refused(RefusalCode::kRecordThreshold));
  EXPECT_THAT(count.status.message(), ::testing::HasSubstr("bob is missing"));
  EXPECT_THAT(count.principals, ElementsAre("alice"));
}

TEST_F(SignerCountTest, OfSeveralKeysAPrincipalCountsOnce) {
  const auto keyset =
      KeysetOf(1,
               {SignerOf("alice", "alice"), SignerOf("alice", "alice2"),
                SignerOf("bob", "bob")},
               1, 2);
  const SignerCount count = Count({By("alice"), By("alice2")}, keyset);
  EXPECT_THAT(count.status, Refused(RefusalCode::kRecordThreshold));
  EXPECT_THAT(count.principals, ElementsAre("alice"));
}

// An ECDSA key, or a security key, signs differently each time; here the hash
// differs.
TEST_F(SignerCountTest, TwoSignaturesByOneKeyCountOnce) {
  const auto keyset =
      KeysetOf(1, {SignerOf("alice", "alice"), SignerOf("bob", "bob")}, 1, 2);
  SshSignature other = By("alice");
  other.hash_algorithm = "sha256";
  other.signature = *TestKey("alice").Sign(SshSignedBytes(
      kRelease, "sha256", HashSshMessage("sha256", PrintRecord(release_))));
  EXPECT_THAT(Count({By("alice"), other}, keyset).status,
              Refused(RefusalCode::kRecordThreshold));
}

TEST_F(SignerCountTest, WrongSignaturesByASignerAreNotPassedOver) {
  const auto keyset =
      KeysetOf(1, {SignerOf("alice", "alice"), SignerOf("bob", "bob")});
  SshSignature wrong = By("bob");
  wrong.signature[5] ^= 1;
  EXPECT_THAT(Count({By("alice"), wrong}, keyset).status,
              Refused(RefusalCode::kRecordSignature));
}

TEST_F(SignerCountTest, SignaturesByStrangersAreNotLookedAt) {
  const auto keyset = KeysetOf(1, {SignerOf("alice", "alice")});
  SshSignature stranger = By("mallory");
  stranger.signature[5] ^= 1;
  const SignerCount count = Count({By("alice"), stranger}, keyset);
  EXPECT_THAT(count.status, IsOk());
  EXPECT_THAT(count.principals, ElementsAre("alice"));
}

TEST_F(SignerCountTest, AnotherNamespaceIsRefusedWhoeverSigned) {
  const auto keyset = KeysetOf(1, {SignerOf("alice", "alice")});
  for (const char* const name_space : {"git", "file", kKeyset}) {
    EXPECT_THAT(Count({By("alice", name_space)}, keyset).status,
                Refused(RefusalCode::kRecordNamespace));
    EXPECT_THAT(Count({By("alice"), By("mallory", name_space)}, keyset).status,
                Refused(RefusalCode::kRecordNamespace));
  }
}

TEST_F(SignerCountTest, AKeyWithoutTheNamespaceIsRefused) {
  const auto keyset = KeysetOf(
      1, {SignerOf("alice", "alice"), SignerOf("bob", "bob", {kKeyset})});
  EXPECT_THAT(Count({By("alice"), By("bob")}, keyset).status,
              Refused(RefusalCode::kRecordNamespace));
}

TEST_F(SignerCountTest, WithoutAnySignatureTheThresholdIsMissed) {
  const auto keyset = KeysetOf(1, {SignerOf("alice", "alice")});
  EXPECT_THAT(Count({}, keyset).status, Refused(RefusalCode::kRecordThreshold));
  EXPECT_THAT(
      CountOf(Next(KeysetOf(2, {SignerOf("alice", "alice")})), {}, &keyset)
          .status,
      Refused(RefusalCode::kRecordThreshold));
}

TEST_F(SignerCountTest, DeniedKeysDoNotCount) {
  const auto keyset =
      KeysetOf(1, {SignerOf("alice", "alice"), SignerOf("bob", "bob")});
  const SignerCount one = Count({By("alice")}, keyset, "alice");
  EXPECT_THAT(one.status, Refused(RefusalCode::kRecordRevoked));
  EXPECT_THAT(one.principals, IsEmpty());
  EXPECT_THAT(Count({By("alice"), By("bob")}, keyset, "alice").status, IsOk());
  // Too few also with the key.
  EXPECT_THAT(Count({By("mallory")}, keyset, "alice").status,
              Refused(RefusalCode::kRecordThreshold));
}

TEST_F(SignerCountTest, TheCallerMayDemandMore) {
  const auto keyset =
      KeysetOf(1, {SignerOf("alice", "alice"), SignerOf("bob", "bob")});
  EXPECT_THAT(Count({By("alice")}, keyset, "", 2).status,
              Refused(RefusalCode::kRecordThreshold));
  EXPECT_THAT(Count({By("alice"), By("bob")}, keyset, "", 2).status, IsOk());
}

TEST_F(SignerCountTest, WithoutAKeysetNothingIsSigned) {
  EXPECT_THAT(CountOf(release_, {By("alice")}, nullptr).status,
              Refused(RefusalCode::kRecordKeyset));
}

// What Guix's authentication tests ask, restated for keysets.
TEST_F(SignerCountTest, AKeysetNeedsOldAndNew) {
  const auto old =
      KeysetOf(1, {SignerOf("alice", "alice"), SignerOf("bob", "bob")}, 2);
  const Record next = Next(
      KeysetOf(2, {SignerOf("bob", "bob"), SignerOf("carol", "carol")}, 2));
  const auto count = [&](const std::vector<std::string>& keys) {
    return CountOf(next, SignedBy(next, keys), &old);
  };
  EXPECT_THAT(count({"alice", "bob", "carol"}).status, IsOk());
  EXPECT_THAT(count({"alice", "bob", "carol"}).principals,
              ElementsAre("alice", "bob", "carol"));
  EXPECT_THAT(count({"alice", "bob"}).status,
              Refused(RefusalCode::kRecordKeyset));
  EXPECT_THAT(count({"bob", "carol"}).status,
              Refused(RefusalCode::kRecordKeyset));
  EXPECT_THAT(count({"mallory", "dave"}).status,
              Refused(RefusalCode::kRecordKeyset));
}

TEST_F(SignerCountTest, NobodyAddsHimself) {
  const auto old = KeysetOf(1, {SignerOf("alice", "alice")});
  const Record next = Next(KeysetOf(
      2, {SignerOf("alice", "alice"), SignerOf("mallory", "mallory")}));
  EXPECT_THAT(CountOf(next, SignedBy(next, {"mallory"}), &old).status,
              Refused(RefusalCode::kRecordKeyset));
}

TEST_F(SignerCountTest, OneSignatureMayServeBothSides) {
  const auto old = KeysetOf(1, {SignerOf("alice", "alice")});
  const Record next =
      Next(KeysetOf(2, {SignerOf("alice", "alice"), SignerOf("bob", "bob")}));
  EXPECT_THAT(CountOf(next, SignedBy(next, {"alice"}), &old).status, IsOk());
}

// §7.3: it counts only on the side that lists the namespace.
TEST_F(SignerCountTest, AKeyCountsWhereItHasTheNamespace) {
  const auto old = KeysetOf(1, {SignerOf("alice", "alice")});
  const Record next =
      Next(KeysetOf(2, {SignerOf("alice", "alice", {kRelease, "yank@orrery"}),
                        SignerOf("bob", "bob", {kKeyset})}));
  EXPECT_THAT(CountOf(next, SignedBy(next, {"alice"}), &old).status,
              Refused(RefusalCode::kRecordKeyset));
  EXPECT_THAT(CountOf(next, SignedBy(next, {"alice", "bob"}), &old).status,
              IsOk());
}

TEST_F(SignerCountTest, VerifiesTheRecordsOfTheExample) {
  const auto first = ParseLeaf(ExampleLeaf(4));
  ASSERT_THAT(first, IsOk());
  const auto* keyset = std::get_if<KeysetRecord>(&first->record.body);
  const auto count = [&](int leaf, const KeysetRecord* in_force) {
    return CountSigners(SignedRecord(*ParseLeaf(ExampleLeaf(leaf)), Digest()),
                        in_force, [](const std::string&) { return false; });
  };
  EXPECT_THAT(count(4, nullptr).status, IsOk());
  EXPECT_THAT(count(4, nullptr).principals,
              ElementsAre("alice@example.org", "bob@example.org"));
  EXPECT_THAT(count(5, keyset).status, IsOk());
  EXPECT_THAT(count(9, keyset).principals, ElementsAre("alice@example.org"));
}

}  // namespace
}  // namespace orrery::signing
