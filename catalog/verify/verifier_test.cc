#include "catalog/verify/verifier.h"

#include <filesystem>
#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/example_testing.h"
#include "signing/policy/client_policy_parser.h"
#include "signing/refusal_matchers.h"
#include "signing/replay/log_testing.h"
#include "signing/replay/published_log_testing.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using signing::RefusalCode;
using signing::Refused;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kNow = 1795351203;

// What a registry publishes.
class Registry final : public FileTree {
 public:
  Registry() : records_(signing::kExampleOrigin) {}

  void Append(const signing::Record& record) {
    // Void ones, too.
    (void)records_.Append(record);
    log_.Append(signing::TestLog::LeafOf(record));
  }
  void Source(absl::string_view id) { Append(records_.Source(id)); }
  void Release(absl::string_view source, absl::string_view package,
               int64_t release, int64_t revision, const std::string& content) {
    Append(records_.Observed(source, package, release, revision, content));
    blobs[PathOf(content)] = content;
  }
  void Publish() {
    (void)records_.Append(records_.Index(kNow));
    log_.AppendIndex(kNow);
  }

  static std::string PathOf(const std::string& content) {
    const std::string hex = signing::Digest::Of(content).Hex();
    return absl::StrCat("blob/sha256/", hex.substr(0, 2), "/", hex.substr(2));
  }

  const std::string& name() const override { return name_; }
  bool is_remote() const override { return true; }
  absl::StatusOr<std::string> Read(absl::string_view path,
                                   int64_t max_bytes) override {
    if (path == "log/checkpoint") return log_.CheckpointNote(kNow);
    const auto blob = blobs.find(std::string(path));
    if (blob != blobs.end()) {
      if (static_cast<int64_t>(blob->second.size()) > max_bytes) {
        return absl::ResourceExhaustedError("too large");
      }
      return blob->second;
    }
    const auto id = signing::ParseTilePath(absl::StripPrefix(path, "log/"));
    if (!id.ok()) return absl::NotFoundError("answered 404");
    return log_.ReadTile(*id);
  }

  std::map<std::string, std::string> blobs;

 private:
  const std::string name_ = "https://registry.example";
  signing::TestLog records_;
  signing::PublishedLog log_;
};

// package.json of the only version that test logs know.
std::string PackageJson(absl::string_view name, absl::string_view more = "") {
  return absl::StrCat(R"({"name":")", name, R"(","version":"1.0"})", more);
}

class VerifierTest : public ::testing::Test {
 protected:
  VerifierTest() {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
    std::filesystem::permissions(root_, std::filesystem::perms::owner_all);
    auto registry = std::make_unique<Registry>();
    registry_ = registry.get();
    places_.push_back(std::move(registry));
    registry_->Source("universe");
  }

  // With a policy of these lines more.
  void Open(absl::string_view lines) {
    auto policy = signing::ParseClientPolicy(absl::StrCat(
        "policy 1\nregistry public https://registry.example\ntlog-policy t\n"
        "names-file n\nwitnesses timestamper\nrequire * evidence observed\n",
        lines));
    ASSERT_THAT(policy, IsOk());
    auto trust = signing::OpenRegistryTrust(policy->registries()[0],
                                            signing::ExampleFile("tlog-policy"),
                                            "orrery/names/v1\n", "0.1.0");
    ASSERT_THAT(trust, IsOk());
    setup_.emplace(TrustSetup{*std::move(policy), {}, "policy", {}});
    setup_->registries.push_back(
        {*std::move(trust), root_ + "/state/public", std::move(places_)});
    Restart();
  }
  void Restart() {
    verifier_.emplace(*setup_,
                      VerifierOptions{.cache_directory = root_ + "/cache",
                                      .now = absl::FromUnixSeconds(kNow)});
  }

