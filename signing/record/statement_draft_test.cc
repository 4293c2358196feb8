#include "signing/record/statement_draft.h"

#include <string>
#include <utility>
#include <variant>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/example_testing.h"
#include "signing/record/record_parser.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::signing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr int kKeysetLeaf = 4;
constexpr int kReleaseLeaf = 5;
constexpr int kYankLeaf = 9;

constexpr char kCarol[] =
    "ssh-ed25519 "
    "AAAAC3NzaC1lZDI1NTE5AAAAIF8nhuPDY/yYGhlFq0LV+NkmgLDc/o6v0tDvJUFruEkl "
    "carol@laptop\n";

Record Example(int leaf) { return *ParseRecord(ExampleStatement(leaf)); }

KeysetRecord ExampleKeyset() {
  return std::get<KeysetRecord>(Example(kKeysetLeaf).body);
}

// The end of kafka's chain behind leaf `leaf`, with keyset 1 in force.
ChainEnd EndAt(int leaf) {
  const Record record = Example(leaf);
  return {"kafka", record.seq, Digest::Of(ExampleStatement(leaf)), record.logs,
          KeysetReference{1, Digest::Of(ExampleStatement(kKeysetLeaf))}};
}

Signer Carol() {
  return {"carol@example.org", {"release@orrery"}, *ParsePublicKeyFile(kCarol)};
}

TEST(StatementDraftTest, FirstKeysetIsTheExamplesByteForByte) {
  const KeysetRecord keyset = ExampleKeyset();
  KeysetChange change;
  // In another order than that of the lines.
  change.signers = {keyset.signers[1], keyset.signers[0]};
  change.keyset_threshold = 2;
  change.repositories = keyset.repositories;
  change.logs = {kExampleOrigin};
  EXPECT_THAT(DraftKeyset({.package = "kafka"}, nullptr, change),
              IsOkAndHolds(ExampleStatement(kKeysetLeaf)));
}

TEST(StatementDraftTest, ReleaseIsTheExamplesByteForByte) {
  EXPECT_THAT(
      DraftRelease(EndAt(kKeysetLeaf),
                   std::get<ReleaseRecord>(Example(kReleaseLeaf).body).content),
      IsOkAndHolds(ExampleStatement(kReleaseLeaf)));
}

TEST(StatementDraftTest, YankIsTheExamplesByteForByte) {
  EXPECT_THAT(DraftYank(EndAt(kReleaseLeaf), 57, std::nullopt,
                        "broker loses data on restart"),
              IsOkAndHolds(ExampleStatement(kYankLeaf)));
}

TEST(StatementDraftTest, NextKeysetKeepsWhatIsNotNamed) {
  const KeysetRecord in_force = ExampleKeyset();
  KeysetChange change;
  change.signers = {Carol()};
  change.release_threshold = 2;
  const auto statement = DraftKeyset(EndAt(kReleaseLeaf), &in_force, change);
  ASSERT_THAT(statement, IsOk());
  const Record record = *ParseRecord(*statement);
  EXPECT_EQ(record.seq, 3);
  EXPECT_EQ(record.prev, Digest::Of(ExampleStatement(kReleaseLeaf)));
  const auto& keyset = std::get<KeysetRecord>(record.body);
  EXPECT_EQ(keyset.number, 2);
  EXPECT_EQ(keyset.keyset_threshold, 2);
  EXPECT_EQ(keyset.release_threshold, 2);
  EXPECT_EQ(keyset.repositories, in_force.repositories);
  ASSERT_EQ(keyset.signers.size(), 3u);
  EXPECT_EQ(keyset.signers[2].principal, "carol@example.org");
}

