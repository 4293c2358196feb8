#include "catalog/store/catalog_store.h"

#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/store/sqlite_state_store.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using ::testing::ContainsRegex;

class CatalogStoreTest : public ::testing::Test {
 protected:
  std::unique_ptr<registry::SqliteStateStore> state_ =
      *registry::SqliteStateStore::Open(":memory:");
  CatalogStore store_{state_.get()};
};

ServiceRecord Service(const std::string& cluster, const std::string& name) {
  ServiceRecord record;
  record.cluster = cluster;
  record.name = name;
  return record;
}

Operation OperationAt(const std::string& name, int seconds) {
  Operation operation;
  operation.name = name;
  operation.cluster = "local";
  operation.service = "greeter";
  operation.create_time = absl::FromUnixSeconds(seconds);
  return operation;
}

TEST_F(CatalogStoreTest, SecondWriterOfAServiceIsAbortedAndLeavesNoOperation) {
  ASSERT_THAT(
      store_.Put(OperationAt("first", 1), Service("local", "greeter"), 0),
      IsOk());
  EXPECT_THAT(
      store_.Put(OperationAt("second", 2), Service("local", "greeter"), 0),
      StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(store_.GetOperation("second"),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(CatalogStoreTest, ListsOneClusterOrAll) {
  ASSERT_THAT(store_.Put(OperationAt("1", 1), Service("local", "b"), 0),
              IsOk());
  ASSERT_THAT(store_.Put(OperationAt("2", 1), Service("local", "a"), 0),
              IsOk());
  ASSERT_THAT(store_.Put(OperationAt("3", 1), Service("east", "a"), 0), IsOk());
  const auto local = store_.ListServices("local");
  ASSERT_THAT(local, IsOk());
  ASSERT_EQ(local->size(), 2u);
  EXPECT_EQ((*local)[0]->record.name, "a");
  EXPECT_EQ(store_.ListServices("")->size(), 3u);
}

TEST_F(CatalogStoreTest, ListIsWhatTheStoreHasAlsoAfterARestart) {
  ASSERT_THAT(store_.Put(OperationAt("1", 1), Service("local", "a"), 0),
              IsOk());
  ASSERT_THAT(store_.Put(OperationAt("2", 1), Service("local", "b"), 0),
              IsOk());
  EXPECT_EQ(store_.ListServices("local")->size(), 2u);
  Operation gone = OperationAt("3", 2);
  gone.service = "a";
  const int64_t revision = store_.GetService("local", "a")->revision;
  ASSERT_THAT(store_.PutAndRemoveService(gone, revision), IsOk());
  StoredService b = *store_.GetService("local", "b");
  b.record.established = true;
  ASSERT_THAT(store_.Put(OperationAt("4", 3), b.record, b.revision), IsOk());

  CatalogStore next(state_.get());
  for (const CatalogStore* store : {&store_, &next}) {
    const auto services = store->ListServices("local");
    ASSERT_EQ(services->size(), 1u);
    EXPECT_EQ((*services)[0]->record.name, "b");
    EXPECT_TRUE((*services)[0]->record.established);
    EXPECT_EQ((*services)[0]->revision,
              store_.GetService("local", "b")->revision);
  }
}

TEST_F(CatalogStoreTest, RemovalOfTheServiceAndEndOfTheOperationAreOneCommit) {
  Operation operation = OperationAt("1", 1);
  ASSERT_THAT(store_.Put(operation, Service("local", "greeter"), 0), IsOk());
  operation.state = OperationState::kSucceeded;
  const int64_t revision = store_.GetService("local", "greeter")->revision;
  EXPECT_THAT(store_.PutAndRemoveService(operation, revision - 1),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(store_.GetOperation("1")->state, OperationState::kRunning);
  ASSERT_THAT(store_.PutAndRemoveService(operation, revision), IsOk());
  EXPECT_THAT(store_.GetService("local", "greeter"),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(store_.GetOperation("1")->state, OperationState::kSucceeded);
}

TEST_F(CatalogStoreTest, PruningKeepsTheNewestAndWhatStillRuns) {
  for (int i = 0; i < 5; ++i) {
    Operation operation = OperationAt(std::to_string(i), i);
    if (i != 0) operation.state = OperationState::kFailed;
    ASSERT_THAT(store_.PutOperation(operation), IsOk());
  }
  ASSERT_THAT(store_.PruneOperations(2), IsOk());
  const auto left = store_.ListOperations();
  ASSERT_THAT(left, IsOk());
  ASSERT_EQ(left->size(), 3u);
  EXPECT_EQ((*left)[0].name, "4");
  EXPECT_EQ((*left)[1].name, "3");
  EXPECT_EQ((*left)[2].name, "0");
}

TEST_F(CatalogStoreTest, OwnerIdIsMadeOnce) {
  const std::string owner = *store_.OwnerId();
  EXPECT_THAT(owner, ContainsRegex("^[0-9a-f]{32}$"));
  EXPECT_EQ(*CatalogStore(state_.get()).OwnerId(), owner);
}

}  // namespace
}  // namespace orrery::catalog
