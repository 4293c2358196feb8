#include "signing/record/leaf.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/example_testing.h"
#include "signing/refusal_matchers.h"

namespace orrery::signing {
namespace {

constexpr int kObserved = 1;
constexpr int kClaim = 3;
constexpr int kKeyset = 4;
constexpr int kRelease = 5;

std::string ArmorsOf(int leaf) {
  return ExampleLeaf(leaf).substr(ExampleStatement(leaf).size() + 1);
}

// trust.md §26.
TEST(LeafTest, SplitsAndJoinsTheLeavesOfTheExample) {
  const size_t signatures[kExampleLeaves] = {0, 0, 0, 1, 2, 1, 0, 0, 0, 1, 0};
  for (int i = 0; i < kExampleLeaves; ++i) {
    const auto leaf = ParseLeaf(ExampleLeaf(i));
    ASSERT_THAT(leaf, IsOk()) << i;
    EXPECT_EQ(leaf->statement, ExampleStatement(i));
    EXPECT_EQ(leaf->signatures.size(), signatures[i]);
    EXPECT_EQ(JoinLeaf(leaf->statement, leaf->signatures), ExampleLeaf(i));
    EXPECT_THAT(CheckIsSigned(*leaf), IsOk());
  }
}

TEST(LeafTest, TheDigestIsThatOfTheStatement) {
  const auto leaf = ParseLeaf(ExampleLeaf(kRelease));
  ASSERT_THAT(leaf, IsOk());
  EXPECT_EQ(leaf->statement_digest.Hex(),
            "18a1916ac3c4945c54764eee5445ce1a25d664cd8826297f55c5a24a6c1f1626");
}

TEST(LeafTest, JoinPutsSignaturesInOrder) {
  auto leaf = ParseLeaf(ExampleLeaf(kKeyset));
  ASSERT_THAT(leaf, IsOk());
  std::swap(leaf->signatures[0], leaf->signatures[1]);
  EXPECT_EQ(JoinLeaf(leaf->statement, leaf->signatures), ExampleLeaf(kKeyset));
}

TEST(LeafTest, RefusesWhatIsNotCanonical) {
  const std::string keyset = ExampleLeaf(kKeyset);
  const std::string armors = ArmorsOf(kKeyset);
  const size_t second = armors.find("-----BEGIN", 1);
  const std::string head = ExampleStatement(kKeyset) + "\n";
  const std::string bob = armors.substr(0, second);
  const std::string alice = armors.substr(second);
  EXPECT_THAT(ParseLeaf(head + bob), IsOk());
  for (const std::string& bytes : std::vector<std::string>{
           "", "\n", "\n\n", ExampleStatement(kObserved),
           absl::StrCat("\n", ExampleLeaf(kObserved)),
           absl::StrCat(ExampleLeaf(kObserved), "\n"),
           absl::StrCat(ExampleLeaf(kObserved), "x\n"),
           // Order, repetition, text around, a line missing.
           head + alice + bob, head + bob + bob, head + bob + "\n" + alice,
           head + bob + "x" + alice, head + bob + alice + "x",
           head + bob + alice.substr(0, alice.size() - 1)}) {
    EXPECT_THAT(ParseLeaf(bytes), Refused(RefusalCode::kRecordSyntax)) << bytes;
  }
}

TEST(LeafTest, KindsHaveTheSignaturesTheyMayHave) {
  EXPECT_THAT(ParseLeaf(ExampleLeaf(kObserved) + ArmorsOf(kRelease)),
              Refused(RefusalCode::kRecordSyntax));
  const std::string claim = ExampleStatement(kClaim) + "\n";
  EXPECT_THAT(ParseLeaf(claim + ArmorsOf(kKeyset)),
              Refused(RefusalCode::kRecordSyntax));
  for (const int kind : {kClaim, kKeyset, kRelease}) {
    const auto leaf = ParseLeaf(ExampleStatement(kind) + "\n");
    ASSERT_THAT(leaf, IsOk());
    EXPECT_THAT(CheckIsSigned(*leaf), Refused(RefusalCode::kRecordThreshold));
  }
}

// trust.md §25 A17.
TEST(LeafTest, ALeafHoldsAtMost8SignaturesAnd32KiB) {
  auto leaf = ParseLeaf(ExampleLeaf(kRelease));
  ASSERT_THAT(leaf, IsOk());
  std::vector<SshSignature> signatures(9, leaf->signatures[0]);
  for (size_t i = 0; i < signatures.size(); ++i) {
    signatures[i].signature[0] = static_cast<char>(i);
  }
  EXPECT_THAT(ParseLeaf(JoinLeaf(leaf->statement, signatures)),
              Refused(RefusalCode::kRecordSyntax));
  signatures.pop_back();
  EXPECT_THAT(ParseLeaf(JoinLeaf(leaf->statement, signatures)), IsOk());
  for (SshSignature& signature : signatures) {
    signature.signature.append(3000, 'x');
  }
  EXPECT_THAT(ParseLeaf(JoinLeaf(leaf->statement, signatures)),
              Refused(RefusalCode::kRecordSyntax));
}

}  // namespace
}  // namespace orrery::signing
