#include "catalog/resolution/lock_file.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/orchestrator/clusters.h"
#include "catalog/resolution/package_resolver.h"
#include "catalog/resolution/resolution.h"
#include "catalog/resolution/resolve_query.h"
#include "registry/status/error_details.h"
#include "tests/testing/snapshot_builder.h"

namespace orrery::catalog {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using tests::SnapshotBuilder;

std::map<std::string, std::string> Files(const std::string& name,
                                         const std::string& relations = "") {
  std::map<std::string, std::string> files = {
      {"package.json",
       absl::StrCat(R"({"packagingVersion":"4.0","name":")", name,
                    R"(","version":"1","maintainer":"m","description":"d",
                       "tags":[]})")}};
  if (!relations.empty()) files["relations.json"] = relations;
  return files;
}

class LockFileTest : public ::testing::Test {
 protected:
  LockFileTest() {
    builder_
        .AddRelease("kafka", 2, "2.0",
                    Files("kafka", R"({"requires": [{"package": "zk"}]})"))
        .AddRelease("zk", 1, "3.4", Files("zk"));
    query_.items = {*ParseRequestItem("kafka")};
  }

  absl::StatusOr<Resolution> Resolve() {
    const registry::SnapshotPtr snapshot = builder_.Build();
    PackageResolver resolver(
        nullptr, &clusters_, [snapshot] { return snapshot; }, nullptr);
    return resolver.Resolve(query_);
  }

  // The lock of the answer, and the query that it locks.
  std::string LockIt() {
    const auto resolution = Resolve();
    EXPECT_TRUE(resolution.ok()) << resolution.status();
    std::string text = WriteLock(query_, *resolution);
    const auto lock = ParseLock(text);
    EXPECT_TRUE(lock.ok()) << lock.status();
    query_.lock = *lock;
    return text;
  }

  SnapshotBuilder builder_;
  Clusters clusters_;
  ResolveQuery query_;
};

TEST_F(LockFileTest, TextHasSortedMembersOnLinesOfTheirOwn) {
  const std::string text = LockIt();
  EXPECT_THAT(text, AllOf(HasSubstr("{\n  \"facts\": {},\n  \"items\": [\n"
                                    "    \"kafka\"\n  ],\n  \"lock\": 1,\n"),
                          HasSubstr("      \"node\": \"kafka\",\n"),
                          HasSubstr("      \"relations\": \"none\",\n"),
                          HasSubstr("      \"tree\": \"h1:"),
                          HasSubstr("  \"update\": []\n}\n")));
}

TEST_F(LockFileTest, SameAnswerHasTheSameBytes) {
  const std::string text = LockIt();
  EXPECT_EQ(WriteLock(query_, *Resolve()), text);
}

TEST_F(LockFileTest, AnswerThatMayNotBeTheBestIsLockedOnlyIfThatIsAccepted) {
  Resolution resolution = *Resolve();
  query_.write_lock = true;
  EXPECT_THAT(LockOf(query_, resolution), Not(HasSubstr("optimal")));
  resolution.unfinished = resolver::Stage::kCanonical;
  EXPECT_EQ(LockOf(query_, resolution), "");
  query_.accept_suboptimal = true;
  EXPECT_THAT(LockOf(query_, resolution), HasSubstr("\"optimal\": false"));
  query_.write_lock = false;
  EXPECT_EQ(LockOf(query_, resolution), "");
}

TEST_F(LockFileTest, NewerReleaseDoesNotDisturbALock) {
  const std::string text = LockIt();
  builder_ = SnapshotBuilder();
  builder_
      .AddRelease("kafka", 2, "2.0",
                  Files("kafka", R"({"requires": [{"package": "zk"}]})"))
      .AddRelease("zk", 2, "3.5", Files("zk"))
      .AddRelease("zk", 1, "3.4", Files("zk"));
  EXPECT_EQ(WriteLock(query_, *Resolve()), text);
  query_.locked = true;
  const auto locked = Resolve();
  ASSERT_TRUE(locked.ok()) << locked.status();
  EXPECT_EQ(locked->Find("zk")->release->version, "3.4");
  query_.lock.reset();
  query_.locked = false;
  EXPECT_EQ(Resolve()->Find("zk")->release->version, "3.5");
}

TEST_F(LockFileTest, EveryFailureOfALockIsListedWithItsCode) {
  LockIt();
  query_.locked = true;
  std::vector<LockedNode>& nodes = query_.lock->nodes;
  nodes[0].relations = "sha256:00";
  nodes[1].tree = "h1:other";
  query_.lock->request = "sha256:11";
  const absl::Status refused = Resolve().status();
  EXPECT_EQ(registry::ReasonOf(refused).reason, "LOCK_REFUSED");
  EXPECT_THAT(std::string(refused.message()),
              AllOf(HasSubstr("lock.request: expected sha256:11"),
                    HasSubstr("lock.relations: kafka: expected sha256:00"),
                    HasSubstr("lock.release: zk: expected h1:other, found "
                              "h1:")));
  std::vector<std::string> places;
  for (const registry::FieldFault& fault : registry::FieldFaultsOf(refused)) {
    places.push_back(absl::StrCat(fault.pointer, " ", fault.wanted));
  }
  EXPECT_THAT(places,
              ElementsAre("/request sha256:11", "/nodes/0/relations sha256:00",
                          "/nodes/1/tree h1:other"));
}

TEST_F(LockFileTest, WhatNothingRequiresIsToldBesideAReleaseThatIsGone) {
  builder_.AddRelease("alone", 1, "1", Files("alone"));
  query_.items.push_back(*ParseRequestItem("alone"));
  LockIt();
  query_.items.pop_back();
  query_.locked = true;
  for (LockedNode& node : query_.lock->nodes) {
    if (node.node == "kafka") node.release = 9;
  }
  const std::string refused(Resolve().status().message());
  EXPECT_THAT(refused,
              AllOf(HasSubstr("lock.release: kafka: expected release 9#"),
                    HasSubstr("lock.extra: alone: ")));
  // It is there for what is gone.
  EXPECT_THAT(refused, Not(HasSubstr("lock.extra: zk")));
}

TEST_F(LockFileTest, DemandOnAFactHoldsInALockWithoutACluster) {
  builder_.AddRelease("gpu-app", 1, "1",
                      Files("gpu-app", R"({"requires": [{"fact": "@label:gpu"},
                      {"anyOf": [{"package": "zk"}, {"fact": "@label:zk"}]}],
                      "features": {"fast": {"requires": [
                          {"fact": "@label:fast"}]}}})"));
  query_.items = {*ParseRequestItem("gpu-app[fast]")};
  const std::string text = LockIt();
  query_.locked = true;
  const auto resolution = Resolve();
  ASSERT_TRUE(resolution.ok()) << resolution.status();
  EXPECT_EQ(WriteLock(query_, *resolution), text);
}

