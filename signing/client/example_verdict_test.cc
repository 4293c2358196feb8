// The verdicts that trust.md §26 expects, through all checks in their order.
// Where they hang on maintainers' signatures, which are not verified yet, kafka
// is refused instead.

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "gtest/gtest.h"

#include "signing/client/checkpoint_check.h"
#include "signing/client/content_check.h"
#include "signing/client/release_check.h"
#include "signing/client/replayed_log.h"
#include "signing/example_testing.h"
#include "signing/policy/client_policy_parser.h"
#include "signing/refusal_matchers.h"
#include "signing/replay/published_log_testing.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

constexpr int64_t kNowAt8 = 1795348200;
constexpr int64_t kNowAt11 = kNowAt8 + 3600;

// By a log that is replayed, and by one that was before.
class ExampleVerdictTest : public testing::TestWithParam<KnownLeaves> {
 protected:
  void SetUp() override { UsePolicy(ExampleFile("policy")); }

  void UsePolicy(absl::string_view text) {
    auto policy = ParseClientPolicy(text);
    ASSERT_THAT(policy, IsOk());
    policy_.emplace(*std::move(policy));
    auto trust =
        OpenRegistryTrust(policy_->registries()[0], ExampleFile("tlog-policy"),
                          ExampleFile("names"), "0.1.0");
    ASSERT_THAT(trust, IsOk());
    trust_.emplace(*std::move(trust));
  }

  // Steps 4 to 8, with a note of the example.
  absl::Status Refresh(const std::string& note, int leaves, int64_t now) {
    published_ = PublishedLog();
    for (int i = 0; i < leaves; ++i) published_.Append(ExampleLeaf(i));
    now_ = absl::FromUnixSeconds(now);
    auto fresh = CheckCheckpoint(*trust_, note, now_, Transport::kOnline);
    if (!fresh.ok()) return fresh.status();
    const Checkpoint& checkpoint = fresh->state.checkpoint;
    auto reader =
        TileReader::Open(checkpoint.size, checkpoint.root, published_);
    if (!reader.ok()) return reader.status();
    absl::Status status = CheckAdvance(*trust_, stored_, fresh->state, *reader);
    if (!status.ok()) return status;
    auto log =
        ReplayLog(*trust_, stored_, fresh->state, GetParam(), now_, *reader);
    if (!log.ok()) return log.status();
    log_ = *std::move(log);
    stored_ = fresh->state;
    return absl::OkStatus();
  }
  absl::Status RefreshTo8() {
    return Refresh(ExampleFile("checkpoint-8"), 8, kNowAt8);
  }
  absl::Status RefreshTo11() {
    return Refresh(ExampleFile("checkpoint-11"), 11, kNowAt11);
  }

  absl::StatusOr<AdmittedRevision> Verify(
      absl::string_view package, const WantedRevision& wanted = {}) const {
    const ReleaseCheck check(*policy_, *trust_, log_, now_);
    AdmittedRevision chosen;
    ORRERY_RETURN_IF_ERROR(check.Choose(
        package, wanted, {},
        [&](const RevisionKey& key, const RevisionUse& use) -> absl::Status {
          ORRERY_ASSIGN_OR_RETURN(chosen,
                                  check.CheckRevision(package, key, use));
          return absl::OkStatus();
        }));
    return chosen;
  }

  PublishedLog published_;
  absl::Time now_;
  std::optional<ClientPolicy> policy_;
  std::optional<RegistryTrust> trust_;
  std::optional<ClientState> stored_;
  LogState log_;
};

TEST_P(ExampleVerdictTest, AtSize8HelloWorldIsRevision2) {
  ASSERT_THAT(RefreshTo8(), IsOk());
  const auto admitted = Verify("hello-world", {.release = 0});
  ASSERT_THAT(admitted, IsOk());
  EXPECT_EQ(admitted->key, (RevisionKey{"universe", 0, 2}));
  EXPECT_EQ(admitted->evidence, Evidence::kObserved);
  EXPECT_EQ(admitted->tree.Text(),
            "h1:NMidYWQzHaxEgqqwZDKhKwEIfALKqMZxjbzZUUKP5NU=");
  EXPECT_EQ(admitted->leaf, 6);
  const auto named = Verify("hello-world", {.release = 0, .revision = 1});
  ASSERT_THAT(named, IsOk());
  EXPECT_EQ(named->key.revision, 1);
}

