// What is followed of remotes, and how they are asked.

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/remote_source_testing.h"
#include "registry/status/error_details.h"
#include "tests/testing/git_fixture.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

namespace fs = std::filesystem;

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using tests::GitFixture;

TEST_F(RemoteSourceTest, PushArrivesAtTheNextSync) {
  Add(RemoteSource());
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_EQ(Served(), 1);
  EXPECT_EQ(registry_->GetSource("u")->source.ref, "refs/heads/main");
  const std::string commit = git_->Commit("main", KafkaReleases(3));
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_EQ(Served(), 3);
  EXPECT_EQ(registry_->GetSource("u")->contents->commit, commit);
}

TEST_F(RemoteSourceTest, UnchangedRemoteIsListedAndNotFetched) {
  Add(RemoteSource());
  ASSERT_THAT(Sync(), IsOk());
  const int before = Connections();
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_EQ(Connections(), before + 1);
}

TEST_F(RemoteSourceTest, ForcedPushIsFollowedOnceItIsAccepted) {
  Add(RemoteSource());
  ASSERT_THAT(Sync(), IsOk());
  const std::string forced =
      git_->WriteCommit(git_->WriteFiles(KafkaReleases(2)), {});
  git_->SetRef("refs/heads/main", forced);
  EXPECT_THAT(Sync(), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(Served(), 1);
  ASSERT_THAT(registry_->AcceptTip("u", forced, absl::InfiniteFuture()),
              IsOk());
  EXPECT_EQ(Served(), 2);
}

TEST_F(RemoteSourceTest, NeitherTagsNorSubmodulesAreFetched) {
  GitFixture::Files files = KafkaReleases(1);
  files[".gitmodules"] = {
      "[submodule \"x\"]\n\tpath = tools/x\n\turl = "
      "ssh://git@nowhere.invalid/x.git\n"};
  files["tools/x"] = {std::string(40, 'a'), 0160000};
  files["repo/packages/S/spark/3/x"] = {std::string(40, 'b'), 0160000};
  git_->SetRef("refs/tags/v1", git_->Commit("main", files));
  Add(RemoteSource());
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_EQ(Served(), 1);
  const auto refused = registry_->GetSource("u")->contents->refused;
  ASSERT_FALSE(refused.empty());
  EXPECT_TRUE(
      std::any_of(refused.begin(), refused.end(), [](const Finding& finding) {
        return finding.rule == "content.path" &&
               finding.path == "repo/packages/S/spark/3/x";
      }));
  EXPECT_FALSE(fs::exists(Clones()[0] + "/refs/tags/v1"));
  EXPECT_THAT(ReadFile(folder_ + "/ssh.log"), Not(HasSubstr("nowhere")));
}

TEST_F(RemoteSourceTest, VanishedRefKeepsTheSnapshot) {
  Add(RemoteSource());
  ASSERT_THAT(Sync(), IsOk());
  git_->SetRef("refs/heads/next", git_->Commit("main", KafkaReleases(2)));
  git_->SetHead("refs/heads/next");
  git_->DeleteRef("refs/heads/main");
  EXPECT_THAT(Sync(), StatusIs(absl::StatusCode::kFailedPrecondition,
                               HasSubstr("refs/heads/main is gone; the "
                                         "remote's HEAD is next")));
  EXPECT_EQ(Served(), 1);
}

TEST_F(RemoteSourceTest, MissingRepositoryIsNotStored) {
  Source source = RemoteSource();
  source.url += "/nothing";
  const absl::Status status = registry_->AddSource(source, {}).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition,
                               HasSubstr("git.example")));
  EXPECT_EQ(ReasonOf(status).reason, "NO_REPOSITORY");
  EXPECT_THAT(registry_->ListSources(), IsEmpty());
}

TEST_F(RemoteSourceTest, OneFetchBringsAllFollowedRefs) {
  git_->Commit("dev", KafkaReleases(2));
  Add(RemoteSource());
  Source dev = RemoteSource("dev");
  dev.ref = "dev";
  Add(dev);
  ASSERT_THAT(Sync(), IsOk());
  ASSERT_THAT(Sync("dev"), IsOk());
  git_->Commit("main", KafkaReleases(3));
  git_->Commit("dev", KafkaReleases(4));
  const int before = Connections();
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_EQ(Connections(), before + 2);
  // Only looks.
  ASSERT_THAT(Sync("dev"), IsOk());
  EXPECT_EQ(Connections(), before + 3);
  EXPECT_EQ(registry_->GetSource("dev")->contents->releases, 4);
}

TEST_F(RemoteSourceTest, RefInTheWayOfAnotherIsNoHindrance) {
  git_->SetRef("refs/heads/next", git_->Commit("main", KafkaReleases(2)));
  Source source = RemoteSource();
  source.ref = "next";
  Add(source);
  ASSERT_THAT(Sync(), IsOk());
  git_->DeleteRef("refs/heads/next");
  git_->SetRef("refs/heads/next/2", git_->Commit("main", KafkaReleases(3)));
  Source second = RemoteSource("second");
  second.ref = "next/2";
  Add(second);
  EXPECT_THAT(Sync("second"), IsOk());
  EXPECT_THAT(Sync(), StatusIs(absl::StatusCode::kFailedPrecondition,
                               HasSubstr("refs/heads/next is gone")));
  EXPECT_EQ(Served(), 2);
}

