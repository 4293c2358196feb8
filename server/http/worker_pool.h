#ifndef SERVER_HTTP_WORKER_POOL_H_
#define SERVER_HTTP_WORKER_POOL_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "third_party/absl/mutex.h"

namespace orrery::server {

// Threads for work that may block, with a queue that has an end. Thread-safe.
class WorkerPool {
 public:
  WorkerPool(int threads, size_t max_queued);
  // Waits for the work that has begun and drops what is queued.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // False, and `work` is not run, when the queue is full.
  bool Submit(std::function<void()> work);

  // As the destructor; nothing is accepted afterwards.
  void Stop();

 private:
  void Run();

  const size_t max_queued_;
  Mutex mutex_;
  Condition changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<std::function<void()>> queue_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

}  // namespace orrery::server

#endif  // SERVER_HTTP_WORKER_POOL_H_
