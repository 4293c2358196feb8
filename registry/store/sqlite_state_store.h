#ifndef REGISTRY_STORE_SQLITE_STATE_STORE_H_
#define REGISTRY_STORE_SQLITE_STATE_STORE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/index/sqlite_database.h"
#include "registry/store/state_store.h"
#include "third_party/absl/mutex.h"

namespace orrery::registry {

// The store of a single server: one SQLite file.
class SqliteStateStore : public StateStore {
 public:
  // ":memory:" gives a private one. Errors as SqliteDatabase::Open.
  static absl::StatusOr<std::unique_ptr<SqliteStateStore>> Open(
      const std::string& path);

  absl::StatusOr<StateEntry> Get(absl::string_view key) override;
  absl::StatusOr<std::vector<StateEntry>> List(
      absl::string_view prefix) override;
  absl::StatusOr<int64_t> Commit(
      const std::vector<StateWrite>& writes) override;

 private:
  explicit SqliteStateStore(std::unique_ptr<SqliteDatabase> database)
      : database_(std::move(database)) {}

  Mutex mutex_;
  std::unique_ptr<SqliteDatabase> database_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orrery::registry

#endif  // REGISTRY_STORE_SQLITE_STATE_STORE_H_