TEST_P(ExampleVerdictTest, AtSize11HelloWorldIsWithdrawnUnlessItsTreeIsNamed) {
  ASSERT_THAT(RefreshTo8(), IsOk());
  const TreeHash tree = Verify("hello-world")->tree;
  ASSERT_THAT(RefreshTo11(), IsOk());
  EXPECT_THAT(Verify("hello-world"), Refused(RefusalCode::kVersionWithdrawn));
  EXPECT_THAT(Verify("hello-world", {.release = 0}),
              Refused(RefusalCode::kVersionWithdrawn));
  EXPECT_THAT(Verify("hello-world", {.tree = tree}), IsOk());
}

TEST_P(ExampleVerdictTest, WithSshsigDemandedHelloWorldLacksTheEvidence) {
  UsePolicy(ExampleFile("policy") + "require hello-world evidence sshsig\n");
  ASSERT_THAT(RefreshTo8(), IsOk());
  EXPECT_THAT(Verify("hello-world"), Refused(RefusalCode::kRecordEvidence));
}

TEST_P(ExampleVerdictTest, AtSize8KafkaIsSignedByAlice) {
  ASSERT_THAT(RefreshTo8(), IsOk());
  const auto admitted = Verify("kafka", {.release = 57});
  ASSERT_THAT(admitted, IsOk());
  EXPECT_EQ(admitted->key, (RevisionKey{"universe", 57, 1}));
  EXPECT_EQ(admitted->evidence, Evidence::kSshsig);
  EXPECT_THAT(admitted->principals, testing::ElementsAre("alice@example.org"));
  EXPECT_EQ(admitted->leaf, 5);
}

TEST_P(ExampleVerdictTest, AtSize11KafkaIsYankedUnlessItsTreeIsNamed) {
  ASSERT_THAT(RefreshTo8(), IsOk());
  const TreeHash tree = Verify("kafka")->tree;
  ASSERT_THAT(RefreshTo11(), IsOk());
  const auto yanked = Verify("kafka", {.release = 57});
  EXPECT_THAT(yanked, Refused(RefusalCode::kVersionYanked));
  EXPECT_THAT(std::string(yanked.status().message()),
              testing::HasSubstr("broker loses data on restart"));
  EXPECT_THAT(Verify("kafka", {.tree = tree}), IsOk());
  UsePolicy(ExampleFile("policy") + "require kafka yanked refuse\n");
  EXPECT_THAT(Verify("kafka", {.tree = tree}),
              Refused(RefusalCode::kVersionYanked));
}

TEST_P(ExampleVerdictTest, AnOlderLogIsARollback) {
  ASSERT_THAT(RefreshTo8(), IsOk());
  PublishedLog older;
  for (int i = 0; i < 3; ++i) older.Append(ExampleLeaf(i));
  EXPECT_THAT(Refresh(older.CheckpointNote(kNowAt8), 3, kNowAt8),
              Refused(RefusalCode::kLogRollback));
  EXPECT_THAT(RefreshTo11(), IsOk());
  EXPECT_THAT(RefreshTo8(), Refused(RefusalCode::kLogRollback));
}

TEST_P(ExampleVerdictTest, TheFilesOfHelloWorldAreItsContent) {
  ASSERT_THAT(RefreshTo8(), IsOk());
  auto reader = TileReader::Open(8, stored_->checkpoint.root, published_);
  ASSERT_THAT(reader, IsOk());
  const auto leaf = ReadLeaf(6, *reader);
  ASSERT_THAT(leaf, IsOk());
  const RevisionContent& content =
      std::get<ObservedRecord>(leaf->record.body).content;
  const std::string package =
      "{\"name\":\"hello-world\",\"version\":\"1.0.0\",\"lastUpdated\":"
      "1795340000}\n";
  const std::string marathon = "{\"id\":\"hello\",\"cmd\":\"{{hello.cmd}}\"}\n";
  EXPECT_THAT(CheckContent(
                  "hello-world", content,
                  std::vector<FetchedFile>{{"marathon.json.mustache", marathon},
                                           {"package.json", package}}),
              IsOk());
  EXPECT_THAT(CheckContent("hello-world", content,
                           std::vector<FetchedFile>{
                               {"marathon.json.mustache", marathon + "\n"},
                               {"package.json", package}}),
              Refused(RefusalCode::kContentSize));
}

INSTANTIATE_TEST_SUITE_P(All, ExampleVerdictTest,
                         testing::Values(KnownLeaves::kNone,
                                         KnownLeaves::kGood));

}  // namespace
}  // namespace orrery::signing