TEST(StatementDraftTest, AKeyThatIsThereGetsTheNewPrincipalAndNamespaces) {
  const KeysetRecord in_force = ExampleKeyset();
  KeysetChange change;
  Signer alice = in_force.signers[0];
  alice.namespaces = {"keyset@orrery", "release@orrery", "yank@orrery"};
  Signer bob = in_force.signers[1];
  bob.namespaces = {"keyset@orrery", "release@orrery", "yank@orrery"};
  change.signers = {alice, bob};
  const auto statement = DraftKeyset(EndAt(kKeysetLeaf), &in_force, change);
  ASSERT_THAT(statement, IsOk());
  const Record record = *ParseRecord(*statement);
  const auto& keyset = std::get<KeysetRecord>(record.body);
  ASSERT_EQ(keyset.signers.size(), 2u);
  EXPECT_EQ(keyset.signers[1].namespaces, bob.namespaces);
}

TEST(StatementDraftTest, AKeyOfTwoPrincipalsIsRefused) {
  KeysetChange change;
  Signer dave = Carol();
  dave.principal = "dave@example.org";
  change.signers = {Carol(), dave};
  const KeysetRecord in_force = ExampleKeyset();
  EXPECT_THAT(
      DraftKeyset(EndAt(kKeysetLeaf), &in_force, change),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr(Carol().key.Fingerprint()),
                     HasSubstr("is named twice, for carol@example.org and for "
                               "dave@example.org"))));
}

TEST(StatementDraftTest, DroppingAndAddingReplacesThePrincipalsKeys) {
  const KeysetRecord in_force = ExampleKeyset();
  KeysetChange change;
  Signer bob = Carol();
  bob.principal = "bob@example.org";
  bob.namespaces = {"keyset@orrery", "release@orrery"};
  change.dropped_principals = {"bob@example.org"};
  change.signers = {bob};
  const auto statement = DraftKeyset(EndAt(kKeysetLeaf), &in_force, change);
  ASSERT_THAT(statement, IsOk());
  const Record record = *ParseRecord(*statement);
  const auto& keyset = std::get<KeysetRecord>(record.body);
  ASSERT_EQ(keyset.signers.size(), 2u);
  EXPECT_EQ(keyset.signers[1].key, bob.key);
}

TEST(StatementDraftTest, AKeysetThatChangesNothingIsNotWritten) {
  const KeysetRecord in_force = ExampleKeyset();
  EXPECT_THAT(DraftKeyset(EndAt(kKeysetLeaf), &in_force, {}),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("keyset 1 says already")));
}

TEST(StatementDraftTest, OnlyWhoIsThereCanBeDropped) {
  const KeysetRecord in_force = ExampleKeyset();
  KeysetChange change;
  change.dropped_principals = {"mallory@example.org"};
  EXPECT_THAT(DraftKeyset(EndAt(kKeysetLeaf), &in_force, change),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("no signer mallory@example.org")));
}

TEST(StatementDraftTest, AThresholdThatNobodyCouldReachIsRefused) {
  const KeysetRecord in_force = ExampleKeyset();
  KeysetChange change;
  change.yank_threshold = 2;
  EXPECT_THAT(
      DraftKeyset(EndAt(kKeysetLeaf), &in_force, change),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr("threshold of 2"), HasSubstr("yank@orrery"))));
}

TEST(StatementDraftTest, AReleaseNeedsAKeyset) {
  EXPECT_THAT(
      DraftRelease({.package = "kafka"},
                   std::get<ReleaseRecord>(Example(kReleaseLeaf).body).content),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               HasSubstr("kafka has no keyset")));
}

TEST(StatementDraftTest, AReasonOfTwoLinesIsRefused) {
  EXPECT_THAT(DraftYank(EndAt(kReleaseLeaf), 57, 1, "one\ntwo"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(StatementDraftTest, APublicKeyFileHasOneKey) {
  EXPECT_EQ(ParsePublicKeyFile(kCarol)->type(), "ssh-ed25519");
  for (const std::string& text :
       {std::string(""), std::string("ssh-ed25519"),
        std::string(kCarol) + kCarol, std::string("ssh-ed25519 AAAA me\n"),
        std::string("-----BEGIN OPENSSH PRIVATE KEY-----\n")}) {
    EXPECT_THAT(ParsePublicKeyFile(text).status(),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
}

}  // namespace
}  // namespace orrery::signing
