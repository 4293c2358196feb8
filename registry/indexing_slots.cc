#include "registry/indexing_slots.h"

#include <iterator>
#include <utility>

#include "third_party/absl/status_macros.h"

namespace orrery::registry {

IndexingSlots::IndexingSlots(const Limits& limits,
                             std::function<absl::Time()> now)
    : limits_(limits), now_(std::move(now)) {}

bool IndexingSlots::HasRoom(bool doubtful) const {
  const size_t all = doubtful ? limits_.all - limits_.beginning : limits_.all;
  const auto begun = taken_.lower_bound(now_() - limits_.patience);
  return taken_.size() < all && static_cast<size_t>(std::distance(
                                    begun, taken_.end())) < limits_.beginning;
}

absl::StatusOr<IndexingSlots::Slot> IndexingSlots::Take(
    bool doubtful, const Interruption& interrupted) {
  while (true) {
    {
      const MutexLock lock(&mutex_);
      if (!HasRoom(doubtful)) {
        given_back_.wait_for(mutex_,
                             absl::ToChronoNanoseconds(limits_.look_interval));
      }
      if (HasRoom(doubtful)) {
        const absl::Time begin = now_();
        taken_.insert(begin);
        return Slot(this, begin);
      }
    }
    ORRERY_RETURN_IF_ERROR(interrupted());
  }
}

IndexingSlots::Slot::Slot(Slot&& other) noexcept
    : slots_(std::exchange(other.slots_, nullptr)), begin_(other.begin_) {}

IndexingSlots::Slot::~Slot() {
  if (slots_ == nullptr) return;
  {
    const MutexLock lock(&slots_->mutex_);
    slots_->taken_.erase(slots_->taken_.find(begin_));
  }
  slots_->given_back_.notify_all();
}

bool IndexingSlots::Slot::is_late() const {
  return slots_->now_() - begin_ > slots_->limits_.patience;
}

}  // namespace orrery::registry
