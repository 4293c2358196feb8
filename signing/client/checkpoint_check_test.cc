#include "signing/client/checkpoint_check.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/example_testing.h"
#include "signing/policy/client_policy_parser.h"
#include "signing/refusal_matchers.h"
#include "signing/replay/published_log_testing.h"

namespace orrery::signing {
namespace {

constexpr int64_t kTimeOf8 = 1795347603;
constexpr int64_t kTimeOf11 = 1795351203;

absl::Time At(int64_t unix_seconds) {
  return absl::FromUnixSeconds(unix_seconds);
}

RegistryTrust Trust(const std::string& tlog_policy = ExampleFile("tlog-policy"),
                    absl::string_view witnesses = "timestamper",
                    absl::string_view more = "") {
  const auto policy = ParseClientPolicy(
      absl::StrCat("policy 1\nregistry public https://registry.example/main\n"
                   "tlog-policy t\nnames-file n\nwitnesses ",
                   witnesses, "\n", more));
  EXPECT_THAT(policy, IsOk());
  auto trust = OpenRegistryTrust(policy->registries()[0], tlog_policy,
                                 ExampleFile("names"), "0.1.0");
  EXPECT_THAT(trust, IsOk());
  return *std::move(trust);
}

RegistryTrust TrustWithoutQuorum() {
  const std::string text = ExampleFile("tlog-policy");
  return Trust(text.substr(0, text.find("witness")) + "quorum none\n", "none");
}

ClientState StateOf(const std::string& note, int64_t now) {
  const auto fresh =
      CheckCheckpoint(Trust(), note, At(now), Transport::kOnline);
  EXPECT_THAT(fresh, IsOk());
  return fresh->state;
}

class CheckpointCheckTest : public testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < kExampleLeaves; ++i) log_.Append(ExampleLeaf(i));
  }

  absl::Status Advance(const std::optional<ClientState>& stored,
                       const ClientState& next, PublishedLog& log) {
    auto reader =
        TileReader::Open(next.checkpoint.size, next.checkpoint.root, log);
    EXPECT_THAT(reader, IsOk());
    return CheckAdvance(Trust(), stored, next, *reader);
  }

  PublishedLog log_;
};

// trust.md §26: the checkpoints and the state file.
TEST_F(CheckpointCheckTest, TakesThoseOfTheExample) {
  const auto fresh = CheckCheckpoint(Trust(), ExampleFile("checkpoint-8"),
                                     At(1795348200), Transport::kOnline);
  ASSERT_THAT(fresh, IsOk());
  EXPECT_EQ(FormatClientState(fresh->state), ExampleFile("state-8"));
  EXPECT_EQ(fresh->stale_by, absl::ZeroDuration());
  const ClientState next = StateOf(ExampleFile("checkpoint-11"), kTimeOf11);
  EXPECT_THAT(Advance(std::nullopt, next, log_), IsOk());
  EXPECT_THAT(Advance(fresh->state, next, log_), IsOk());
  EXPECT_THAT(Advance(next, next, log_), IsOk());
}

// The log that the tests publish is that of the example, signatures included.
TEST_F(CheckpointCheckTest, ThePublishedLogIsThatOfTheExample) {
  EXPECT_EQ(log_.CheckpointNote(kTimeOf11), ExampleFile("checkpoint-11"));
}

TEST_F(CheckpointCheckTest, AnEditedCheckpointIsRefused) {
  const std::string note = ExampleFile("checkpoint-8");
  const std::string larger = absl::StrCat("registry.example/main\n9",
                                          note.substr(note.find("\n8") + 2));
  for (const auto& [text, code] :
       {std::pair(larger, RefusalCode::kLogSignature),
        std::pair(std::string("<html>"), RefusalCode::kLogSyntax),
        std::pair(std::string(), RefusalCode::kLogSyntax)}) {
    EXPECT_THAT(
        CheckCheckpoint(Trust(), text, At(kTimeOf8), Transport::kOnline),
        Refused(code))
        << text;
  }
}

TEST_F(CheckpointCheckTest, WithoutItsQuorumACheckpointIsRefused) {
  std::string note = ExampleFile("checkpoint-8");
  note.resize(note.rfind("\xE2\x80\x94"));
  EXPECT_THAT(CheckCheckpoint(Trust(), note, At(kTimeOf8), Transport::kOnline),
              Refused(RefusalCode::kLogQuorum));
  const auto fresh = CheckCheckpoint(TrustWithoutQuorum(), note, At(kTimeOf8),
                                     Transport::kOnline);
  ASSERT_THAT(fresh, IsOk());
  EXPECT_EQ(fresh->state.quorum_time, 0u);
}

