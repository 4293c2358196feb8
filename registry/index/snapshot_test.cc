#include "registry/index/snapshot.h"

#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/status/error_details.h"
#include "tests/testing/snapshot_builder.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

std::shared_ptr<const SourceContents> MakeSource(const std::string& name) {
  auto source = std::make_shared<SourceContents>();
  source->name = name;
  source->version.name = name;
  return source;
}

ReleasePtr MakeRelease(const std::string& name, int64_t number,
                       const std::string& version, bool hidden = false) {
  auto release = std::make_shared<Release>();
  release->name = name;
  release->release = number;
  release->version = version;
  release->source = "universe";
  release->directory = "repo/packages/X/" + name;
  release->hidden = hidden;
  return release;
}

Snapshot MakeSnapshot() {
  const auto reader = std::make_shared<tests::FakeSnapshotReader>();
  for (const ReleasePtr& release :
       {MakeRelease("kafka", 3, "2.0", /*hidden=*/true),
        MakeRelease("kafka", 2, "1.1"), MakeRelease("kafka", 1, "1.1"),
        MakeRelease("kafka", 0, "1.0"),
        MakeRelease("mongodb", 0, "1.0", /*hidden=*/true)}) {
    reader->AddRelease(release);
  }
  return Snapshot(1, {MakeSource("universe")}, 1, reader);
}

std::string Selected(const Snapshot& snapshot, const std::string& name,
                     const std::string& range) {
  const auto release = snapshot.Select(
      name, range.empty() ? resolver::VersionRange()
                          : *resolver::VersionRange::Parse(range));
  if (!release.ok()) return release.status().ToString();
  return absl::StrCat((*release)->name, "/", (*release)->release);
}

TEST(SnapshotTest, DefaultIsTheFirstVisibleRelease) {
  EXPECT_EQ(Selected(MakeSnapshot(), "kafka", ""), "kafka/2");
}

TEST(SnapshotTest, HiddenReleaseIsFoundByLabelAndByNumber) {
  EXPECT_EQ(Selected(MakeSnapshot(), "kafka", "=2.0"), "kafka/3");
  EXPECT_EQ(Selected(MakeSnapshot(), "kafka", "release=3"), "kafka/3");
}

TEST(SnapshotTest, HiddenPackageIsFoundByItsName) {
  EXPECT_EQ(Selected(MakeSnapshot(), "mongodb", ""), "mongodb/0");
}

TEST(SnapshotTest, RepeatedLabelSelectsTheHighestRelease) {
  EXPECT_EQ(Selected(MakeSnapshot(), "kafka", "=1.1"), "kafka/2");
}

TEST(SnapshotTest, RangeSelectsTheBestVisibleReleaseInside) {
  EXPECT_EQ(Selected(MakeSnapshot(), "kafka", ">=1.0"), "kafka/2");
  EXPECT_EQ(Selected(MakeSnapshot(), "kafka", "<1.1"), "kafka/0");
}

TEST(SnapshotTest, UnknownPackageNamesTheNearestVisibleOne) {
  const absl::Status status = MakeSnapshot().GetPackage("kafak").status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound,
                               HasSubstr("did you mean \"kafka\"?")));
  EXPECT_EQ(ReasonOf(status).reason, "PACKAGE_NOT_FOUND");
  EXPECT_THAT(
      ReasonOf(status).metadata,
      ElementsAre(Pair("did_you_mean", "kafka"), Pair("package", "kafak")));
  EXPECT_THAT(ReasonOf(MakeSnapshot().GetPackage("mongodbb").status()).metadata,
              ElementsAre(Pair("package", "mongodbb")));
}

TEST(SnapshotTest, UnknownReleaseNamesTheNearestLabel) {
  const absl::Status status =
      MakeSnapshot()
          .Select("kafka", *resolver::VersionRange::Parse("=1.2"))
          .status();
  EXPECT_EQ(ReasonOf(status).reason, "RELEASE_NOT_FOUND");
  EXPECT_EQ(ReasonOf(status).metadata.at(kDidYouMean), "=1.0");
}

TEST(SnapshotTest, ReleaseOfAnotherSourceIsNotTaken) {
  const Snapshot snapshot = MakeSnapshot();
  EXPECT_THAT(snapshot.GetRelease("kafka", 1, "universe"), IsOk());
  EXPECT_THAT(snapshot.GetRelease("kafka", 1, "other"),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST(SnapshotTest, LabelOfABetterSourceHidesTheSameOfAWorseOne) {
  const auto reader = std::make_shared<tests::FakeSnapshotReader>();
  for (const auto& [source, number, version] :
       {std::tuple("a", 2, "1.2"), std::tuple("b", 9, "1.9"),
        std::tuple("b", 8, "1.2"), std::tuple("b", 7, "1.9")}) {
    auto release =
        std::make_shared<Release>(*MakeRelease("exec", number, version));
    release->source = source;
    reader->AddRelease(release);
  }
  const Snapshot snapshot(1, {MakeSource("a"), MakeSource("b")}, 1, reader);
  const auto package = snapshot.GetPackage("exec");
  ASSERT_THAT(package, IsOk());
  std::vector<int64_t> numbers;
  for (const ReleasePtr& release : (*package)->releases) {
    numbers.push_back(release->release);
  }
  EXPECT_THAT(numbers, ElementsAre(2, 9, 7));
}

TEST(SnapshotTest, DocumentsAreReadByTheirDigest) {
  const auto reader = std::make_shared<tests::FakeSnapshotReader>();
  Release release = *MakeRelease("kafka", 0, "1");
  release.files = {{kPackageFile, 0100644, 2, reader->Put("{}")}};
  const Snapshot snapshot(1, {MakeSource("universe")}, 1, reader);
  EXPECT_THAT(snapshot.ReadFile(release, kPackageFile), IsOkAndHolds("{}"));
  EXPECT_THAT(snapshot.ReadFile(release, kConfigFile),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(snapshot.ReadOptionalFile(release, kConfigFile),
              IsOkAndHolds(""));
}

}  // namespace
}  // namespace orrery::registry
