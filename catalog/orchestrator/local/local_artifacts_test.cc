// Artifacts of apps of the `local` target (orchestrators.md §3.4).

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/orchestrator/local/local_fixture.h"
#include "catalog/orchestrator/orchestrator.h"
#include "catalog/orchestrator/task/test_http_server.h"
#include "registry/format/artifact_uri.h"
#include "signing/digest.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LocalArtifactsTest : public LocalFixture {
 protected:
  // A tar.gz with the script run.sh in the store.
  std::string AddArchive() {
    const std::string path = directory_ + "/pack";
    std::filesystem::create_directories(path + "/bin");
    std::ofstream(path + "/bin/run.sh") << "echo unpacked; sleep 1000\n";
    EXPECT_EQ(std::system(absl::StrCat("tar -C ", path, " -czf ", directory_,
                                       "/pack.tar.gz bin")
                              .c_str()),
              0);
    const auto stored = store_->PutFile(directory_ + "/pack.tar.gz");
    EXPECT_THAT(stored, IsOk());
    return registry::FormatArtifactUri(stored->digest, "pack.tar.gz");
  }
  static std::string Fetching(const std::string& uri) {
    return App("/f", "sh bin/run.sh",
               absl::StrCat(R"(,"fetch":[{"uri":")", uri, R"("}])"));
  }
};

TEST_F(LocalArtifactsTest, ArchiveIsUnpackedForTheTaskAndGoneAfterIt) {
  ASSERT_THAT(Create("f", Fetching(AddArchive())), IsOk());
  RunningPid("f");
  const std::string sandbox = Status("f").tasks[0].sandbox;
  EXPECT_TRUE(std::filesystem::is_symlink(sandbox + "/pack.tar.gz"));
  const std::string output = sandbox + "/../logs/stdout";
  EXPECT_TRUE(Eventually([&] { return ReadFile(output) == "unpacked\n"; }));
  ASSERT_TRUE(RemoveAndWait("f"));
  EXPECT_FALSE(std::filesystem::exists(sandbox + "/bin/run.sh"));
  EXPECT_FALSE(std::filesystem::is_symlink(sandbox + "/pack.tar.gz"));
  EXPECT_EQ(ReadFile(output), "unpacked\n");
}

TEST_F(LocalArtifactsTest, ArtifactThatIsNotStoredBreaksARule) {
  const std::string uri = AddArchive();
  ASSERT_THAT(store_->Remove(registry::ParseArtifactUri(uri)->digest), IsOk());
  const auto forecast = local_->DryRun({"f", Fetching(uri), {}});
  ASSERT_THAT(forecast, IsOk());
  EXPECT_THAT(
      forecast->violations,
      ElementsAre(AllOf(Field(&Violation::path, "/fetch(0)/uri"),
                        Field(&Violation::text, HasSubstr("artifact add")))));
}

TEST_F(LocalArtifactsTest, StoredArtifactOfAnotherSizeBreaksARule) {
  const std::string uri = AddArchive();
  const auto size = static_cast<int64_t>(
      std::filesystem::file_size(directory_ + "/pack.tar.gz"));
  const std::string digest = registry::ParseArtifactUri(uri)->digest.Hex();
  const auto right =
      local_->DryRun({"f", Fetching(uri), {{uri, digest, size}}});
  ASSERT_THAT(right, IsOk());
  EXPECT_THAT(right->violations, IsEmpty());
  const auto wrong =
      local_->DryRun({"f", Fetching(uri), {{uri, digest, size + 1}}});
  ASSERT_THAT(wrong, IsOk());
  EXPECT_THAT(wrong->violations,
              ElementsAre(AllOf(
                  Field(&Violation::path, "/fetch(0)/uri"),
                  Field(&Violation::text,
                        HasSubstr(absl::StrCat(
                            "has ", size, " bytes, and artifacts.json says ",
                            size + 1))))));
}

TEST_F(LocalArtifactsTest, FetchedArtifactOfAnotherSizeStartsNothing) {
  TestHttpServer server;
  server.AnswerBody("/a.txt", "seven b");
  const std::string uri = server.Url("/a.txt");
  ASSERT_THAT(
      local_->Create({"f",
                      Fetching(uri),
                      {{uri, signing::Digest::Of("seven b").Hex(), 8}}}),
      IsOk());
  ASSERT_TRUE(ReachesState("f", AppState::kFailed));
  EXPECT_THAT(Status("f").failure,
              HasSubstr("has 7 bytes, and artifacts.json says 8"));
  EXPECT_THAT(InstanceFolders(), IsEmpty());
}

TEST_F(LocalArtifactsTest, UriWithoutDigestBreaksARule) {
  const auto forecast =
      local_->DryRun({"f", Fetching("http://127.0.0.1:1/a.tgz"), {}});
  ASSERT_THAT(forecast, IsOk());
  EXPECT_THAT(
      forecast->violations,
      ElementsAre(AllOf(Field(&Violation::path, "/fetch(0)/uri"),
                        Field(&Violation::text, HasSubstr("has no digest")))));
}

TEST_F(LocalArtifactsTest, AnotherDigestFailsAtOnceAndStartsNothing) {
  TestHttpServer server;
  server.AnswerBody("/a.tgz", "changed");
  const std::string uri = server.Url("/a.tgz");
  ASSERT_THAT(
      local_->Create(
          {"f", Fetching(uri), {{uri, signing::Digest::Of("expected").Hex()}}}),
      IsOk());
  ASSERT_TRUE(ReachesState("f", AppState::kFailed));
  EXPECT_THAT(
      Status("f").failure,
      AllOf(HasSubstr(uri), HasSubstr(signing::Digest::Of("expected").Hex())));
  EXPECT_THAT(InstanceFolders(), IsEmpty());
  EXPECT_EQ(server.Requests("/a.tgz"), 1);
  ASSERT_TRUE(RemoveAndWait("f"));
  EXPECT_THAT(local_->Receipt("f")->kept, IsEmpty());
}

TEST_F(LocalArtifactsTest, RemovalEndsADownloadThatHangs) {
  TestHttpServer server;
  server.Answer("/a.tgz", "");
  const std::string uri = server.Url("/a.tgz");
  ASSERT_THAT(
      local_->Create(
          {"f", Fetching(uri), {{uri, signing::Digest::Of("x").Hex()}}}),
      IsOk());
  ASSERT_TRUE(Eventually([&] { return server.Requests("/a.tgz") == 1; }));
  EXPECT_THAT(Status("f").waiting_for,
              ElementsAre(HasSubstr("artifacts (0 bytes so far)")));
  ASSERT_TRUE(RemoveAndWait("f"));
  EXPECT_THAT(InstanceFolders(), IsEmpty());
}

}  // namespace
}  // namespace orrery::catalog
