// A few threads for work that blocks.

#ifndef CATALOG_ORCHESTRATOR_LOCAL_WORKER_POOL_H_
#define CATALOG_ORCHESTRATOR_LOCAL_WORKER_POOL_H_

#include <deque>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"

#include "third_party/absl/mutex.h"

namespace orrery::catalog {

// Thread-safe.
class WorkerPool {
 public:
  explicit WorkerPool(int threads) {
    for (int i = 0; i < threads; ++i) {
      threads_.emplace_back([this] { Run(); });
    }
  }

  ~WorkerPool() { Stop(); }

  // Waits for what runs; what is queued is dropped.
  void Stop() {
    {
      const MutexLock lock(&mutex_);
      stopping_ = true;
    }
    Join();
  }

  // Waits for what is queued, too. Nothing may be submitted after it.
  void Finish() {
    {
      const MutexLock lock(&mutex_);
      finishing_ = true;
    }
    Join();
  }

  void Submit(std::function<void()> work) {
    {
      const MutexLock lock(&mutex_);
      queue_.push_back(std::move(work));
    }
    changed_.notify_one();
  }

 private:
  void Join() {
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  void Run() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    while (true) {
      std::function<void()> work;
      {
        const MutexLock lock(&mutex_);
        while (queue_.empty() && !stopping_ && !finishing_) {
          changed_.wait(mutex_);
        }
        if (stopping_ || queue_.empty()) return;
        work = std::move(queue_.front());
        queue_.pop_front();
      }
      work();
    }
  }

  Mutex mutex_;
  Condition changed_;
  std::deque<std::function<void()>> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool finishing_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_LOCAL_WORKER_POOL_H_
