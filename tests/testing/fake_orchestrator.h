#ifndef TESTS_TESTING_FAKE_ORCHESTRATOR_H_
#define TESTS_TESTING_FAKE_ORCHESTRATOR_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "catalog/orchestrator/orchestrator.h"
#include "third_party/absl/mutex.h"

namespace orrery::tests {

// A cluster in memory: apps stand still until the test moves them. Calls are
// thread-safe; the test looks at the members when none is under way.
class FakeOrchestrator : public catalog::Orchestrator {
 public:
  absl::string_view kind() const override { return "fake"; }
  std::vector<std::string> Notes() const override { return {"a fake"}; }
  std::map<std::string, std::string> Facts() override { return facts; }

  std::optional<catalog::Resources> Free() const override { return free; }

  absl::StatusOr<catalog::AppForecast> DryRun(
      const catalog::AppRequest& request) override {
    const MutexLock lock(&mutex_);
    last_request = request;
    if (!dry_run_error.ok()) return dry_run_error;
    return forecast;
  }

  absl::Status Create(const catalog::AppRequest& request) override {
    if (before_create) before_create();
    const MutexLock lock(&mutex_);
    ++creates;
    if (!create_error.ok()) return create_error;
    if (apps.count(request.service) > 0) {
      return absl::AlreadyExistsError(request.service);
    }
    last_request = request;
    manifests[request.service] = request.manifest;
    apps[request.service].instances = forecast.instances;
    return absl::OkStatus();
  }

  absl::StatusOr<catalog::AppForecast> DryRunUpdate(
      const catalog::AppRequest& request) override {
    const MutexLock lock(&mutex_);
    last_request = request;
    if (apps.count(request.service) == 0) {
      return absl::NotFoundError("no app");
    }
    if (!dry_run_error.ok()) return dry_run_error;
    if (!may_become || may_become(request)) return forecast;
    catalog::AppForecast refused;
    refused.violations = {{"/container/volumes/data", "may not change"}};
    return refused;
  }

  absl::Status Update(const catalog::AppRequest& request) override {
    if (before_update) before_update();
    const MutexLock lock(&mutex_);
    ++updates;
    if (!update_error.ok()) return update_error;
    const auto found = apps.find(request.service);
    if (found == apps.end()) return absl::NotFoundError("no app");
    if (manifests[request.service] == request.manifest) return absl::OkStatus();
    last_request = request;
    manifests[request.service] = request.manifest;
    found->second.instances = forecast.instances;
    found->second.state = catalog::AppState::kDeploying;
    ++found->second.generation;
    return absl::OkStatus();
  }

  absl::StatusOr<catalog::AppStatus> Observe(
      absl::string_view service) override {
    const MutexLock lock(&mutex_);
    const auto found = apps.find(service);
    if (found == apps.end()) return absl::NotFoundError("no app");
    return found->second;
  }

  absl::Status Remove(absl::string_view service) override {
    const MutexLock lock(&mutex_);
    const auto found = apps.find(service);
    if (found == apps.end()) return absl::NotFoundError("no app");
    found->second.state = catalog::AppState::kRemoving;
    if (removes_at_once) FinishRemoval(std::string(service));
    return absl::OkStatus();
  }

  absl::StatusOr<catalog::RemovalReceipt> Receipt(
      absl::string_view service) override {
    const MutexLock lock(&mutex_);
    const auto found = receipts.find(service);
    if (found == receipts.end()) return absl::NotFoundError("no receipt");
    return found->second;
  }

  absl::StatusOr<std::unique_ptr<catalog::LogReader>> ReadLogs(
      absl::string_view service, const catalog::LogQuery&) override {
    return absl::NotFoundError(std::string(service));
  }

  void FinishRemoval(const std::string& service) {
    apps.erase(service);
    receipts[service] = {{{"task", service + "-task"}}, {}};
  }

  std::map<std::string, std::string> facts;
  std::map<std::string, catalog::AppStatus, std::less<>> apps;
  std::map<std::string, catalog::RemovalReceipt, std::less<>> receipts;
  catalog::AppRequest last_request;
  catalog::AppForecast forecast;
  std::optional<catalog::Resources> free;
  absl::Status dry_run_error;
  absl::Status create_error;
  absl::Status update_error;
  // Whether what runs may become this; null: always.
  std::function<bool(const catalog::AppRequest&)> may_become;
  // By service: what runs, as it was asked for last.
  std::map<std::string, std::string, std::less<>> manifests;
  int creates = 0;
  int updates = 0;
  bool removes_at_once = true;
  // What happens meanwhile.
  std::function<void()> before_create;
  std::function<void()> before_update;

 private:
  Mutex mutex_;
};

}  // namespace orrery::tests

#endif  // TESTS_TESTING_FAKE_ORCHESTRATOR_H_
