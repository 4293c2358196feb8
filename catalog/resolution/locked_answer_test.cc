#include "catalog/resolution/locked_answer.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/resolution/lock_file.h"
#include "catalog/resolution/past_release_testing.h"
#include "catalog/resolution/resolution.h"
#include "catalog/resolution/resolution_fixture.h"
#include "registry/index/snapshot.h"
#include "tests/testing/snapshot_builder.h"

namespace orrery::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class Forgetful : public Remembered {
 public:
  using Remembered::Remembered;
  absl::StatusOr<std::vector<PastRelease>> ReadPast(
      const NamedContent& /*named*/) const override {
    return absl::UnavailableError("its bytes are gone");
  }
};

// A lock names db 2, which its source does not have any more.
class PreferLockedTest : public ResolutionTest {
 protected:
  PreferLockedTest() {
    Add(&builder_, 2);
    Add(&builder_, 1);
    AddApp(&builder_);
    before_ = builder_.Build();
    text_ = WriteLock(query_, Resolve({"app"}));
    query_.lock = *ParseLock(text_);
    builder_ = tests::SnapshotBuilder();
    Add(&builder_, 1);
    AddApp(&builder_);
    admission_ = std::make_shared<Remembered>(before_);
  }

  static void Add(tests::SnapshotBuilder* builder, int64_t release) {
    builder->AddRelease("db", release, std::to_string(release),
                        Release("db", R"({"singleton": false})"));
  }
  static void AddApp(tests::SnapshotBuilder* builder) {
    builder->AddRelease("app", 1, "1",
                        Release("app", R"({"requires": [{"package": "db"}]})"));
  }

  registry::SnapshotPtr before_;
  std::string text_;
};

TEST_F(PreferLockedTest, WhatHasLeftItsSourceStaysWhereItIsLocked) {
  const Resolution resolution = Resolve({"app"});
  EXPECT_THAT(Nodes(resolution),
              ElementsAre("db 2 <- app", "app 1 <- request:0"));
  EXPECT_THAT(resolution.notes, IsEmpty());
  ASSERT_EQ(resolution.nodes[0].notes.size(), 1U);
  EXPECT_EQ(resolution.nodes[0].notes[0].text,
            "db 2 (release 2#1) is not what it was, and is taken because it is "
            "named");
  EXPECT_THAT(resolution.held, IsEmpty());
  EXPECT_EQ(WriteLock(query_, resolution), text_);
}

TEST_F(PreferLockedTest, WhatHasLeftItsSourceIsForNoOtherNode) {
  EXPECT_THAT(
      Nodes(Resolve({"app", "db", "db@other"})),
      UnorderedElementsAre("db 2 <- app,request:1", "db@other 1 <- request:2",
                           "app 1 <- request:0"));
  EXPECT_THAT(RefusalText(Resolve({"app", "db@other@=2"})),
              HasSubstr("it is not what it was"));
}

TEST_F(PreferLockedTest, WhatRangesRuleOutIsNotKept) {
  EXPECT_THAT(Nodes(Resolve({"app", "db@<2"})),
              ElementsAre("db 1 <- app,request:1", "app 1 <- request:0"));
}

TEST_F(PreferLockedTest, WhatCannotBeReadAnyMoreIsANote) {
  admission_ = std::make_shared<Forgetful>(before_);
  const Resolution resolution = Resolve({"app"});
  EXPECT_THAT(Nodes(resolution),
              ElementsAre("db 1 <- app", "app 1 <- request:0"));
  ASSERT_EQ(resolution.notes.size(), 1U);
  EXPECT_EQ(resolution.notes[0].code, "lock.gone");
}

}  // namespace
}  // namespace orrery::catalog