TEST_F(RemoteSourceTest, SiblingThatTheRemoteCannotReadStopsNobodyElse) {
  AddSiblings();
  BreakBranch("dev");
  git_->Commit("main", KafkaReleases(3));
  EXPECT_THAT(Sync(), IsOk());
  EXPECT_EQ(Served(), 3);
  EXPECT_THAT(Sync("dev"), Not(IsOk()));
  EXPECT_EQ(registry_->GetSource("dev")->contents->releases, 1);
}

TEST_F(RemoteSourceTest, SiblingThatIsRefusedStopsNobodyElse) {
  AddSiblings();
  const std::string blob = git_->WriteBlob("x");
  git_->CommitTree("dev", git_->WriteTree({{0100644, "..", blob}}));
  git_->Commit("main", KafkaReleases(3));
  EXPECT_THAT(Sync(), IsOk());
  EXPECT_EQ(Served(), 3);
  const absl::Status refused = Sync("dev");
  EXPECT_THAT(std::string(refused.message()),
              AllOf(HasSubstr("failed at git.example while checking objects"),
                    HasSubstr("hasDotdot")));
  EXPECT_EQ(registry_->GetSource("dev")->contents->releases, 1);
}

TEST_F(RemoteSourceTest, ShallowRemoteIsFollowed) {
  const std::string commit = git_->Commit("main", KafkaReleases(2));
  std::ofstream(git_->path() + "/shallow") << commit << "\n";
  Add(RemoteSource());
  EXPECT_THAT(Sync(), IsOk());
  EXPECT_EQ(Served(), 2);
  git_->Commit("main", KafkaReleases(3));
  EXPECT_THAT(Sync(), IsOk());
  EXPECT_EQ(Served(), 3);
}

TEST_F(RemoteSourceTest, RewrittenHistoryIsFollowedThereAndBack) {
  Add(RemoteSource());
  ASSERT_THAT(Sync(), IsOk());
  const std::string old = registry_->GetSource("u")->contents->commit;
  const std::string forced =
      git_->WriteCommit(git_->WriteFiles(KafkaReleases(2)), {});
  git_->SetRef("refs/heads/main", forced);
  ASSERT_THAT(registry_->AcceptTip("u", forced, absl::InfiniteFuture()),
              IsOk());
  EXPECT_EQ(Served(), 2);
  git_->SetRef("refs/heads/main", old);
  ASSERT_THAT(registry_->AcceptTip("u", old, absl::InfiniteFuture()), IsOk());
  EXPECT_EQ(Served(), 1);
  EXPECT_EQ(registry_->GetSource("u")->contents->commit, old);
}

TEST_F(RemoteSourceTest, MissingFolderOfARemoteIsSaidWhenItIsAdded) {
  Source source = RemoteSource();
  source.subdir = "elsewhere";
  const auto added = registry_->AddSource(source, {});
  ASSERT_THAT(added, IsOk());
  EXPECT_THAT(added->warnings,
              ::testing::ElementsAre(HasSubstr("no repo/packages under")));
}

TEST_F(RemoteSourceTest, RealSshReadsTheConfigurationAsMeant) {
  // Ask ssh what it makes of our configuration; nothing is connected to.
  Source source = RemoteSource();
  std::ofstream(folder_ + "/known hosts") << "";
  source.files.known_hosts = folder_ + "/known hosts";
  WriteProgram(folder_ + "/bin/ssh",
               absl::StrCat("shift\n/usr/bin/ssh -F \"$1\" -G git.example > ",
                            folder_, "/effective 2>&1\nexit 255\n"));
  EXPECT_THAT(registry_->AddSource(source, {}), ::testing::Not(IsOk()));
  const std::string effective = ReadFile(folder_ + "/effective");
  if (!absl::StrContains(effective, "hostname git.example")) {
    GTEST_SKIP() << "there is no ssh here";
  }
  EXPECT_THAT(effective, HasSubstr("stricthostkeychecking true"));
  EXPECT_THAT(effective, HasSubstr("batchmode yes"));
  EXPECT_THAT(effective, HasSubstr(absl::StrCat("userknownhostsfile ", folder_,
                                                "/known hosts\n")));
}

TEST_F(RemoteSourceTest, TokenGoesByTheEnvironmentAndIsNeverShown) {
  WriteProgram(folder_ + "/bin/fakegit",
               absl::StrCat("echo \"$@\" > ", folder_, "/arguments\n", "env > ",
                            folder_, "/environment\n",
                            "echo \"fatal: no: Bearer s3cret\" >&2\n"
                            "exit 128\n"));
  Open(folder_ + "/bin/fakegit");
  std::ofstream(folder_ + "/token") << "s3cret\n";
  Source source;
  source.name = "u";
  source.url = "https://git.example/u.git";
  source.files.token = folder_ + "/token";
  const absl::Status status = registry_->AddSource(source, {}).status();
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("***"), Not(HasSubstr("s3cret"))));
  EXPECT_THAT(ReadFile(folder_ + "/arguments"), Not(HasSubstr("s3cret")));
  const std::string environment = ReadFile(folder_ + "/environment");
  EXPECT_THAT(environment, HasSubstr("Authorization: Bearer s3cret"));
  EXPECT_THAT(environment, HasSubstr("GIT_CONFIG_NOSYSTEM=1"));
  EXPECT_THAT(environment, HasSubstr("=protocol.allow\n"));
  EXPECT_THAT(environment, Not(HasSubstr("protocol.http.allow")));
}

}  // namespace
}  // namespace orrery::registry
