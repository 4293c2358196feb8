#include "catalog/orchestrator/local/instance_probes.h"

#include <algorithm>
#include <optional>

#include "catalog/orchestrator/local/local_instance.h"
#include "catalog/orchestrator/local/port_owner.h"
#include "catalog/orchestrator/task/task_launch.h"

namespace orrery::catalog {

InstanceProbes::InstanceProbes(const LocalConfig* config,
                               std::function<void()> wake)
    : config_(*config),
      prober_(std::make_unique<NetworkProber>(
          [this, wake = std::move(wake)](uint64_t key,
                                         const ProbeResult& result) {
            {
              const MutexLock lock(&mutex_);
              results_.emplace_back(key, result);
            }
            wake();
          })) {}

CheckActions InstanceProbes::ActionsFor(const LocalApp& app,
                                        const LocalSlot& slot) {
  CheckActions actions;
  actions.next_key = [this] { return next_key_++; };
  actions.probe = [this, &app, &slot](NetworkProbe probe) {
    const LocalInstance& instance = *slot.instance;
    const std::vector<int>& ports = instance.record().ports;
    const bool own =
        std::find(ports.begin(), ports.end(), probe.port) != ports.end();
    targets_.emplace(
        probe.key, Target{app.record.service, slot.index, instance.record().id,
                          own ? probe.port : 0, RootOf(instance)});
    prober_->Start(std::move(probe));
  };
  actions.run =
      [this, instance = slot.instance.get()](
          const AppHealthCheck& check) -> std::optional<ProcessHandle> {
    LaunchSpec spec = TaskSpec(instance->plan, config_);
    spec.arguments = {"/bin/sh", "-c", check.command.value_or("")};
    spec.grace_milliseconds =
        static_cast<uint32_t>(absl::ToInt64Milliseconds(check.timeout));
    absl::StatusOr<ProcessHandle> handle = StartCheck(spec, config_);
    if (!handle.ok()) return std::nullopt;
    return *std::move(handle);
  };
  return actions;
}

std::vector<InstanceProbes::Outcome> InstanceProbes::Collect() {
  std::vector<std::pair<uint64_t, ProbeResult>> results;
  {
    const MutexLock lock(&mutex_);
    results.swap(results_);
  }
  std::vector<Outcome> outcomes;
  PortOwners owners;
  for (auto& [key, result] : results) {
    auto node = targets_.extract(key);
    if (node.empty()) continue;
    Outcome outcome{key, std::move(node.mapped()), std::move(result), ""};
    if (outcome.result.verdict == ProbeVerdict::kPass &&
        outcome.target.port != 0) {
      outcome.stranger =
          owners.Stranger(outcome.target.port, outcome.target.root);
    }
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

void InstanceProbes::Give(const std::vector<Outcome>& outcomes, absl::Time now,
                          LocalState* state) {
  for (const Outcome& outcome : outcomes) {
    LocalSlot* const slot =
        FindSlot(state, outcome.target.service, outcome.target.slot,
                 outcome.target.instance_id);
    if (slot == nullptr || slot->instance->phase != InstancePhase::kRunning) {
      continue;
    }
    LocalInstance* const instance = slot->instance.get();
    if (instance->checks->Note(outcome.key, outcome.result, now,
                               outcome.stranger)) {
      OrderKill(instance->checks->kill_reason(), now, instance);
    }
  }
}

}  // namespace orrery::catalog
