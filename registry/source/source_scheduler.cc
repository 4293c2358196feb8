#include "registry/source/source_scheduler.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"

namespace orrery::registry {

SourceScheduler::SourceScheduler(Threads threads, Work work)
    : thread_counts_(threads), work_(std::move(work)) {}

SourceScheduler::~SourceScheduler() = default;

void SourceScheduler::Start() {
  for (size_t i = 0; i < thread_counts_.all; ++i) {
    threads_.emplace_back([this] { RunThread(); });
  }
}

void SourceScheduler::Stop() {
  {
    const MutexLock lock(&mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  threads_.clear();
}

void SourceScheduler::Schedule(const std::string& name, const Turn& turn) {
  {
    const MutexLock lock(&mutex_);
    due_[name] = turn;
    if (running_.contains(name)) overridden_.insert(name);
  }
  wake_.notify_all();
}

void SourceScheduler::Remove(const std::string& name) {
  const MutexLock lock(&mutex_);
  due_.erase(name);
  if (running_.contains(name)) overridden_.insert(name);
}

std::map<std::string, SourceScheduler::Turn>::iterator SourceScheduler::Next() {
  const bool full = doubtful_running_ >= thread_counts_.doubtful;
  auto next = due_.end();
  for (auto item = due_.begin(); item != due_.end(); ++item) {
    if (running_.contains(item->first)) continue;
    if (item->second.doubtful && full) continue;
    if (next == due_.end() || item->second.time < next->second.time) {
      next = item;
    }
  }
  return next;
}

void SourceScheduler::RunThread() {
  mutex_.lock();
  while (!stopping_) {
    const auto next = Next();
    if (next == due_.end()) {
      wake_.wait(mutex_);
      continue;
    }
    const absl::Time time = next->second.time;
    if (time > absl::Now()) {
      // Far times are looked at again before, so that the sum cannot overflow.
      wake_.wait_until(mutex_, absl::ToChronoTime(std::min(
                                   time, absl::Now() + absl::Hours(1))));
      continue;
    }
    const std::string name = next->first;
    const bool doubtful = next->second.doubtful;
    due_.erase(next);
    running_.insert(name);
    if (doubtful) ++doubtful_running_;
    mutex_.unlock();
    const Turn again = work_(name);
    mutex_.lock();
    running_.erase(name);
    if (doubtful) --doubtful_running_;
    if (overridden_.erase(name) == 0) due_[name] = again;
    // Others skipped this name while it ran.
    wake_.notify_all();
  }
  mutex_.unlock();
}

}  // namespace orrery::registry
