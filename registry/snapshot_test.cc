#include "registry/snapshot.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/error_details.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

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

PackagePtr MakePackage(std::vector<ReleasePtr> releases) {
  auto package = std::make_shared<PackageEntry>();
  package->name = releases.front()->name;
  package->releases = std::move(releases);
  return package;
}

Snapshot MakeSnapshot() {
  return Snapshot(
      1,
      {MakePackage({MakeRelease("kafka", 3, "2.0", /*hidden=*/true),
                    MakeRelease("kafka", 2, "1.1"),
                    MakeRelease("kafka", 1, "1.1"),
                    MakeRelease("kafka", 0, "1.0")}),
       MakePackage({MakeRelease("mongodb", 0, "1.0", /*hidden=*/true)})},
      {}, nullptr);
}

std::string Selected(const Snapshot& snapshot, const std::string& name,
                     const std::string& range) {
  const auto release = snapshot.Select(name, *ReleaseRange::Parse(range));
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
      MakeSnapshot().Select("kafka", *ReleaseRange::Parse("=1.2")).status();
  EXPECT_EQ(ReasonOf(status).reason, "RELEASE_NOT_FOUND");
  EXPECT_EQ(ReasonOf(status).metadata.at(kDidYouMean), "=1.0");
}

TEST(SnapshotTest, ReleaseOfAnotherSourceIsNotTaken) {
  const Snapshot snapshot = MakeSnapshot();
  EXPECT_THAT(snapshot.GetRelease("kafka", 1, "universe"), IsOk());
  EXPECT_THAT(snapshot.GetRelease("kafka", 1, "other"),
              StatusIs(absl::StatusCode::kNotFound));
}

class MapContent : public ContentReader {
 public:
  absl::StatusOr<std::string> Read(const signing::Digest& digest) override {
    if (digest == signing::Digest::Of("{}")) return std::string("{}");
    return absl::NotFoundError("no such bytes");
  }
};

TEST(SnapshotTest, DocumentsAreReadByTheirDigest) {
  auto release = std::make_shared<Release>(*MakeRelease("kafka", 0, "1"));
  release->files = {{kPackageFile, 0100644, 2, signing::Digest::Of("{}")}};
  const Snapshot snapshot(1, {MakePackage({release})}, {},
                          std::make_shared<MapContent>());
  EXPECT_THAT(snapshot.ReadFile(*release, kPackageFile), IsOkAndHolds("{}"));
  EXPECT_THAT(snapshot.ReadFile(*release, kConfigFile),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(snapshot.ReadOptionalFile(*release, kConfigFile),
              IsOkAndHolds(""));
}

}  // namespace
}  // namespace orrery::registry
