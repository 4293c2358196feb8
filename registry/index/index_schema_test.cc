#include "registry/index/index_schema.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/index/index_store.h"
#include "registry/index/sqlite_database.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

// A store as a program wrote it that knew the first `count` schemas.
std::string StoreOfSchema(size_t count) {
  const std::string path =
      absl::StrCat(::testing::TempDir(), "schema", count, ".db");
  const auto database =
      SqliteDatabase::Open(path, IndexMigrations().first(count));
  EXPECT_THAT(database, IsOk());
  if (count > 1) {
    EXPECT_THAT((*database)->Execute(R"sql(
INSERT INTO source (name, version) VALUES ('universe', 1);
INSERT INTO entry (id, source, directory, born, object, mode, verdict, record)
  VALUES (7, 1, x'4b', 1, x'00', 16384, 0, x'00');
INSERT INTO revision VALUES (1, x'4b', 1, NULL, x'00', 0);
INSERT INTO search (rowid, squashed, name, tags, text)
  VALUES (5, 'kafka', 'kafka', 'broker', 'moves messages');
)sql"),
                IsOk());
  }
  // The table of names came with the sixth.
  if (count > 5) {
    EXPECT_THAT(
        (*database)->Execute("INSERT INTO named (rowid, squashed, name, tags) "
                             "VALUES (5, 'kafka', 'kafka', 'broker')"),
        IsOk());
  }
  return path;
}

int64_t Count(SqliteDatabase& database, absl::string_view table) {
  auto query = *database.Prepare(absl::StrCat("SELECT count(*) FROM ", table));
  EXPECT_THAT(query.Step(), IsOkAndHolds(true));
  return query.Int(0);
}

TEST(IndexSchemaTest, EveryOlderStoreIsMigratedWithWhatItHolds) {
  for (size_t count = 1; count < IndexMigrations().size(); ++count) {
    SCOPED_TRACE(count);
    const auto store = IndexStore::Open(StoreOfSchema(count), {});
    ASSERT_THAT(store, IsOk());
    const auto reader = (*store)->Reader();
    ASSERT_THAT(reader, IsOk());
    SqliteDatabase& database = **reader;
    EXPECT_EQ(Count(database, "source"), count > 1 ? 1 : 0);
    EXPECT_EQ(Count(database, "entry"), count > 1 ? 1 : 0);
    EXPECT_EQ(Count(database, "revision"), count > 1 ? 1 : 0);
    EXPECT_EQ(Count(database, "mention"), 0);
    EXPECT_EQ(Count(database, "named WHERE named MATCH 'broker'"),
              count > 1 ? 1 : 0);
  }
}

TEST(IndexSchemaTest, StoreOfANewerSchemaIsRefused) {
  const std::string path = StoreOfSchema(IndexMigrations().size());
  {
    const auto database = SqliteDatabase::Open(path, IndexMigrations());
    ASSERT_THAT(database, IsOk());
    ASSERT_THAT((*database)->Execute("PRAGMA user_version = 1000"), IsOk());
  }
  EXPECT_THAT(IndexStore::Open(path, {}),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       ::testing::HasSubstr("written by a newer version")));
}

}  // namespace
}  // namespace orrery::registry
