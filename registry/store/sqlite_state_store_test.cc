#include "registry/store/sqlite_state_store.h"

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> Keys(StateStore& store, absl::string_view prefix) {
  std::vector<std::string> keys;
  const auto entries = store.List(prefix);
  for (const StateEntry& entry : *entries) keys.push_back(entry.key);
  return keys;
}

TEST(SqliteStateStoreTest, DamageAnywhereIsFoundAtTheStart) {
  const std::string path = absl::StrCat(::testing::TempDir(), "damaged.db");
  {
    auto store = *SqliteStateStore::Open(path);
    std::vector<StateWrite> writes;
    for (int i = 0; i < 100; ++i) {
      writes.push_back({absl::StrCat("key", i), std::string(1000, 'x'), {}});
    }
    ASSERT_THAT(store->Commit(writes), IsOk());
  }
  ASSERT_THAT(SqliteStateStore::Open(path), IsOk());
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(5 * 4096);
  file << std::string(4096, '\xff');
  file.close();
  EXPECT_THAT(SqliteStateStore::Open(path),
              StatusIs(absl::StatusCode::kDataLoss,
                       AllOf(HasSubstr(path), HasSubstr("backup"))));
}

TEST(SqliteStateStoreTest, ListGivesOnlyThePrefixInKeyOrder) {
  auto store = *SqliteStateStore::Open(":memory:");
  ASSERT_THAT(store->Commit({{"b/2", "x", {}},
                             {"a/1", "x", {}},
                             {"b/1", "x", {}},
                             {"b%", "x", {}},
                             {"c", "x", {}}}),
              IsOk());
  EXPECT_THAT(Keys(*store, "b/"), ElementsAre("b/1", "b/2"));
}

TEST(SqliteStateStoreTest, RevisionsGrowAndAreKeptPerKey) {
  auto store = *SqliteStateStore::Open(":memory:");
  const int64_t first = *store->Commit({{"a", "1", {}}, {"b", "1", {}}});
  const int64_t second = *store->Commit({{"a", "2", {}}});
  EXPECT_GT(second, first);
  EXPECT_EQ(store->Get("a")->revision, second);
  EXPECT_EQ(store->Get("b")->revision, first);
}

TEST(SqliteStateStoreTest, FailedExpectationWritesNothing) {
  auto store = *SqliteStateStore::Open(":memory:");
  const int64_t revision = *store->Commit({{"a", "1", 0}});
  EXPECT_THAT(store->Commit({{"b", "1", {}}, {"a", "2", 0}}),
              StatusIs(absl::StatusCode::kAborted, HasSubstr("'a'")));
  EXPECT_THAT(store->Get("b"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(store->Get("a")->value, "1");
  EXPECT_THAT(store->Commit({{"a", "2", revision}}), IsOk());
}

TEST(SqliteStateStoreTest, DeletedKeyIsGoneAndMayBeCreatedAgain) {
  auto store = *SqliteStateStore::Open(":memory:");
  ASSERT_THAT(store->Commit({{"a", "1", {}}}), IsOk());
  ASSERT_THAT(store->Commit({{"a", std::nullopt, {}}}), IsOk());
  EXPECT_THAT(store->Get("a"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(store->Commit({{"a", "2", 0}}), IsOk());
}

TEST(SqliteStateStoreTest, ValuesOutliveTheStore) {
  const std::string path = std::string(::testing::TempDir()) + "state.db";
  ASSERT_THAT((*SqliteStateStore::Open(path))->Commit({{"a", "1", {}}}),
              IsOk());
  EXPECT_EQ((*SqliteStateStore::Open(path))->Get("a")->value, "1");
}

}  // namespace
}  // namespace orrery::registry
