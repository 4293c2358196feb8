#include "registry/index/source_rows.h"

#include <memory>
#include <optional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/index/index_schema.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

StoredSource MakeSource() {
  StoredSource source;
  source.name = "u";
  source.origin = "/srv/u";
  source.commit = "c0ffee";
  source.packages_tree = "beef";
  source.rules_version = 3;
  source.state = 2;
  source.error = "held";
  source.remote_commit = "f00d";
  source.last_change_time = absl::FromUnixMicros(1'600'000'000'000'001);
  return source;
}

class SourceRowsTest : public ::testing::Test {
 protected:
  std::unique_ptr<SqliteDatabase> database_ =
      *SqliteDatabase::Open(":memory:", IndexMigrations());
};

TEST_F(SourceRowsTest, SourceIsReadAsItWasPut) {
  StoredSource source = MakeSource();
  ASSERT_THAT(PutSource(*database_, source), IsOk());
  EXPECT_THAT(ReadSources(*database_), IsOkAndHolds(ElementsAre(source)));
  source.error.clear();
  ASSERT_THAT(PutSource(*database_, source), IsOk());
  EXPECT_THAT(ReadSources(*database_), IsOkAndHolds(ElementsAre(source)));
}

TEST_F(SourceRowsTest, PuttingASourceLeavesItsIndexAlone) {
  auto index = EnsureIndex(*database_, "u");
  ASSERT_THAT(index, IsOk());
  index->version = 7;
  index->staged = true;
  index->counts.packages = 2;
  index->counts.releases = 3;
  index->counts.hidden = 1;
  index->counts.legacy_releases = 4;
  index->counts.refused_places = 5;
  index->counts.findings = {{"dup-key", 6}, {"version-order", 1}};
  ASSERT_THAT(PutIndex(*database_, *index), IsOk());
  ASSERT_THAT(PutSource(*database_, MakeSource()), IsOk());
  const auto read = ReadIndex(*database_, "u");
  ASSERT_THAT(read, IsOk());
  ASSERT_TRUE(read->has_value());
  EXPECT_EQ((*read)->source, index->source);
  EXPECT_EQ((*read)->version, 7);
  EXPECT_TRUE((*read)->staged);
  EXPECT_EQ((*read)->counts, index->counts);
}

TEST_F(SourceRowsTest, IdOfARetiredSourceIsNotGivenAgain) {
  const auto first = EnsureIndex(*database_, "u");
  ASSERT_THAT(RetireSource(*database_, "u"), IsOk());
  EXPECT_THAT(ReadSources(*database_), IsOkAndHolds(IsEmpty()));
  ASSERT_THAT(DropRetired(*database_, 10), IsOk());
  EXPECT_NE(EnsureIndex(*database_, "u")->source, first->source);
}

TEST_F(SourceRowsTest, RevisionsAreCountedByDirectory) {
  const ObjectId id =
      *ObjectId::ParseHex("0123456789abcdef0123456789abcdef01234567");
  const std::vector<ReleaseRevision> revisions = {
      {"a/1", id, id, absl::FromUnixSeconds(1'400'000'000)},
      {"a/1", std::nullopt, ObjectId(), absl::FromUnixSeconds(1'400'000'001)}};
  ASSERT_THAT(AddRevisions(*database_, 1, revisions), IsOk());
  const auto read = ReadRevisions(*database_, 1);
  ASSERT_THAT(read, IsOkAndHolds(SizeIs(2)));
  EXPECT_EQ((*read)[0].tree, id);
  EXPECT_EQ((*read)[0].commit, id);
  EXPECT_EQ((*read)[1].tree, std::nullopt);
  EXPECT_EQ((*read)[1].time, absl::FromUnixSeconds(1'400'000'001));
}

}  // namespace
}  // namespace orrery::registry
