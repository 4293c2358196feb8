#include "catalog/orchestrator/task/artifact_fetch.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/orchestrator/task/test_http_server.h"
#include "registry/format/artifact_uri.h"
#include "registry/store/artifact_store.h"
#include "signing/digest.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using signing::Digest;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ArtifactFetchTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = absl::StrCat(::testing::TempDir(), "/fetchXXXXXX");
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    auto store = registry::ArtifactStore::Open(absl::StrCat(directory_, "/a"));
    ASSERT_THAT(store, IsOk());
    store_ = *std::move(store);
    std::filesystem::create_directory(directory_ + "/allowed");
    limits_.max_bytes = 1000;
    limits_.stall = absl::Seconds(1);
    Make();
  }
  void TearDown() override {
    fetcher_.reset();
    std::filesystem::remove_all(directory_);
  }

  void Make() {
    fetcher_ = std::make_unique<ArtifactFetcher>(
        store_.get(), limits_,
        std::vector<std::string>{directory_ + "/allowed"});
  }
  absl::StatusOr<std::string> Fetch(const std::string& uri,
                                    const std::string& content) {
    auto file = fetcher_->Fetch(uri, Digest::Of(content), &progress_);
    if (!file.ok()) return file.status();
    return file->ReadAt(0, file->size());
  }

  std::string directory_;
  std::unique_ptr<registry::ArtifactStore> store_;
  ArtifactLimits limits_;
  std::unique_ptr<ArtifactFetcher> fetcher_;
  FetchProgress progress_;
  TestHttpServer server_;
};

TEST_F(ArtifactFetchTest, DownloadsOnceAndTakesFromTheStoreAfterwards) {
  server_.AnswerBody("/a.bin", "bytes");
  EXPECT_THAT(Fetch(server_.Url("/a.bin"), "bytes"), IsOkAndHolds("bytes"));
  EXPECT_THAT(Fetch(server_.Url("/a.bin"), "bytes"), IsOkAndHolds("bytes"));
  EXPECT_EQ(server_.Requests("/a.bin"), 1);
  EXPECT_EQ(progress_.bytes, 5);
}

TEST_F(ArtifactFetchTest, AnotherDigestIsDataLossAndKeepsNothing) {
  server_.AnswerBody("/a.bin", "changed");
  EXPECT_THAT(
      Fetch(server_.Url("/a.bin"), "bytes"),
      StatusIs(absl::StatusCode::kDataLoss, HasSubstr(server_.Url("/a.bin"))));
  EXPECT_THAT(*store_->List(), IsEmpty());
}

TEST_F(ArtifactFetchTest, StoredBytesThatWereDamagedAreNotUsed) {
  server_.AnswerBody("/a.bin", "bytes");
  ASSERT_THAT(Fetch(server_.Url("/a.bin"), "bytes"), IsOk());
  const std::string path = store_->PathOf(Digest::Of("bytes"));
  std::filesystem::remove(path);
  std::ofstream(path) << "bytez";
  EXPECT_THAT(Fetch(server_.Url("/a.bin"), "bytes"),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("damaged")));
}

TEST_F(ArtifactFetchTest, FollowsFiveRedirects) {
  for (int i = 0; i < 5; ++i) {
    server_.Redirect(absl::StrCat("/r", i),
                     server_.Url(absl::StrCat("/r", i + 1)));
  }
  server_.AnswerBody("/r5", "bytes");
  EXPECT_THAT(Fetch(server_.Url("/r0"), "bytes"), IsOkAndHolds("bytes"));
}

TEST_F(ArtifactFetchTest, StopsAfterFiveRedirects) {
  server_.Redirect("/loop", server_.Url("/loop"));
  EXPECT_THAT(Fetch(server_.Url("/loop"), "bytes"),
              StatusIs(absl::StatusCode::kUnavailable,
                       HasSubstr("more than 5 redirects")));
}

TEST_F(ArtifactFetchTest, DoesNotFollowARedirectToAFile) {
  std::ofstream(directory_ + "/allowed/secret") << "bytes";
  server_.Redirect("/a",
                   absl::StrCat("file://", directory_, "/allowed/secret"));
  EXPECT_THAT(
      Fetch(server_.Url("/a"), "bytes"),
      StatusIs(absl::StatusCode::kUnavailable, HasSubstr("is not followed")));
}

