#include "registry/index/reader_pool.h"

#include <utility>

#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

// More are closed when they come back.
constexpr size_t kMaxIdle = 8;

}  // namespace

absl::StatusOr<ReaderPool::Lease> ReaderPool::Take() {
  {
    const MutexLock lock(&mutex_);
    if (!idle_.empty()) {
      // The one that was used last has the warmest cache.
      std::unique_ptr<SqliteDatabase> database = std::move(idle_.back());
      idle_.pop_back();
      return Lease(this, std::move(database));
    }
  }
  SqliteDatabase::Options options;
  options.read_only = true;
  ORRERY_ASSIGN_OR_RETURN(std::unique_ptr<SqliteDatabase> database,
                          SqliteDatabase::Open(path_, migrations_, options));
  return Lease(this, std::move(database));
}

void ReaderPool::GiveBack(std::unique_ptr<SqliteDatabase> database) {
  const MutexLock lock(&mutex_);
  if (idle_.size() < kMaxIdle) idle_.push_back(std::move(database));
}

}  // namespace orrery::registry
