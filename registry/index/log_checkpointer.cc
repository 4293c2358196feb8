#include "registry/index/log_checkpointer.h"

#include <utility>

namespace orrery::registry {
namespace {

// Pages of 4 KiB that the log has grown by before the work is worth it, and a
// log that is too long to go on.
constexpr int kWorthIt = 4000;
constexpr int kTooMany = 16'000;

}  // namespace

LogCheckpointer::LogCheckpointer(std::unique_ptr<SqliteDatabase> database)
    : database_(std::move(database)), thread_([this] { Run(); }) {}

LogCheckpointer::~LogCheckpointer() {
  const MutexLock lock(&mutex_);
  ended_ = true;
  changed_.notify_all();
}

void LogCheckpointer::LogHas(int pages) {
  const MutexLock lock(&mutex_);
  // It began anew.
  if (pages < seen_) seen_ = 0;
  if (pages < seen_ + kWorthIt) return;
  seen_ = pages;
  wanted_ = true;
  changed_.notify_all();
  if (pages < kTooMany) return;
  // Only with nobody writing does it get to the end of the log, which then
  // begins anew.
  while (wanted_ || working_) changed_.wait(mutex_);
}

void LogCheckpointer::Run() {
  while (true) {
    {
      const MutexLock lock(&mutex_);
      working_ = false;
      changed_.notify_all();
      while (!wanted_ && !ended_) changed_.wait(mutex_);
      if (ended_) return;
      wanted_ = false;
      working_ = true;
    }
    // What cannot be moved now stays in the log, where it is safe.
    database_->Execute("PRAGMA wal_checkpoint(PASSIVE)").IgnoreError();
  }
}

}  // namespace orrery::registry
