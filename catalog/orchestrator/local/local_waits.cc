#include "catalog/orchestrator/local/local_waits.h"

#include <algorithm>

namespace orrery::catalog {
namespace {

// How often a shim that has not reported, and what an orphan left, is looked
// at.
constexpr absl::Duration kLookInterval = absl::Milliseconds(50);

absl::Time NextLookAt(const LocalInstance& instance, absl::Time now) {
  absl::Time next = absl::InfiniteFuture();
  const bool sweeping =
      instance.orphaned &&
      (!instance.task_handle.has_value() || instance.task_handle->Ended());
  if (instance.phase == InstancePhase::kStarting || sweeping) {
    next = now + kLookInterval;
  }
  if (instance.phase == InstancePhase::kRunning) {
    next = std::min(next, instance.checks->NextTime());
  }
  if (instance.stop.has_value() && instance.phase != InstancePhase::kStaging) {
    next = std::min(next, instance.stop->next_escalation);
  }
  return next;
}

}  // namespace

bool IsToBeLaunched(const LocalApp& app, const LocalSlot& slot) {
  return !app.record.removing && !slot.retiring && app.problem.empty() &&
         slot.permanent_failure.empty() && !slot.finished;
}

absl::Time NextLook(const LocalState& state, absl::Time now) {
  absl::Time next = absl::InfiniteFuture();
  for (const auto& [service, app] : state.apps) {
    for (const LocalSlot& slot : app.slots) {
      if (slot.instance != nullptr) {
        next = std::min(next, NextLookAt(*slot.instance, now));
      } else if (IsToBeLaunched(app, slot)) {
        next = std::min(next, slot.next_launch);
      }
    }
  }
  return next;
}

std::vector<int> WatchedDescriptors(const LocalState& state) {
  std::vector<int> descriptors;
  const auto watch =
      [&descriptors](const std::optional<ProcessHandle>& handle) {
        if (handle.has_value() && !handle->Ended()) {
          descriptors.push_back(handle->descriptor());
        }
      };
  for (const auto& [service, app] : state.apps) {
    for (const LocalSlot& slot : app.slots) {
      if (slot.instance == nullptr) continue;
      const LocalInstance& instance = *slot.instance;
      watch(instance.shim);
      if (instance.orphaned) watch(instance.task_handle);
      if (!instance.checks.has_value()) continue;
      for (const int descriptor : instance.checks->Descriptors()) {
        descriptors.push_back(descriptor);
      }
    }
  }
  return descriptors;
}

}  // namespace orrery::catalog
