#include "registry/judge/tree_judge.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/digest.h"
#include "tests/testing/git_fixture.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using tests::GitFixture;

// As many as a thread takes at a time, and some more.
constexpr int kMany = 100;

class TreeJudgeTest : public ::testing::Test {
 protected:
  TreeJudgeTest()
      : path_(absl::StrCat(
            ::testing::TempDir(), "tree_judge",
            ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::remove_all(path_);
    git_ = std::make_unique<GitFixture>(path_);
    repository_ = *GitRepository::Open(path_);
  }

  static std::string PackageJson(int number) {
    return absl::StrCat(
        R"({"packagingVersion":"4.0","name":"kafka","version":"1.)", number,
        R"(","maintainer":"m","description":"d","tags":[]})");
  }
  // Release `number` of kafka, with a file that every release has.
  PackageTreeEntry MakePlace(int number) {
    PackageTreeEntry place;
    place.path = absl::StrCat("repo/packages/K/kafka/", number);
    place.depth = 3;
    place.mode = 0040000;
    place.id = *ObjectId::ParseHex(git_->WriteTree(
        {{0100644, "LICENSE", git_->WriteBlob("the same everywhere")},
         {0100644, "package.json", git_->WriteBlob(PackageJson(number))}}));
    return place;
  }
  std::vector<PackageTreeEntry> MakePlaces(int count) {
    std::vector<PackageTreeEntry> places;
    for (int i = 0; i < count; ++i) places.push_back(MakePlace(i));
    return places;
  }

  // Labels of what is taken, in that order, go to `taken_`.
  absl::Status Judge(const std::vector<PackageTreeEntry>& places) {
    return JudgeAt(path_, places);
  }
  absl::Status JudgeAt(const std::string& path,
                       const std::vector<PackageTreeEntry>& places) {
    return JudgePlaces(
        path, *repository_, places, {"u"}, limits_, interrupted_,
        [this](const PackageTreeEntry& place, JudgedEntry judged) {
          if (!judged.entry.has_value()) return absl::NotFoundError(place.path);
          EXPECT_EQ(judged.entry->release->directory, place.path);
          taken_.push_back(judged.entry->release->version);
          for (const PackedContent& content : judged.contents) {
            packed_.push_back(content.digest);
          }
          return take_status_(taken_.size());
        });
  }
  static std::vector<std::string> Labels(int count) {
    std::vector<std::string> labels;
    for (int i = 0; i < count; ++i) labels.push_back(absl::StrCat("1.", i));
    return labels;
  }

  const std::string path_;
  std::unique_ptr<GitFixture> git_;
  std::unique_ptr<GitRepository> repository_;
  JudgingLimits limits_;
  Interruption interrupted_ = [] { return absl::OkStatus(); };
  std::function<absl::Status(size_t)> take_status_ = [](size_t) {
    return absl::OkStatus();
  };
  std::vector<std::string> taken_;
  std::vector<signing::Digest> packed_;
};

TEST_F(TreeJudgeTest, PlacesAreTakenInTheirOrderHoweverManyThereAre) {
  const std::vector<PackageTreeEntry> all = MakePlaces(kMany);
  for (const int count : {0, 1, 15, 16, 17, 23, 24, 25, 64, 65, kMany}) {
    taken_.clear();
    EXPECT_THAT(Judge({all.begin(), all.begin() + count}), IsOk());
    EXPECT_THAT(taken_, ElementsAreArray(Labels(count))) << count;
  }
}

TEST_F(TreeJudgeTest, ContentOfManyReleasesIsPackedOnce) {
  EXPECT_THAT(Judge(MakePlaces(kMany)), IsOk());
  EXPECT_THAT(packed_, SizeIs(kMany + 1));
  EXPECT_EQ(std::count(packed_.begin(), packed_.end(),
                       signing::Digest::Of("the same everywhere")),
            1);
}

TEST_F(TreeJudgeTest, NothingIsTakenFromAPlaceThatCannotBeReadOn) {
  std::vector<PackageTreeEntry> places = MakePlaces(kMany);
  places[50].id = *ObjectId::ParseHex(std::string(40, 'a'));
  EXPECT_THAT(Judge(places),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("kafka/50")));
  EXPECT_THAT(taken_, ElementsAreArray(Labels(50)));
}

TEST_F(TreeJudgeTest, EndsWithTheFirstErrorOfTheTaker) {
  const std::vector<PackageTreeEntry> all = MakePlaces(kMany);
  take_status_ = [](size_t taken) {
    return taken == 10 ? absl::ResourceExhaustedError("the disk is full")
                       : absl::OkStatus();
  };
  for (const int count : {12, kMany}) {
    taken_.clear();
    EXPECT_THAT(Judge({all.begin(), all.begin() + count}),
                StatusIs(absl::StatusCode::kResourceExhausted,
                         HasSubstr("the disk is full")));
    EXPECT_THAT(taken_, SizeIs(10));
  }
}

TEST_F(TreeJudgeTest, InterruptionEndsItBetweenTwoPlaces) {
  const std::vector<PackageTreeEntry> all = MakePlaces(kMany);
  std::atomic<int> asked = 0;
  interrupted_ = [&asked] {
    return ++asked > 10 ? absl::CancelledError("stopped") : absl::OkStatus();
  };
  for (const int count : {12, kMany}) {
    asked = 0;
    taken_.clear();
    EXPECT_THAT(Judge({all.begin(), all.begin() + count}),
                StatusIs(absl::StatusCode::kCancelled));
    EXPECT_LE(taken_.size(), 10);
  }
}

TEST_F(TreeJudgeTest, LimitsCountAllPlacesTogether) {
  const std::vector<PackageTreeEntry> places = MakePlaces(kMany);
  // One release has about 120 bytes of files and takes 1,000 in the index.
  limits_.max_read_bytes = 5000;
  EXPECT_THAT(Judge(places), StatusIs(absl::StatusCode::kResourceExhausted,
                                      HasSubstr("more than 5000 bytes")));
  EXPECT_LT(taken_.size(), 50);
  limits_ = {.max_index_bytes = 20'000};
  taken_.clear();
  EXPECT_THAT(Judge(places), StatusIs(absl::StatusCode::kResourceExhausted,
                                      HasSubstr("more than 20000 bytes")));
  EXPECT_LT(taken_.size(), 21);
}

// The repository may be moved away meanwhile: the open one is read on.
TEST_F(TreeJudgeTest, OneThreadDoesItAloneWhenNoOtherCanOpenTheRepository) {
  EXPECT_THAT(JudgeAt(path_ + ".gone", MakePlaces(kMany)), IsOk());
  EXPECT_THAT(taken_, ElementsAreArray(Labels(kMany)));
}

TEST_F(TreeJudgeTest, WhatIsNotLookedAtComesWithoutAnEntry) {
  PackageTreeEntry file;
  file.path = "repo/packages/README";
  file.depth = 1;
  file.mode = 0100644;
  file.id = *ObjectId::ParseHex(git_->WriteBlob("read me"));
  std::vector<std::string> without;
  EXPECT_THAT(
      JudgePlaces(
          path_, *repository_, {file}, {"u"}, limits_, interrupted_,
          [&without](const PackageTreeEntry& place, JudgedEntry judged) {
            if (!judged.entry.has_value()) without.push_back(place.path);
            EXPECT_THAT(judged.contents, IsEmpty());
            return absl::OkStatus();
          }),
      IsOk());
  EXPECT_THAT(without, ElementsAreArray({"repo/packages/README"}));
}

}  // namespace
}  // namespace orrery::registry