TEST_F(ArtifactFetchTest, SaysWhenTheOtherSideFails) {
  EXPECT_THAT(Fetch(server_.Url("/absent"), "x"),
              StatusIs(absl::StatusCode::kNotFound));
  server_.AnswerStatus("/broken", 500);
  EXPECT_THAT(Fetch(server_.Url("/broken"), "x"),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("500")));
}

TEST_F(ArtifactFetchTest, StopsAtTheLimit) {
  server_.AnswerBody("/large", std::string(1001, 'x'));
  EXPECT_THAT(
      Fetch(server_.Url("/large"), "x"),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("1000 bytes")));
}

TEST_F(ArtifactFetchTest, GivesUpOnASilentServer) {
  server_.Answer("/silent", "");
  EXPECT_THAT(Fetch(server_.Url("/silent"), "x"),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(ArtifactFetchTest, CanBeCancelled) {
  limits_.stall = absl::Minutes(10);
  Make();
  server_.Answer("/silent", "");
  const std::jthread canceller([this] {
    while (server_.Requests("/silent") == 0) std::this_thread::yield();
    progress_.cancelled = true;
  });
  EXPECT_THAT(Fetch(server_.Url("/silent"), "x"),
              StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(ArtifactFetchTest, FilesComeFromAllowedFoldersOnly) {
  std::ofstream(directory_ + "/allowed/f") << "bytes";
  std::ofstream(directory_ + "/secret") << "bytes";
  std::filesystem::create_symlink(directory_ + "/secret",
                                  directory_ + "/allowed/link");
  EXPECT_THAT(Fetch(absl::StrCat("file://", directory_, "/allowed/f"), "bytes"),
              IsOkAndHolds("bytes"));
  ASSERT_THAT(store_->Remove(Digest::Of("bytes")), IsOk());
  for (const char* const path :
       {"/secret", "/allowed/../secret", "/allowed/link", "/allowedx"}) {
    EXPECT_THAT(Fetch(absl::StrCat("file://", directory_, path), "bytes"),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("allow_host_paths")))
        << path;
  }
}

TEST_F(ArtifactFetchTest, ArtifactUriIsReadFromTheStore) {
  const std::string uri =
      registry::FormatArtifactUri(Digest::Of("bytes"), "a.bin");
  EXPECT_THAT(Fetch(uri, "bytes"), StatusIs(absl::StatusCode::kNotFound,
                                            HasSubstr("orrery artifact add")));
  auto writer = store_->Put();
  ASSERT_THAT(writer, IsOk());
  ASSERT_THAT((*writer)->Append("bytes"), IsOk());
  ASSERT_THAT((*writer)->Commit(), IsOk());
  EXPECT_THAT(Fetch(uri, "bytes"), IsOkAndHolds("bytes"));
}

TEST(ArtifactFileNameTest, IsTheLastPartOfThePath) {
  EXPECT_EQ(ArtifactFileName("http://h/a/b.tgz?x=/y#z"), "b.tgz");
  EXPECT_EQ(ArtifactFileName("file:///a/b"), "b");
  EXPECT_EQ(ArtifactFileName("/a/b.zip"), "b.zip");
  EXPECT_EQ(ArtifactFileName("http://host"), "");
  EXPECT_EQ(ArtifactFileName("http://host/"), "");
}

TEST(MayRedirectTest, NeverToAWorseScheme) {
  EXPECT_TRUE(MayRedirect("http://a/", "http://b/"));
  EXPECT_TRUE(MayRedirect("http://a/", "https://b/"));
  EXPECT_TRUE(MayRedirect("https://a/", "HTTPS://b/"));
  EXPECT_FALSE(MayRedirect("https://a/", "http://b/"));
  EXPECT_FALSE(MayRedirect("http://a/", "file:///etc/passwd"));
  EXPECT_FALSE(MayRedirect("http://a/", "ftp://b/"));
}

}  // namespace
}  // namespace orrery::catalog
