#include "catalog/orchestrator/local/local_rollout.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "catalog/orchestrator/local/app_status.h"
#include "catalog/orchestrator/local/local_instance.h"

namespace orrery::catalog {
namespace {

// One that was found at the start of orreryd served if it is of a form that
// came up; another one has to show it.
bool Serves(const LocalApp& app, const LocalInstance& instance) {
  return IsUp(instance, app.deployed() || app.Outdates(instance));
}

// Whether what a retiring slot waits for is there, or nothing comes after it.
bool HasSuccessor(const LocalApp& app, const LocalSlot& retiring) {
  for (const LocalSlot& slot : app.slots) {
    if (slot.retiring || slot.index != retiring.index) continue;
    return slot.instance != nullptr && !app.Outdates(*slot.instance) &&
           IsUp(*slot.instance, app.deployed());
  }
  return true;
}

// Gives those that began to retire and are wanted again their slots back, in
// place of what came after them. Requires: the slots have their ports.
void TakeBackRetiring(LocalApp* app) {
  for (LocalSlot& retiring : app->slots) {
    if (!retiring.retiring || retiring.instance == nullptr ||
        retiring.instance->stop.has_value() ||
        app->Outdates(*retiring.instance)) {
      continue;
    }
    for (LocalSlot& slot : app->slots) {
      const bool is_its_slot = !slot.retiring && slot.index == retiring.index &&
                               slot.ports == retiring.instance->record().ports;
      if (is_its_slot &&
          (slot.instance == nullptr || app->Outdates(*slot.instance))) {
        std::swap(slot.instance, retiring.instance);
        break;
      }
    }
  }
}

std::string Reason(const LocalApp& app) {
  return absl::StrCat("replaced by generation ", app.record.generation);
}

}  // namespace

RolloutPace PaceOf(const MarathonApp& app) {
  const auto instances = static_cast<double>(app.instances);
  const AppUpgradeStrategy strategy =
      app.upgrade_strategy.value_or(AppUpgradeStrategy());
  RolloutPace pace;
  pace.min_up = static_cast<int64_t>(
      std::ceil(instances * strategy.minimum_health_capacity.value_or(1)));
  pace.most = static_cast<int64_t>(
      std::floor(instances * (1 + strategy.maximum_over_capacity.value_or(1))));
  if (!app.port_definitions.empty() || app.Resident()) {
    pace.most = app.instances;
    pace.min_up = std::min(pace.min_up, app.instances - 1);
  } else if (pace.min_up >= app.instances) {
    // No room: one over.
    pace.most = std::max(pace.most, app.instances + 1);
  }
  pace.stop_start = pace.most <= app.instances;
  return pace;
}

void RenewSlots(LocalApp* app) {
  const size_t wanted = app->record.ports.size();
  const bool replaces = !app->record.valid.contains(app->record.generation - 1);
  const Backoff backoff(app->app->backoff, app->app->backoff_factor,
                        app->app->max_launch_delay);
  std::vector<LocalSlot> slots;
  std::vector<LocalSlot> retiring;
  for (LocalSlot& slot : app->slots) {
    if (slot.retiring) {
      retiring.push_back(std::move(slot));
    } else if (slots.size() == wanted) {
      if (slot.instance == nullptr) continue;
      retiring.push_back(
          LocalSlot::Retiring(slot.index, std::move(slot.instance)));
    } else {
      slot.ports = app->record.ports[slots.size()];
      if (replaces) {
        slot.backoff = backoff;
        slot.next_launch = absl::InfinitePast();
        slot.obstacle.clear();
        slot.last_end.clear();
        slot.permanent_failure.clear();
      }
      slots.push_back(std::move(slot));
    }
  }
  while (slots.size() < wanted) {
    slots.emplace_back(static_cast<int>(slots.size()),
                       app->record.ports[slots.size()], backoff);
  }
  std::move(retiring.begin(), retiring.end(), std::back_inserter(slots));
  app->slots = std::move(slots);
  TakeBackRetiring(app);
}

void StepRollout(absl::Time now, LocalApp* app) {
  // What cannot be launched takes nobody's place.
  if (app->record.removing || !app->problem.empty()) return;
  int64_t up = 0;
  // An empty slot is about to be filled.
  auto running = static_cast<int64_t>(app->slots.size());
  for (LocalSlot& slot : app->slots) {
    if (slot.instance == nullptr) continue;
    if (Serves(*app, *slot.instance)) ++up;
    if (slot.retiring && HasSuccessor(*app, slot)) {
      OrderStop(Reason(*app), now, slot.instance.get());
    }
  }
  if (IsRolledOut(*app)) return;
  const RolloutPace pace = PaceOf(*app->app);
  std::vector<LocalSlot> retired;
  for (LocalSlot& slot : app->slots) {
    LocalInstance* const instance = slot.instance.get();
    if (slot.retiring || instance == nullptr || !app->Outdates(*instance)) {
      continue;
    }
    if (!Serves(*app, *instance)) {
      // Nobody misses it.
      OrderStop(Reason(*app), now, instance);
    } else if (pace.stop_start && up > pace.min_up) {
      OrderStop(Reason(*app), now, instance);
      --up;
    } else if (!pace.stop_start && running < pace.most) {
      retired.push_back(
          LocalSlot::Retiring(slot.index, std::move(slot.instance)));
      ++running;
    }
  }
  std::move(retired.begin(), retired.end(), std::back_inserter(app->slots));
}

bool HasJustComeUp(const LocalApp& app) {
  return app.becoming == nullptr && !app.deployed() && !app.record.removing &&
         app.problem.empty() &&
         std::all_of(
             app.slots.begin(), app.slots.end(),
             [&app](const LocalSlot& slot) { return IsSettled(app, slot); });
}

bool IsRolledOut(const LocalApp& app) {
  return std::all_of(app.slots.begin(), app.slots.end(),
                     [&app](const LocalSlot& slot) {
                       return slot.instance == nullptr ||
                              (!slot.retiring && !app.Outdates(*slot.instance));
                     });
}

}  // namespace orrery::catalog
