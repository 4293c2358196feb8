#include "catalog/orchestrator/local/local_supervisor.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "catalog/orchestrator/local/app_dependencies.h"
#include "catalog/orchestrator/local/app_folder.h"
#include "catalog/orchestrator/local/local_instance.h"
#include "catalog/orchestrator/local/local_rollout.h"
#include "catalog/orchestrator/local/local_state.h"
#include "catalog/orchestrator/local/local_waits.h"
#include "catalog/orchestrator/task/disk_usage.h"

namespace orrery::catalog {
namespace {

// Many events that come together are taken in one turn of the loop.
constexpr int kTurnMilliseconds = 2;
constexpr absl::Duration kTidyInterval = absl::Seconds(1);
constexpr absl::Duration kLongestWait = absl::Minutes(1);

}  // namespace

LocalSupervisor::LocalSupervisor(const LocalConfig* config,
                                 ArtifactFetcher* fetcher, LocalApps* apps)
    : config_(*config),
      apps_(apps),
      workers_(config->launch_threads),
      clerk_(1),
      launcher_(config, fetcher, apps, &workers_),
      reaper_(config, &clerk_),
      probes_(config, [apps] { apps->Wake(); }) {
  {
    const MutexLock lock(apps_->mutex());
    Tidy(absl::Now());
  }
  thread_ = std::thread([this] { Run(); });
}

LocalSupervisor::~LocalSupervisor() {
  {
    const MutexLock lock(apps_->mutex());
    stopping_ = true;
    for (auto& [service, app] : apps_->state().apps) {
      for (LocalSlot& slot : app.slots) {
        if (slot.instance != nullptr) {
          slot.instance->plan.progress->cancelled = true;
        }
      }
    }
  }
  apps_->Wake();
  thread_.join();
  workers_.Stop();
  clerk_.Finish();
}

void LocalSupervisor::Run() {
  while (true) {
    std::vector<pollfd> entries = {{apps_->wake_descriptor(), POLLIN, 0}};
    absl::Duration wait;
    const std::vector<InstanceProbes::Outcome> outcomes = probes_.Collect();
    {
      const MutexLock lock(apps_->mutex());
      if (stopping_) return;
      const absl::Time now = absl::Now();
      launcher_.TakeOutcomes(now, &apps_->state());
      InstanceProbes::Give(outcomes, now, &apps_->state());
      Step(now);
      for (const int descriptor : WatchedDescriptors(apps_->state())) {
        entries.push_back({descriptor, POLLIN, 0});
      }
      const absl::Time next =
          std::min(next_tidying_, NextLook(apps_->state(), now));
      wait = std::clamp(next - absl::Now(), absl::ZeroDuration(), kLongestWait);
    }
    poll(entries.data(), entries.size(),
         static_cast<int>(absl::ToInt64Milliseconds(
             absl::Ceil(wait, absl::Milliseconds(1)))));
    uint64_t count = 0;
    if (read(apps_->wake_descriptor(), &count, sizeof(count)) > 0) {
      poll(nullptr, 0, kTurnMilliseconds);
    }
  }
}

void LocalSupervisor::Step(absl::Time now) {
  HostProcesses processes;
  const AppDependencies dependencies(apps_->state());
  for (auto& [service, app] : apps_->state().apps) {
    if (app.departing) continue;
    NoteDependencies(dependencies, now, &app);
    StepApp(&app, &processes, now);
    const bool empty = std::all_of(
        app.slots.begin(), app.slots.end(),
        [](const LocalSlot& slot) { return slot.instance == nullptr; });
    if (app.record.removing && empty) {
      app.departing = true;
      workers_.Submit([this, name = service] { apps_->FinishRemoval(name); });
    }
  }
  if (now >= next_tidying_) Tidy(now);
}

void LocalSupervisor::StepApp(LocalApp* app, HostProcesses* processes,
                              absl::Time now) {
  for (LocalSlot& slot : app->slots) StepSlot(app, &slot, processes, now);
  // With what was just learnt; the loop looks again at once at what it orders.
  StepRollout(now, app);
  std::erase_if(app->slots, [](const LocalSlot& slot) {
    return slot.retiring && slot.instance == nullptr;
  });
  if (!HasJustComeUp(*app)) return;
  app->record.deployed_time = now;
  // Others may wait for that.
  apps_->Wake();
  apps_->state().ports.ReleaseOthers(app->record.service, PortsOf(app->record));
  clerk_.Submit([directory = app->directory,
                 generation = app->record.generation,
                 now] { WriteDeployedTime(directory, generation, now); });
}

void LocalSupervisor::StepSlot(LocalApp* app, LocalSlot* slot,
                               HostProcesses* processes, absl::Time now) {
  if (slot->instance != nullptr) {
    StepInstance(app, slot, processes, now);
  } else if (IsToBeLaunched(*app, *slot) && slot->next_launch <= now) {
    launcher_.Launch(*app, UsedResources(apps_->state()), now, slot);
  }
}

void LocalSupervisor::StepInstance(LocalApp* app, LocalSlot* slot,
                                   HostProcesses* processes, absl::Time now) {
  LocalInstance* const instance = slot->instance.get();
  if (app->record.removing && app->stop_obstacle.empty()) {
    OrderStop("", now, instance);
  }
  if (instance->phase == InstancePhase::kStaging) return;
  reaper_.Look(now, processes, app, slot);
  if (slot->instance == nullptr) return;
  if (instance->phase == InstancePhase::kStarting && !instance->lost) {
    EnterRunning(config_, now, instance);
  }
  if (instance->phase == InstancePhase::kRunning &&
      instance->checks->Step(now, probes_.ActionsFor(*app, *slot))) {
    OrderKill(instance->checks->kill_reason(), now, instance);
  }
  if (instance->stop.has_value() && now >= instance->stop->next_escalation) {
    EscalateStop(instance, now, processes);
  }
}

void LocalSupervisor::Tidy(absl::Time now) {
  next_tidying_ = now + kTidyInterval;
  LocalState& state = apps_->state();
  std::vector<std::shared_ptr<InstanceLogs>> logs;
  for (auto& [service, app] : state.apps) {
    reaper_.DropOldEnded(now, &app);
    for (LocalSlot& slot : app.slots) {
      if (slot.instance != nullptr) logs.push_back(slot.instance->logs);
    }
  }
  for (auto place = state.departed.begin(); place != state.departed.end();) {
    reaper_.DropOldEnded(now, &place->second);
    place =
        place->second.empty() ? state.departed.erase(place) : std::next(place);
  }
  if (now >= next_measuring_) {
    next_measuring_ = now + config_.disk_interval;
    MeasureDisk();
  }
  if (logs.empty()) return;
  clerk_.Submit([logs = std::move(logs)] {
    for (const std::shared_ptr<InstanceLogs>& of_instance : logs) {
      of_instance->standard_output.RotateIfLarge();
      of_instance->standard_error.RotateIfLarge();
    }
  });
}

void LocalSupervisor::MeasureDisk() {
  struct Measured {
    std::string directory;
    std::string volumes;
    std::shared_ptr<std::atomic<int64_t>> bytes;
  };
  std::vector<Measured> instances;
  for (const auto& [service, app] : apps_->state().apps) {
    for (const LocalSlot& slot : app.slots) {
      if (slot.instance == nullptr) continue;
      const LaunchPlan& plan = slot.instance->plan;
      instances.push_back(
          {plan.directory, plan.volume_directory, slot.instance->disk_bytes});
    }
  }
  // A slow disk must not make them queue.
  if (instances.empty() || measuring_.exchange(true)) return;
  workers_.Submit([this, instances = std::move(instances)] {
    for (const Measured& instance : instances) {
      *instance.bytes =
          DiskUsage(instance.directory) + DiskUsage(instance.volumes);
    }
    measuring_ = false;
  });
}

}  // namespace orrery::catalog
