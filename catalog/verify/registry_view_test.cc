#include "catalog/verify/registry_view.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/example_testing.h"
#include "signing/policy/client_policy_parser.h"
#include "signing/refusal_matchers.h"
#include "signing/replay/published_log_testing.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using signing::RefusalCode;
using signing::Refused;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kNow = 1795351203;

// Serves a log, and remembers what it was asked for.
class LogPlace final : public FileTree {
 public:
  LogPlace(std::string name, int leaves, bool is_remote)
      : name_(std::move(name)), is_remote_(is_remote) {
    for (int i = 0; i < leaves; ++i) log.Append(signing::ExampleLeaf(i));
  }

  const std::string& name() const override { return name_; }
  bool is_remote() const override { return is_remote_; }
  absl::StatusOr<std::string> Read(absl::string_view path, int64_t) override {
    asked.emplace_back(path);
    if (missing_once == path) {
      missing_once.clear();
      return absl::NotFoundError("answered 404");
    }
    if (!checkpoint_status.ok()) return checkpoint_status;
    if (path == "log/checkpoint") {
      return checkpoint.empty() ? log.CheckpointNote(kNow) : checkpoint;
    }
    const auto id = signing::ParseTilePath(absl::StripPrefix(path, "log/"));
    if (!id.ok()) return absl::NotFoundError("answered 404");
    return log.ReadTile(*id);
  }

  signing::PublishedLog log;
  // Instead of the log's own.
  std::string checkpoint;
  absl::Status checkpoint_status;
  std::string missing_once;
  std::vector<std::string> asked;

 private:
  const std::string name_;
  const bool is_remote_;
};

class RegistryViewTest : public ::testing::Test {
 protected:
  RegistryViewTest() {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
    std::filesystem::permissions(root_, std::filesystem::perms::owner_all);
  }

  void SetUp() override {
    const auto policy = signing::ParseClientPolicy(
        "policy 1\nregistry public https://registry.example/main\n"
        "tlog-policy t\nnames-file n\nwitnesses timestamper\n");
    ASSERT_THAT(policy, IsOk());
    auto trust = signing::OpenRegistryTrust(
        policy->registries()[0], signing::ExampleFile("tlog-policy"),
        signing::ExampleFile("names"), "0.1.0");
    ASSERT_THAT(trust, IsOk());
    registry_.emplace(
        TrustedRegistry{*std::move(trust), root_ + "/state/public", {}});
  }

  LogPlace& Add(const std::string& name, int leaves, bool is_remote = true) {
    auto place = std::make_unique<LogPlace>(name, leaves, is_remote);
    LogPlace& added = *place;
    registry_->places.push_back(std::move(place));
    return added;
  }

  absl::StatusOr<RegistryView> Refresh(bool is_offline = false) {
    PlaceList places(registry_->places, is_offline);
    return RefreshRegistry(
        *registry_, places, cache_,
        {absl::FromUnixSeconds(kNow), is_offline, absl::ZeroDuration()});
  }

  const std::string root_ = ::testing::TempDir() + "/view";
  const FileCache cache_{root_ + "/cache"};
  std::optional<TrustedRegistry> registry_;
};

TEST_F(RegistryViewTest, SecondRefreshOfAnUnchangedLogAsksForTheNoteAlone) {
  LogPlace& place = Add("https://a", 8);
  auto first = Refresh();
  ASSERT_THAT(first, IsOk());
  EXPECT_TRUE(first->log.is_first_use);
  EXPECT_EQ(first->place, "https://a");
  place.asked.clear();
  auto second = Refresh();
  ASSERT_THAT(second, IsOk());
  EXPECT_FALSE(second->log.is_first_use);
  EXPECT_THAT(place.asked, ElementsAre("log/checkpoint"));
}

TEST_F(RegistryViewTest, PlaceThatDoesNotServeALogIsPassedOver) {
  Add("https://page", 8).checkpoint = "<html>\n";
  Add("https://down", 8).checkpoint_status = absl::UnavailableError("refused");
  Add("https://good", 8);
  const auto view = Refresh();
  ASSERT_THAT(view, IsOk());
  EXPECT_EQ(view->place, "https://good");
}

TEST_F(RegistryViewTest, LastRefusalIsThatOfThePlacesThatAnswered) {
  Add("https://page", 8).checkpoint = "<html>\n";
  Add("https://down", 8).checkpoint_status = absl::UnavailableError("refused");
  EXPECT_THAT(Refresh(), Refused(RefusalCode::kLogSyntax));
}

