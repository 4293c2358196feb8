#ifndef REGISTRY_INDEX_READER_POOL_H_
#define REGISTRY_INDEX_READER_POOL_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

#include "registry/index/sqlite_database.h"
#include "third_party/absl/mutex.h"

namespace orrery::registry {

// Connections that read one database, each for one thread at a time.
// Thread-safe.
class ReaderPool {
 public:
  // A connection, until the lease ends. The pool must outlive it.
  class Lease {
   public:
    Lease(ReaderPool* pool, std::unique_ptr<SqliteDatabase> database)
        : pool_(pool), database_(std::move(database)) {}
    Lease(Lease&&) = default;
    ~Lease() {
      if (database_ != nullptr) pool_->GiveBack(std::move(database_));
    }

    SqliteDatabase& operator*() const { return *database_; }
    SqliteDatabase* operator->() const { return database_.get(); }

   private:
    ReaderPool* pool_;
    std::unique_ptr<SqliteDatabase> database_;
  };

  // The database at `path`, which must have the schema of `migrations`.
  ReaderPool(std::string path, SqliteDatabase::Migrations migrations)
      : path_(std::move(path)), migrations_(migrations) {}

  absl::StatusOr<Lease> Take();

 private:
  void GiveBack(std::unique_ptr<SqliteDatabase> database);

  const std::string path_;
  const SqliteDatabase::Migrations migrations_;
  Mutex mutex_;
  std::vector<std::unique_ptr<SqliteDatabase>> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orrery::registry

#endif  // REGISTRY_INDEX_READER_POOL_H_
