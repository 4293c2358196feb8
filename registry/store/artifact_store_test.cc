#include "registry/store/artifact_store.h"

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

#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using signing::Digest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// FIPS 180-2, B.1.
constexpr char kDigestOfAbc[] =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

class ArtifactStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = absl::StrCat(::testing::TempDir(), "/storeXXXXXX");
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    Reopen();
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  void Reopen() {
    auto store = ArtifactStore::Open(absl::StrCat(directory_, "/artifacts"));
    ASSERT_THAT(store, IsOk());
    store_ = *std::move(store);
  }

  absl::StatusOr<StoredArtifact> Store(
      absl::string_view bytes, std::optional<Digest> expected = std::nullopt) {
    auto writer = store_->Put(expected);
    if (!writer.ok()) return writer.status();
    absl::Status appended = (*writer)->Append(bytes);
    if (!appended.ok()) return appended;
    return (*writer)->Commit();
  }

  std::vector<std::string> FilesBelow(const std::string& folder) const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(
             absl::StrCat(directory_, "/artifacts/", folder))) {
      names.push_back(entry.path().filename());
    }
    return names;
  }

  std::string directory_;
  std::unique_ptr<ArtifactStore> store_;
};

TEST_F(ArtifactStoreTest, GivesBackWhatWasStoredUnderItsDigest) {
  const auto stored = Store("abc");
  ASSERT_THAT(stored, IsOk());
  EXPECT_EQ(stored->digest.Hex(), kDigestOfAbc);
  EXPECT_EQ(stored->size, 3);

  const auto file = store_->Get(stored->digest);
  ASSERT_THAT(file, IsOk());
  EXPECT_EQ(file->size(), 3);
  EXPECT_THAT(file->ReadAt(0, 100), IsOkAndHolds("abc"));
  EXPECT_THAT(file->ReadAt(1, 1), IsOkAndHolds("b"));
  EXPECT_THAT(file->ReadAt(3, 1), IsOkAndHolds(""));
  EXPECT_THAT(file->ReadAt(9, 1), IsOkAndHolds(""));
}

TEST_F(ArtifactStoreTest, RefusesBytesWithAnotherDigest) {
  EXPECT_THAT(Store("abd", *Digest::ParseHex(kDigestOfAbc)),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr(kDigestOfAbc)));
  EXPECT_THAT(FilesBelow("sha256"), IsEmpty());
  EXPECT_THAT(FilesBelow("incoming"), IsEmpty());
}

TEST_F(ArtifactStoreTest, AbandonedWriterLeavesNothing) {
  {
    auto writer = store_->Put();
    ASSERT_THAT(writer, IsOk());
    ASSERT_THAT((*writer)->Append("half"), IsOk());
    EXPECT_EQ(FilesBelow("incoming").size(), 1u);
  }
  EXPECT_THAT(FilesBelow("incoming"), IsEmpty());
  EXPECT_THAT(FilesBelow("sha256"), IsEmpty());
}

TEST_F(ArtifactStoreTest, OpenRemovesWhatACrashLeft) {
  std::ofstream(absl::StrCat(directory_, "/artifacts/incoming/7")) << "half";
  Reopen();
  EXPECT_THAT(FilesBelow("incoming"), IsEmpty());
  EXPECT_THAT(Store("abc"), IsOk());
}

TEST_F(ArtifactStoreTest, StoresEqualBytesOnce) {
  ASSERT_THAT(Store("abc"), IsOk());
  ASSERT_THAT(Store("abc", Digest::Of("abc")), IsOk());
  EXPECT_THAT(FilesBelow("sha256"), ElementsAre(kDigestOfAbc));
}

TEST_F(ArtifactStoreTest, ListsByDigestAndIgnoresForeignFiles) {
  ASSERT_THAT(Store("abc"), IsOk());
  ASSERT_THAT(Store("x"), IsOk());
  std::ofstream(absl::StrCat(directory_, "/artifacts/sha256/readme")) << "?";
  const auto list = store_->List();
  ASSERT_THAT(list, IsOk());
  ASSERT_EQ(list->size(), 2u);
  EXPECT_LT((*list)[0].digest, (*list)[1].digest);
}

TEST_F(ArtifactStoreTest, RemovedArtifactIsGoneButReadableWhereOpen) {
  const auto stored = Store("abc");
  ASSERT_THAT(stored, IsOk());
  const auto file = store_->Get(stored->digest);
  ASSERT_THAT(file, IsOk());
  EXPECT_THAT(store_->Remove(stored->digest), IsOk());
  EXPECT_FALSE(store_->Contains(stored->digest));
  EXPECT_THAT(store_->Get(stored->digest),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(store_->Remove(stored->digest),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(file->ReadAt(0, 3), IsOkAndHolds("abc"));
}

TEST_F(ArtifactStoreTest, SurvivesReopening) {
  const auto stored = Store("abc");
  ASSERT_THAT(stored, IsOk());
  Reopen();
  EXPECT_TRUE(store_->Contains(stored->digest));
}

TEST_F(ArtifactStoreTest, PutFileRefusesWhatIsNoFile) {
  EXPECT_THAT(store_->PutFile(directory_),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(store_->PutFile(absl::StrCat(directory_, "/absent")),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ArtifactStoreTest, PutFileStoresItsBytes) {
  const std::string path = absl::StrCat(directory_, "/file");
  std::ofstream(path) << "abc";
  const auto stored = store_->PutFile(path);
  ASSERT_THAT(stored, IsOk());
  EXPECT_EQ(stored->digest.Hex(), kDigestOfAbc);
}

TEST_F(ArtifactStoreTest, ManyWritersOfEqualBytesAgree) {
  std::vector<absl::Status> results(8);
  {
    std::vector<std::jthread> writers;
    for (absl::Status& result : results) {
      writers.emplace_back([this, &result] { result = Store("abc").status(); });
    }
  }
  for (const absl::Status& result : results) EXPECT_THAT(result, IsOk());
  EXPECT_THAT(FilesBelow("sha256"), ElementsAre(kDigestOfAbc));
  EXPECT_THAT(FilesBelow("incoming"), IsEmpty());
}

}  // namespace
}  // namespace orrery::registry
