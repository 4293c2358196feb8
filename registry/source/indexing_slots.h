#ifndef REGISTRY_SOURCE_INDEXING_SLOTS_H_
#define REGISTRY_SOURCE_INDEXING_SLOTS_H_

#include <cstddef>
#include <functional>
#include <list>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

#include "registry/judge/package_tree.h"
#include "third_party/absl/mutex.h"

namespace orrery::registry {

// Places for reading and judging trees, which takes memory: only a few begin at
// a time. Who takes long does not keep the others waiting: it counts no longer
// among those that begin, and when all places are taken, the last one of those
// who take long has to give up its own. Thread-safe.
class IndexingSlots {
  struct Holder {
    absl::Time begin;
    // Counts no longer.
    bool lost = false;
  };

 public:
  struct Limits {
    size_t all = 16;
    // Of those that were taken within the last `patience`.
    size_t beginning = 4;
    absl::Duration patience = absl::Seconds(2);
    // How soon a wait notices that it is to end, or that somebody takes long.
    absl::Duration look_interval = absl::Milliseconds(100);
  };

  // A place, as long as it lives.
  class Slot {
   public:
    Slot(Slot&& other) noexcept;
    Slot& operator=(Slot&& other) = delete;
    ~Slot();

    // Whether it has been held for longer than `patience`.
    bool is_late() const;
    // kUnavailable when it belongs to somebody else by now: its holder has to
    // end soon.
    absl::Status Check() const;

   private:
    friend class IndexingSlots;
    Slot(IndexingSlots* slots, std::list<Holder>::iterator holder)
        : slots_(slots), holder_(holder) {}

    IndexingSlots* slots_;
    std::list<Holder>::iterator holder_;
  };

  explicit IndexingSlots(const Limits& limits,
                         std::function<absl::Time()> now = absl::Now);

  // Waits for a place until `interrupted` says no, and returns what it says.
  // Who may well take long (`doubtful`) leaves the last `beginning` ones to the
  // others, and takes no place away. The slot must not outlive this.
  absl::StatusOr<Slot> Take(bool doubtful, const Interruption& interrupted);

 private:
  // Whether there is room; it takes a place away when it has to.
  bool MakeRoom(bool doubtful) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Limits limits_;
  const std::function<absl::Time()> now_;
  Mutex mutex_;
  Condition given_back_;
  // In the order in which they began.
  std::list<Holder> holders_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orrery::registry

#endif  // REGISTRY_SOURCE_INDEXING_SLOTS_H_