TEST_F(RegistryViewTest, PlacesThatDoNotAnswerAreUnavailable) {
  Add("https://down", 8).checkpoint_status = absl::UnavailableError("refused");
  const auto view = Refresh();
  EXPECT_THAT(view, Refused(RefusalCode::kLogUnavailable));
  EXPECT_THAT(view.status().message(), HasSubstr("https://down: refused"));
}

TEST_F(RegistryViewTest, ForkEndsTheRun) {
  Add("https://honest", 8);
  ASSERT_THAT(Refresh(), IsOk());
  registry_->places.clear();
  LogPlace& fork = Add("https://fork", 7);
  // Of the same size.
  fork.log.AppendIndex(1795351000);
  LogPlace& next = Add("https://honest", 8);
  const auto view = Refresh();
  EXPECT_THAT(view, Refused(RefusalCode::kLogFork));
  EXPECT_THAT(next.asked, IsEmpty());
  const std::string evidence =
      signing::RefusalOf(view.status())->place.evidence;
  EXPECT_TRUE(std::filesystem::exists(registry_->state_directory + "/" +
                                      evidence + "/new.note"));
}

// A place of the same registry is no second opinion.
TEST_F(RegistryViewTest, WhatOnePlaceIsRefusedForTheNextIsToo) {
  Add("https://a", 8);
  ASSERT_THAT(Refresh(), IsOk());
  registry_->places.clear();
  for (const char* name : {"https://a", "https://b"}) {
    Add(name, 8).log.AppendIndex(kNow - 3600);
  }
  EXPECT_THAT(Refresh(), Refused(RefusalCode::kIndexMismatch));
  EXPECT_THAT(Refresh(), Refused(RefusalCode::kIndexMismatch));
}

TEST_F(RegistryViewTest, TileThatIsPublishedMeanwhileIsAskedForAgain) {
  Add("https://a", 8).missing_once = "log/tile/0/000.p/8";
  EXPECT_THAT(Refresh(), IsOk());
}

TEST_F(RegistryViewTest, DamagedCacheIsNoBetterThanAMirror) {
  LogPlace& place = Add("https://a", 8);
  ASSERT_THAT(Refresh(), IsOk());
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(root_ + "/cache")) {
    if (entry.is_regular_file()) std::ofstream(entry.path()) << "damaged";
  }
  place.asked.clear();
  EXPECT_THAT(Refresh(), IsOk());
  EXPECT_THAT(place.asked, ::testing::SizeIs(::testing::Gt(1)));
  place.asked.clear();
  EXPECT_THAT(Refresh(), IsOk());
  EXPECT_THAT(place.asked, ElementsAre("log/checkpoint"));
}

TEST_F(RegistryViewTest, OfflineAStalePlaceIsNotTheLastWord) {
  Add("https://a", 8);
  ASSERT_THAT(Refresh(), IsOk());
  registry_->places.clear();
  LogPlace& old = Add("/old", 8, /*is_remote=*/false);
  old.checkpoint = old.log.CheckpointNote(kNow - 60 * 86400);
  EXPECT_THAT(Refresh(/*is_offline=*/true), IsOk());
  EXPECT_THAT(old.asked, ElementsAre("log/checkpoint"));
}

TEST_F(RegistryViewTest, OfflineAMissingDirectoryIsNamed) {
  registry_->places.push_back(OpenDirectoryTree(root_ + "/nowhere"));
  const auto view = Refresh(/*is_offline=*/true);
  EXPECT_THAT(view, Refused(RefusalCode::kLogUnavailable));
  EXPECT_EQ(view.status().message(),
            absl::StrCat("cannot read the log of registry public: ", root_,
                         "/nowhere: there is no directory; registry public is "
                         "not in the offline cache: run the command once "
                         "without --offline"));
}

TEST_F(RegistryViewTest, OfflineTheStateAndTheCacheAreEnough) {
  EXPECT_THAT(Refresh(/*is_offline=*/true),
              Refused(RefusalCode::kLogUnavailable));
  LogPlace& place = Add("https://a", 8);
  ASSERT_THAT(Refresh(), IsOk());
  place.asked.clear();
  const auto view = Refresh(/*is_offline=*/true);
  ASSERT_THAT(view, IsOk());
  EXPECT_EQ(view->log.state.checkpoint.size, 8u);
  EXPECT_THAT(place.asked, IsEmpty());
  std::filesystem::remove_all(root_ + "/cache");
  EXPECT_THAT(Refresh(/*is_offline=*/true),
              Refused(RefusalCode::kLogUnavailable));
}

}  // namespace
}  // namespace orrery::catalog
