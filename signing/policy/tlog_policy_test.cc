#include "signing/policy/tlog_policy.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/digest.h"
#include "signing/ed25519.h"
#include "signing/example_testing.h"
#include "signing/refusal_matchers.h"

namespace orrery::signing {
namespace {

using Times = std::vector<std::optional<uint64_t>>;

// A key of its own for every number.
std::string KeyOf(int number, absl::string_view name,
                  Vkey::Type type = Vkey::kCosignature) {
  const auto key = Ed25519PrivateKey::FromSeed(
      Digest::Of(absl::StrCat("tlog policy test key ", number)).bytes());
  EXPECT_THAT(key, IsOk());
  return Vkey::Of(name, type, key->public_key()).Text();
}

std::string Witness(int number) {
  return absl::StrCat("witness W", number, " ",
                      KeyOf(number, absl::StrCat("w", number, ".example")),
                      "\n");
}

std::string Log(int number = 1000) {
  return absl::StrCat("log ", KeyOf(number, "log.example", Vkey::kEd25519),
                      "\n");
}

std::string Timestamper() {
  return absl::StrCat("witness timestamper ",
                      KeyOf(999, "log.example/timestamper"), "\n");
}

TlogPolicy Parse(const std::string& text) {
  auto policy = TlogPolicy::Parse(text);
  EXPECT_THAT(policy, IsOk()) << text;
  return *std::move(policy);
}

// trust.md §26.
TEST(TlogPolicyTest, ReadsThatOfTheExample) {
  const TlogPolicy policy = Parse(ExampleFile("tlog-policy"));
  ASSERT_EQ(policy.log_keys().size(), 1u);
  EXPECT_EQ(policy.log_keys()[0].name(), "registry.example/main");
  ASSERT_EQ(policy.witness_keys().size(), 1u);
  EXPECT_EQ(policy.witness_keys()[0].name(), "registry.example/timestamper");
  EXPECT_FALSE(policy.NeedsOutsideWitness());
  EXPECT_EQ(policy.QuorumTime(Times{1795347603}), 1795347603);
  EXPECT_EQ(policy.QuorumTime(Times{std::nullopt}), std::nullopt);
}

// §12.1 "With outside witnesses", §11.4 "Quorum time".
TEST(TlogPolicyTest, TheTimeOfAGroupIsTheKthNewest) {
  const TlogPolicy policy = Parse(absl::StrCat(
      Log(), Timestamper(), Witness(1), Witness(2), Witness(3),
      "group outside 2 W1 W2 W3\ngroup both all timestamper outside\n"
      "quorum both\n"));
  EXPECT_TRUE(policy.NeedsOutsideWitness());
  EXPECT_EQ(policy.QuorumTime(Times{100, 90, 80, 70}), 80);
  EXPECT_EQ(policy.QuorumTime(Times{60, 90, 80, 70}), 60);
  EXPECT_EQ(policy.QuorumTime(Times{100, 90, std::nullopt, 70}), 70);
  EXPECT_EQ(policy.QuorumTime(Times{100, 90, std::nullopt, std::nullopt}),
            std::nullopt);
  EXPECT_EQ(policy.QuorumTime(Times{std::nullopt, 90, 80, 70}), std::nullopt);
}

TEST(TlogPolicyTest, AnyIsOneOfTheMembers) {
  const TlogPolicy policy = Parse(absl::StrCat(
      Witness(1), Timestamper(), "group g any W1 timestamper\nquorum g\n"));
  EXPECT_FALSE(policy.NeedsOutsideWitness());
  EXPECT_EQ(policy.QuorumTime(Times{5, 7}), 7);
}

TEST(TlogPolicyTest, AQuorumMayBeAnyName) {
  EXPECT_TRUE(
      Parse(absl::StrCat(Witness(1), "quorum W1\n")).NeedsOutsideWitness());
  const TlogPolicy none = Parse("quorum none\n");
  EXPECT_FALSE(none.has_quorum());
  EXPECT_FALSE(none.NeedsOutsideWitness());
}

TEST(TlogPolicyTest, TakesCommentsWhiteSpaceUrlsAndForeignNames) {
  Parse(absl::StrCat("# comment\n\n \t\n\tlog\t",
                     KeyOf(1, "log.example", Vkey::kEd25519),
                     "  https://log.example \n", "  # indented \xFF\n",
                     "witness \xE2\x84\xAA ", KeyOf(2, "w.example"),
                     " http://w.example/\n", "quorum \xE2\x84\xAA\n"));
}

TEST(TlogPolicyTest, LogKeysOfOneNameStandSideBySide) {
  EXPECT_EQ(
      Parse(absl::StrCat(Log(1), Log(2), "quorum none\n")).log_keys().size(),
      2u);
}

// 0x06 (ML-DSA-44) is known to C2SP, and absent here.
TEST(TlogPolicyTest, AWitnessOfAnotherTypeIsTaken) {
  const std::string key =
      "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
  Parse(absl::StrCat("witness W ", key, "\nquorum W\n"));
}

TEST(TlogPolicyTest, HoldsSixtyFourOfOneSort) {
  std::string logs, witnesses, groups;
  for (int i = 0; i < 64; ++i) {
    absl::StrAppend(&logs, Log(i));
    absl::StrAppend(&witnesses, Witness(100 + i));
    absl::StrAppend(&groups, "group g", i, " any W", 100 + i, "\n");
  }
  Parse(absl::StrCat(logs, witnesses, groups, "quorum g63\n"));
  for (const std::string& more :
       {Log(64), Witness(200), std::string("group g any g1\n")}) {
    EXPECT_THAT(TlogPolicy::Parse(absl::StrCat(logs, witnesses, groups, more,
                                               "quorum none\n")),
                Refused(RefusalCode::kTrustSyntax))
        << more;
  }
}

TEST(TlogPolicyTest, RefusesWhatBreaksARule) {
  const std::string log = Log();
  const std::string both = absl::StrCat(Witness(1), Witness(2));
  const std::vector<std::string> wrong = {
      "",
      log,
      "quorum",
      "quorum none",
      "quorum none\nquorum none\n",
      "quorum W1\n",
      "quorum\n",
      "quorum none x\n",
      "Quorum none\n",
      "quorum none\r\n",
      "log\nquorum none\n",
      "log x\nquorum none\n",
      absl::StrCat("log ", KeyOf(1, "a", Vkey::kEd25519),
                   " u v\nquorum none\n"),
      // Type, id, name.
      absl::StrCat("log ", KeyOf(1, "a"), "\nquorum none\n"),
      absl::StrReplaceAll(log, {{"log.example+", "log.examplf+"}}) +
          "quorum none\n",
      absl::StrCat(log, "log ", KeyOf(1, "b", Vkey::kEd25519),
                   "\nquorum none\n"),
      // The same public key, whatever it is called.
      absl::StrCat(log, log, "quorum none\n"),
      absl::StrCat(Witness(1), "witness V ", KeyOf(1, "v"), "\nquorum V\n"),
      absl::StrCat(log, "witness V ", KeyOf(1000, "v"), "\nquorum V\n"),
      absl::StrCat("witness W1\nquorum none\n"),
      absl::StrCat(Witness(1), "witness W1 ", KeyOf(2, "x"), "\nquorum W1\n"),
      absl::StrCat("witness none ", KeyOf(2, "x"), "\nquorum none\n"),
      // Defined before use, member of one group, 1 <= k <= n.
      absl::StrCat("quorum W1\n", Witness(1)),
      absl::StrCat(both, "group g any W3\nquorum g\n"),
      absl::StrCat(both, "group g any g\nquorum g\n"),
      absl::StrCat(both, "group g any W1 W1\nquorum g\n"),
      absl::StrCat(both, "group g any W1\ngroup h any W1\nquorum h\n"),
      absl::StrCat(both, "group g any none\nquorum g\n"),
      absl::StrCat(both, "group g all\nquorum g\n"),
      absl::StrCat(both, "group g 0 W1 W2\nquorum g\n"),
      absl::StrCat(both, "group g 3 W1 W2\nquorum g\n"),
      absl::StrCat(both, "group g 01 W1 W2\nquorum g\n"),
      absl::StrCat(both, "group g -1 W1 W2\nquorum g\n"),
      absl::StrCat(both, "group g some W1 W2\nquorum g\n"),
      absl::StrCat(both, "group W1 any W2\nquorum W1\n"),
      absl::StrCat(both, "group timestamper any W2\nquorum timestamper\n"),
  };
  for (const std::string& text : wrong) {
    EXPECT_THAT(TlogPolicy::Parse(text), Refused(RefusalCode::kTrustSyntax))
        << text;
  }
}

TEST(TlogPolicyTest, SaysTheLine) {
  EXPECT_THAT(TlogPolicy::Parse(absl::StrCat("# x\n", Log(), "quorum W\n")),
              RefusedAtLine(RefusalCode::kTrustSyntax, 3));
}

// trust.md §7.4.
TEST(TlogPolicyTest, RefusesAWeakKeyAsItsOwnSyntax) {
  const std::string weak(1, '\x01');
  const std::string material =
      absl::StrCat(std::string(1, '\x04'), weak, std::string(31, '\0'));
  const std::string id =
      Digest::Of(absl::StrCat("w\n", material)).Hex().substr(0, 8);
  EXPECT_THAT(TlogPolicy::Parse(absl::StrCat("witness W w+", id, "+",
                                             absl::Base64Escape(material),
                                             "\nquorum W\n")),
              Refused(RefusalCode::kTrustSyntax));
}

}  // namespace
}  // namespace orrery::signing
