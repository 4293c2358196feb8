#ifndef CATALOG_PLANNING_PLANNING_FIXTURE_H_
#define CATALOG_PLANNING_PLANNING_FIXTURE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "catalog/install.h"
#include "catalog/resolution/package_resolver.h"
#include "catalog/resolution/release_admission.h"
#include "catalog/uninstall.h"
#include "catalog/upgrade.h"
#include "registry/store/sqlite_state_store.h"
#include "tests/testing/fake_orchestrator.h"
#include "tests/testing/snapshot_builder.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {

// Installs, upgrades and uninstalls packages of a fake catalogue on a fake
// cluster.
class PlanningTest : public ::testing::Test {
 protected:
  PlanningTest() {
    auto cluster = std::make_unique<tests::FakeOrchestrator>();
    cluster_ = cluster.get();
    cluster_->forecast.instances = 1;
    clusters_.Add("local", std::move(cluster));
  }

  void Add(const std::string& package, int64_t release,
           const std::string& version, const std::string& relations = "{}",
           const std::string& default_text = "hi") {
    releases_[{package, -release}] = {
        version,
        {{"package.json",
          absl::StrCat(R"({"packagingVersion":"4.0","name":")", package,
                       R"(","version":"1","maintainer":"m",
                       "description":"d","tags":[]})")},
         {"config.json",
          absl::StrCat(R"({"type":"object","properties":{
              "text":{"type":"string","default":")",
                       default_text, R"("}, "zk":{"type":"string"}}})")},
         {"relations.json", relations},
         {"marathon.json.mustache",
          absl::StrCat(R"({"id":")", package, R"(","cmd":"v)", version,
                       R"( {{text}} {{zk}}","instances":1,
                           "portDefinitions":[{"name":"web"}]})")}}};
    Publish();
  }

  void TakeAway(const std::string& package, int64_t release) {
    releases_.erase({package, -release});
    Publish();
  }

  void Publish() {
    // The highest first.
    tests::SnapshotBuilder builder;
    for (const auto& [key, added] : releases_) {
      builder.AddRelease(key.first, -key.second, added.version, added.files);
    }
    snapshot_ = builder.Build();
  }

  // Installs with all that it needs, and lets it run.
  void Install(const std::string& package, const std::string& range,
               const std::string& options = "", const std::string& name = "") {
    InstallRequest request;
    request.cluster = "local";
    request.package = package;
    request.range = range;
    request.options = options;
    request.service = name;
    ASSERT_THAT(installer_.Install(request, ""), IsOk());
    Finish();
  }

  void Finish() {
    for (int i = 0; i < 6; ++i) {
      runner_.Tick();
      for (auto& [service, app] : cluster_->apps) {
        app.state = AppState::kRunning;
      }
    }
  }

  static UpgradeRequest Request(const std::string& service,
                                const std::string& range = "") {
    UpgradeRequest request;
    request.cluster = "local";
    request.service = service;
    request.range = range;
    return request;
  }

  // `update zk 3.4 -> 3.5: reason`.
  std::vector<std::string> Steps(const UpgradeRequest& request) {
    return StepsOf(upgrader_.MakeUpgradePlan(request));
  }

  static std::vector<std::string> StepsOf(const absl::StatusOr<Plan>& plan) {
    EXPECT_THAT(plan, IsOk());
    std::vector<std::string> lines;
    if (!plan.ok()) return lines;
    for (const PlanStep& step : plan->steps) {
      const bool is_update = step.action == PlanAction::kUpdate;
      lines.push_back(absl::StrCat(
          is_update                            ? "update "
          : step.action == PlanAction::kRemove ? "remove "
                                               : "apply ",
          step.service, " ",
          is_update ? absl::StrCat(step.from_version, " -> ") : "",
          step.version, step.reason.empty() ? "" : ": ", step.reason));
    }
    return lines;
  }

  // As if a version that kept no log had installed it.
  void ForgetTree(const std::string& service) {
    StoredService stored = *store_.GetService("local", service);
    stored.record.tree.clear();
    Operation ended;
    ended.name = absl::StrCat("forgets ", service);
    ended.state = OperationState::kSucceeded;
    ASSERT_THAT(store_.Put(ended, stored.record, stored.revision), IsOk());
  }

  std::string VersionOf(const std::string& service) {
    return store_.GetService("local", service)->record.version;
  }

  struct Added {
    std::string version;
    std::map<std::string, std::string> files;
  };

  // By package and negative number.
  std::map<std::pair<std::string, int64_t>, Added> releases_;
  std::unique_ptr<registry::SqliteStateStore> state_ =
      *registry::SqliteStateStore::Open(":memory:");
  CatalogStore store_{state_.get()};
  Clusters clusters_;
  tests::FakeOrchestrator* cluster_;
  registry::SnapshotPtr snapshot_;
  // Of plans, and before the cluster is told something; null: everything may
  // start.
  ReleaseAdmissionPtr admission_;
  OperationRunner runner_{&store_, &clusters_, [] { return absl::UnixEpoch(); },
                          [this] { return admission_; }};
  PackageResolver resolver_{
      [this](absl::string_view cluster) { return store_.ListRunning(cluster); },
      &clusters_, [this] { return snapshot_; }, [this] { return admission_; }};
  Planner planner_{&store_,
                   &clusters_,
                   &runner_,
                   &resolver_,
                   [this] { return snapshot_; },
                   [] { return absl::UnixEpoch(); },
                   nullptr};
  Installer installer_{&planner_};
  Services services_{&store_, &clusters_, &runner_, nullptr};
  Upgrader upgrader_{&planner_, &services_};
  Uninstaller uninstaller_{&planner_, &services_};
};

}  // namespace orrery::catalog

#endif  // CATALOG_PLANNING_PLANNING_FIXTURE_H_