// FR-41: the text has both times.
TEST_F(CheckpointCheckTest, TheFutureAndTheStaleAreRefusedWithBothTimes) {
  const std::string note = ExampleFile("checkpoint-8");
  const auto check = [&](int64_t now) {
    return CheckCheckpoint(Trust(), note, At(now), Transport::kOnline).status();
  };
  EXPECT_THAT(check(kTimeOf8 - 300), IsOk());
  EXPECT_THAT(check(kTimeOf8 - 301), Refused(RefusalCode::kLogFuture));
  EXPECT_THAT(std::string(check(0).message()),
              testing::HasSubstr("your clock says 1970-01-01 00:00:00 UTC"));
  EXPECT_THAT(check(kTimeOf8 + 24 * 3600), IsOk());
  EXPECT_THAT(check(kTimeOf8 + 24 * 3600 + 1), Refused(RefusalCode::kLogStale));
  EXPECT_THAT(check(kTimeOf8 + int64_t{10} * 365 * 24 * 3600),
              Refused(RefusalCode::kLogStale));
}

// §25 H5.
TEST_F(CheckpointCheckTest, OfflineMaxAgeMayBeOverrunByTheGrace) {
  const std::string note = ExampleFile("checkpoint-8");
  const int64_t day = 24 * 3600;
  const auto accepted = CheckCheckpoint(Trust(), note, At(kTimeOf8 + 30 * day),
                                        Transport::kOffline);
  ASSERT_THAT(accepted, IsOk());
  EXPECT_EQ(accepted->stale_by, absl::Hours(24 * 29));
  EXPECT_THAT(CheckCheckpoint(Trust(), note, At(kTimeOf8 + 31 * day),
                              Transport::kOffline),
              IsOk());
  EXPECT_THAT(CheckCheckpoint(Trust(), note, At(kTimeOf8 + 31 * day + 1),
                              Transport::kOffline),
              Refused(RefusalCode::kBundleStale));
}

TEST_F(CheckpointCheckTest, MaxAgeIsThatOfThePolicy) {
  EXPECT_THAT(
      CheckCheckpoint(
          Trust(ExampleFile("tlog-policy"), "timestamper", "max-age 10m\n"),
          ExampleFile("checkpoint-8"), At(kTimeOf8 + 601), Transport::kOnline),
      Refused(RefusalCode::kLogStale));
}

TEST_F(CheckpointCheckTest, ASmallerLogIsARollback) {
  const ClientState stored = StateOf(ExampleFile("checkpoint-11"), kTimeOf11);
  const ClientState older = StateOf(ExampleFile("checkpoint-8"), kTimeOf8);
  EXPECT_THAT(Advance(stored, older, log_), Refused(RefusalCode::kLogRollback));
}

TEST_F(CheckpointCheckTest, AnotherLogIsAFork) {
  const ClientState stored = StateOf(ExampleFile("checkpoint-8"), kTimeOf8);
  PublishedLog other;
  for (int i = 1; i < kExampleLeaves; ++i) other.Append(ExampleLeaf(i));
  EXPECT_THAT(
      Advance(stored, StateOf(other.CheckpointNote(kTimeOf11), kTimeOf11),
              other),
      Refused(RefusalCode::kLogFork));
  PublishedLog same_size;
  for (int i = 0; i < 8; ++i) same_size.Append(ExampleLeaf(i + 1));
  EXPECT_THAT(
      Advance(stored, StateOf(same_size.CheckpointNote(kTimeOf8), kTimeOf8),
              same_size),
      Refused(RefusalCode::kLogFork));
}

TEST_F(CheckpointCheckTest, TheQuorumTimeNeverFalls) {
  const ClientState stored = StateOf(log_.CheckpointNote(kTimeOf11), kTimeOf11);
  const ClientState next =
      StateOf(log_.CheckpointNote(kTimeOf11 - 1), kTimeOf11);
  EXPECT_THAT(Advance(stored, next, log_), Refused(RefusalCode::kLogTime));
  EXPECT_THAT(Advance(next, stored, log_), IsOk());
}

TEST_F(CheckpointCheckTest, RefusalsNameRegistryAndCheck) {
  const auto stale =
      RefusalOf(CheckCheckpoint(Trust(), ExampleFile("checkpoint-8"),
                                At(kTimeOf8 + 999999), Transport::kOnline)
                    .status());
  ASSERT_TRUE(stale.has_value());
  EXPECT_EQ(stale->place.registry, "public");
  EXPECT_EQ(stale->place.check, 5);
}

TEST_F(CheckpointCheckTest, AWrongCosignatureIsOfTheCheckOfTheQuorum) {
  std::string note = ExampleFile("checkpoint-8");
  const std::string other = ExampleFile("checkpoint-11");
  note.resize(note.rfind("\xE2\x80\x94"));
  note += other.substr(other.rfind("\xE2\x80\x94"));
  const auto wrong =
      RefusalOf(CheckCheckpoint(Trust(), note, At(kTimeOf8), Transport::kOnline)
                    .status());
  ASSERT_TRUE(wrong.has_value());
  EXPECT_EQ(wrong->code, RefusalCode::kLogQuorum);
  EXPECT_EQ(wrong->place.check, 5);
}

}  // namespace
}  // namespace orrery::signing