  const std::string root_ = ::testing::TempDir() + "/verifier";
  std::vector<std::unique_ptr<FileTree>> places_;
  Registry* registry_;
  std::optional<TrustSetup> setup_;
  std::optional<Verifier> verifier_;
};

TEST_F(VerifierTest, NewestReleaseComesWithItsFiles) {
  registry_->Release("universe", "kafka", 1, 1, PackageJson("kafka"));
  registry_->Release("universe", "kafka", 2, 1, PackageJson("kafka", " "));
  registry_->Publish();
  Open("names public *\n");
  const auto release = verifier_->Verify({.package = "kafka"});
  ASSERT_THAT(release, IsOk());
  EXPECT_EQ(release->registry, "public");
  EXPECT_EQ(release->revision.key, (signing::RevisionKey{"universe", 2, 1}));
  ASSERT_EQ(release->files.size(), 1u);
  EXPECT_EQ(release->files[0].bytes, PackageJson("kafka", " "));
}

TEST_F(VerifierTest, ReleaseWithOtherBytesIsNoCandidate) {
  const std::string newest = PackageJson("kafka", " ");
  registry_->Release("universe", "kafka", 1, 1, PackageJson("kafka"));
  registry_->Release("universe", "kafka", 2, 1, newest);
  registry_->Publish();
  registry_->blobs[Registry::PathOf(newest)][0] = '[';
  Open("names public *\n");
  EXPECT_EQ(verifier_->Verify({.package = "kafka"})->revision.key.release, 1);
  const auto wanted =
      verifier_->Verify({.package = "kafka", .wanted = {.release = 2}});
  EXPECT_THAT(wanted, Refused(RefusalCode::kContentDigest));
  EXPECT_EQ(signing::RefusalOf(wanted.status())->place.check, 15);
  EXPECT_EQ(signing::RefusalOf(wanted.status())->place.release, 2);
}

// It may be there tomorrow: an older one is no answer.
TEST_F(VerifierTest, ReleaseThatCannotBeReadIsNotPassedOver) {
  const std::string newest = PackageJson("kafka", " ");
  registry_->Release("universe", "kafka", 1, 1, PackageJson("kafka"));
  registry_->Release("universe", "kafka", 2, 1, newest);
  registry_->Publish();
  registry_->blobs.erase(Registry::PathOf(newest));
  Open("names public *\n");
  EXPECT_THAT(verifier_->Verify({.package = "kafka"}),
              Refused(RefusalCode::kLogUnavailable));
}

TEST_F(VerifierTest, FilesOfAnotherPackageAreNotThisOne) {
  registry_->Release("universe", "kafka", 1, 1, PackageJson("spark"));
  registry_->Publish();
  Open("names public *\n");
  EXPECT_THAT(verifier_->Verify({.package = "kafka"}),
              Refused(RefusalCode::kContentIdentity));
}

TEST_F(VerifierTest, NameThatIsNotRoutedAsksNobody) {
  registry_->Release("universe", "kafka", 1, 1, PackageJson("kafka"));
  registry_->Publish();
  Open("names public spark\n");
  EXPECT_THAT(verifier_->Verify({.package = "kafka"}),
              Refused(RefusalCode::kNameRouted));
  EXPECT_THAT(verifier_->Reports(), IsOkAndHolds(IsEmpty()));
  EXPECT_FALSE(std::filesystem::exists(root_ + "/state/public"));
}

TEST_F(VerifierTest, RecordForkIsKeptAsEvidence) {
  registry_->Release("universe", "kafka", 1, 1, PackageJson("kafka"));
  registry_->Release("universe", "spark", 1, 1, PackageJson("spark"));
  registry_->Release("universe", "kafka", 1, 1, PackageJson("kafka", " "));
  registry_->Publish();
  Open("names public *\n");
  const auto forked = verifier_->Verify({.package = "kafka"});
  EXPECT_THAT(forked, Refused(RefusalCode::kRecordFork));
  const std::string evidence =
      signing::RefusalOf(forked.status())->place.evidence;
  EXPECT_TRUE(std::filesystem::exists(
      absl::StrCat(root_, "/state/public/", evidence, "/b.leaf")));
  const auto reports = verifier_->Reports();
  ASSERT_THAT(reports, IsOk());
  EXPECT_THAT(reports->front().evidence, ElementsAre(evidence));
  EXPECT_THAT(verifier_->Verify({.package = "spark"}), IsOk());
}