TEST_F(LockFileTest, NodeThatNothingRequiresIsExtra) {
  builder_.AddRelease("alone", 1, "1", Files("alone"));
  query_.items.push_back(*ParseRequestItem("alone"));
  LockIt();
  query_.items.pop_back();
  query_.locked = true;
  const absl::Status refused = Resolve().status();
  EXPECT_THAT(
      std::string(refused.message()),
      AllOf(HasSubstr("lock.request: "), HasSubstr("lock.extra: alone: ")));
}

TEST_F(LockFileTest, MissingNodeBreaksARule) {
  LockIt();
  query_.locked = true;
  query_.lock->nodes.pop_back();
  EXPECT_THAT(std::string(Resolve().status().message()),
              HasSubstr("lock.rule: kafka: "));
}

TEST_F(LockFileTest, WhatIsGoneIsANoteUnlessLocked) {
  LockIt();
  query_.lock->nodes[1].release = 9;
  const auto resolution = Resolve();
  ASSERT_TRUE(resolution.ok());
  ASSERT_EQ(resolution->notes.front().code, "lock.gone");
}

TEST_F(LockFileTest, OtherQuestionHasAnotherDigest) {
  const std::string digest = RequestDigest(query_, {});
  EXPECT_EQ(RequestDigest(query_, {}), digest);
  ResolveQuery other = query_;
  other.exclude = {"a"};
  EXPECT_NE(RequestDigest(other, {}), digest);
  other = query_;
  other.options["kafka"] = registry::JsonValue::Object();
  EXPECT_NE(RequestDigest(other, {}), digest);
  EXPECT_NE(RequestDigest(query_, {"zk=1"}), digest);
}

TEST_F(LockFileTest, OtherFormatsAreRefused) {
  EXPECT_FALSE(ParseLock("{").ok());
  EXPECT_FALSE(ParseLock("{}").ok());
  const std::string text = LockIt();
  EXPECT_FALSE(
      ParseLock(absl::StrReplaceAll(text, {{"\"lock\": 1", "\"lock\": 2"}}))
          .ok());
  EXPECT_FALSE(
      ParseLock(absl::StrReplaceAll(text, {{"\"tree\"", "\"tre\""}})).ok());
}

}  // namespace
}  // namespace orrery::catalog
