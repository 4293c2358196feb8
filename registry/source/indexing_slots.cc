#include "registry/source/indexing_slots.h"

#include <utility>

#include "third_party/absl/status_macros.h"

namespace orrery::registry {

IndexingSlots::IndexingSlots(const Limits& limits,
                             std::function<absl::Time()> now)
    : limits_(limits), now_(std::move(now)) {}

bool IndexingSlots::MakeRoom(bool doubtful) {
  const absl::Time late = now_() - limits_.patience;
  size_t taken = 0;
  size_t beginning = 0;
  Holder* last_late = nullptr;
  for (Holder& holder : holders_) {
    if (holder.lost) continue;
    ++taken;
    if (holder.begin >= late) {
      ++beginning;
    } else {
      last_late = &holder;
    }
  }
  if (beginning >= limits_.beginning) return false;
  if (doubtful) return taken < limits_.all - limits_.beginning;
  if (taken < limits_.all) return true;
  if (last_late == nullptr) return false;
  last_late->lost = true;
  return true;
}

absl::StatusOr<IndexingSlots::Slot> IndexingSlots::Take(
    bool doubtful, const Interruption& interrupted) {
  while (true) {
    {
      const MutexLock lock(&mutex_);
      bool has_room = MakeRoom(doubtful);
      if (!has_room) {
        given_back_.wait_for(mutex_,
                             absl::ToChronoNanoseconds(limits_.look_interval));
        has_room = MakeRoom(doubtful);
      }
      if (has_room) {
        return Slot(this, holders_.insert(holders_.end(), Holder{now_()}));
      }
    }
    ORRERY_RETURN_IF_ERROR(interrupted());
  }
}

IndexingSlots::Slot::Slot(Slot&& other) noexcept
    : slots_(std::exchange(other.slots_, nullptr)), holder_(other.holder_) {}

IndexingSlots::Slot::~Slot() {
  if (slots_ == nullptr) return;
  {
    const MutexLock lock(&slots_->mutex_);
    slots_->holders_.erase(holder_);
  }
  slots_->given_back_.notify_all();
}

bool IndexingSlots::Slot::is_late() const {
  return slots_->now_() - holder_->begin > slots_->limits_.patience;
}

absl::Status IndexingSlots::Slot::Check() const {
  const MutexLock lock(&slots_->mutex_);
  if (!holder_->lost) return absl::OkStatus();
  return absl::UnavailableError(
      "reading the repository takes long, and too many others do, too; what "
      "was served before is served on");
}

}  // namespace orrery::registry