TEST_F(VerifierTest, NewRevisionIsNewsToWhoHasSeenTheLog) {
  registry_->Release("universe", "kafka", 1, 1, PackageJson("kafka"));
  registry_->Publish();
  Open("names public *\n");
  ASSERT_THAT(verifier_->Verify({.package = "kafka"}), IsOk());
  EXPECT_THAT(verifier_->News({"kafka"}), IsEmpty());
  registry_->Release("universe", "kafka", 1, 2, PackageJson("kafka", " "));
  registry_->Publish();
  Restart();
  ASSERT_THAT(verifier_->Verify({.package = "kafka"}), IsOk());
  const std::vector<RevisionNews> news = verifier_->News({"kafka", "spark"});
  ASSERT_EQ(news.size(), 1u);
  EXPECT_EQ(news[0].revision.from, 1);
  EXPECT_EQ(news[0].revision.to, 2);
}

// A command that nobody looked at, or about another package, swallows nothing.
TEST_F(VerifierTest, NewsStayNewsUntilTheyWereTold) {
  registry_->Release("universe", "kafka", 1, 1, PackageJson("kafka"));
  registry_->Release("universe", "spark", 1, 1, PackageJson("spark"));
  registry_->Publish();
  Open("names public *\n");
  ASSERT_THAT(verifier_->Verify({.package = "spark"}), IsOk());
  registry_->Release("universe", "kafka", 1, 2, PackageJson("kafka", " "));
  registry_->Publish();
  for (int i = 0; i < 2; ++i) {
    Restart();
    ASSERT_THAT(verifier_->Verify({.package = "spark"}), IsOk());
    EXPECT_EQ(verifier_->News().size(), 1u);
  }
  ASSERT_THAT(verifier_->MarkTold(), IsOk());
  EXPECT_THAT(verifier_->News(), IsEmpty());
  Restart();
  ASSERT_THAT(verifier_->Verify({.package = "spark"}), IsOk());
  EXPECT_THAT(verifier_->News(), IsEmpty());
}

TEST_F(VerifierTest, RoutedPackagesAreThoseOfTheLogThatIsAsked) {
  registry_->Release("universe", "kafka", 1, 1, PackageJson("kafka"));
  registry_->Release("universe", "acme-db", 1, 1, PackageJson("acme-db"));
  registry_->Publish();
  Open("names public acme-*\n");
  const auto names = verifier_->RoutedPackages();
  ASSERT_THAT(names, IsOk());
  EXPECT_THAT(names->packages, ElementsAre("acme-db"));
  EXPECT_THAT(names->refused, IsEmpty());
}

TEST_F(VerifierTest, EvidenceNamesCheckpointAndTrustFiles) {
  registry_->Release("universe", "kafka", 1, 1, PackageJson("kafka"));
  registry_->Publish();
  Open("names public *\n");
  ASSERT_THAT(verifier_->Verify({.package = "kafka"}), IsOk());
  const auto registries = verifier_->EvidenceRegistries();
  ASSERT_EQ(registries.size(), 1u);
  EXPECT_EQ(registries[0].origin, signing::kExampleOrigin);
  EXPECT_EQ(registries[0].size, 3u);
  EXPECT_EQ(registries[0].quorum_time, uint64_t{kNow});
  EXPECT_EQ(registries[0].names, signing::Digest::Of("orrery/names/v1\n"));
  EXPECT_FALSE(registries[0].as_of.has_value());
}

}  // namespace
}  // namespace orrery::catalog
