#ifndef REGISTRY_SOURCE_SOURCE_SCHEDULER_H_
#define REGISTRY_SOURCE_SOURCE_SCHEDULER_H_

#include <functional>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "third_party/absl/mutex.h"

namespace orrery::registry {

// Runs something for each of many names whenever it is due, a name never twice
// at once, on a fixed number of threads. Thread-safe.
class SourceScheduler {
 public:
  struct Turn {
    absl::Time time;
    // It may well hang: not all threads run such ones at once.
    bool doubtful = false;
  };
  struct Threads {
    size_t all;
    // That may run doubtful names.
    size_t doubtful;
  };
  // Does the work and says when it is due again.
  using Work = std::function<Turn(const std::string& name)>;

  SourceScheduler(Threads threads, Work work);
  // Requires: stopped, or never started.
  ~SourceScheduler();

  void Start();
  // Nothing begins after it is called; returns when nothing runs any more.
  void Stop();

  // Makes `name` due at that time in place of what was planned; while it runs,
  // it is due again afterwards.
  void Schedule(const std::string& name, const Turn& turn);
  // Forgets `name`; a run of it goes on to its end.
  void Remove(const std::string& name);

 private:
  void RunThread();
  // The name that is due first and may run; end() when there is none.
  std::map<std::string, Turn>::iterator Next()
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Threads thread_counts_;
  const Work work_;
  Mutex mutex_;
  Condition wake_;
  std::map<std::string, Turn> due_ ABSL_GUARDED_BY(mutex_);
  size_t doubtful_running_ ABSL_GUARDED_BY(mutex_) = 0;
  std::set<std::string> running_ ABSL_GUARDED_BY(mutex_);
  // Scheduled or removed while they ran: the time their work gives is void.
  std::set<std::string> overridden_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::jthread> threads_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_SOURCE_SOURCE_SCHEDULER_H_
