#include "catalog/resolution/snapshot_metadata.h"

#include <map>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/resolution/package_facts.h"
#include "tests/testing/snapshot_builder.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using resolver::PackageId;

class SnapshotMetadataTest : public ::testing::Test {
 protected:
  SnapshotMetadata Over(std::map<std::string, std::string> facts) {
    ResolutionContext context;
    context.snapshot = builder_.Build();
    context.cache = &cache_;
    context.facts = std::move(facts);
    return SnapshotMetadata(std::move(context));
  }

  tests::SnapshotBuilder builder_;
  PackageFactsCache cache_;
};

// What a request asks for decides which numbers are asked about.
TEST_F(SnapshotMetadataTest, NumberThatNothingHasIsAnError) {
  SnapshotMetadata metadata = Over({});
  EXPECT_EQ(metadata.Name(PackageId{0}), "");
  EXPECT_EQ(metadata.TextOf({PackageId{7}, "prod"}), "@prod");
  EXPECT_THAT(metadata.Candidates(PackageId{0}),
              StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(metadata.Load({PackageId{7}}),
              StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(metadata.FactsOf(PackageId{7}),
              StatusIs(absl::StatusCode::kInternal));
}

TEST_F(SnapshotMetadataTest, LeastDcosVersionIsComparedWithThatOfTheCluster) {
  builder_.AddRelease("app", 1, "1", {{"package.json", R"({
      "packagingVersion": "4.0", "name": "app", "version": "1",
      "maintainer": "m", "description": "d", "tags": [],
      "minDcosReleaseVersion": "1.11"})"}});
  const struct {
    std::map<std::string, std::string> facts;
    size_t requirements;
    bool holds;
  } kRows[] = {{{}, 0, false},
               {{{"@dcos", "1.9"}}, 1, false},
               {{{"@dcos", "1.11"}}, 1, true},
               {{{"@dcos", "1.11-dev"}}, 1, true},
               {{{"@dcos", "2.0"}}, 1, true}};
  for (const auto& row : kRows) {
    SnapshotMetadata metadata = Over(row.facts);
    const auto relations = metadata.Load({metadata.IdOf("app")});
    ASSERT_THAT(relations, IsOk());
    const auto requirements = (*relations)->requirements.distinct();
    ASSERT_EQ(requirements.size(), row.requirements);
    if (row.requirements == 0) continue;
    const auto& target = requirements[0].what.any_of[0].target;
    EXPECT_EQ(target.name, "@dcos");
    EXPECT_EQ(target.range, ">=1.11");
    EXPECT_EQ(!target.members[0].ranks.empty(), row.holds);
  }
}

}  // namespace
}  // namespace orrery::catalog
