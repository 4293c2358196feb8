// The `local` target: Marathon apps as supervised processes on this one host
// (orchestrators.md §3). It is no cluster.

#ifndef CATALOG_ORCHESTRATOR_LOCAL_LOCAL_ORCHESTRATOR_H_
#define CATALOG_ORCHESTRATOR_LOCAL_LOCAL_ORCHESTRATOR_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "catalog/manifest/marathon_validation.h"
#include "catalog/orchestrator/orchestrator.h"
#include "catalog/orchestrator/task/java_version.h"
#include "catalog/orchestrator/task/local_config.h"
#include "registry/store/artifact_store.h"

namespace orrery::catalog {

class ArtifactFetcher;
class LocalApps;
class LocalSupervisor;

// The destructor leaves the apps running; the next Open on the same state_dir
// goes on with them.
class LocalOrchestrator : public Orchestrator {
 public:
  // Locks `config.state_dir`, which is made when missing (its parent must
  // exist), and adopts what runs. kFailedPrecondition when another process has
  // it, kDataLoss when a record in it cannot be understood. `store` must
  // outlive the orchestrator.
  static absl::StatusOr<std::unique_ptr<LocalOrchestrator>> Open(
      LocalConfig config, registry::ArtifactStore* store);
  ~LocalOrchestrator() override;

  absl::string_view kind() const override { return "local"; }
  std::vector<std::string> Notes() const override;
  std::map<std::string, std::string> Facts() override;
  std::optional<Resources> Free() const override;
  absl::StatusOr<AppForecast> DryRun(const AppRequest& request) override;
  absl::Status Create(const AppRequest& request) override;
  absl::StatusOr<AppForecast> DryRunUpdate(const AppRequest& request) override;
  absl::Status Update(const AppRequest& request) override;
  absl::StatusOr<AppStatus> Observe(absl::string_view service) override;
  absl::Status Remove(absl::string_view service) override;
  absl::StatusOr<RemovalReceipt> Receipt(absl::string_view service) override;
  // The reader must not outlive the orchestrator.
  absl::StatusOr<std::unique_ptr<LogReader>> ReadLogs(
      absl::string_view service, const LogQuery& query) override;

 private:
  LocalOrchestrator(LocalConfig config, registry::ArtifactStore* store,
                    int lock);

  // The app with Marathon's violations, or, without any, those of this target.
  CheckedApp Check(const AppRequest& request) const;
  AppForecast ForecastOf(const AppRequest& request,
                         const CheckedApp& checked) const;
  // With the violations of an update, too.
  absl::StatusOr<CheckedApp> CheckUpdate(const AppRequest& request) const;

  const LocalConfig config_;
  registry::ArtifactStore* const store_;
  const int lock_;
  // That instances get.
  JavaVersion java_;
  const std::unique_ptr<ArtifactFetcher> fetcher_;
  const std::unique_ptr<LocalApps> apps_;
  // Nothing before the apps are loaded.
  std::unique_ptr<LocalSupervisor> supervisor_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_LOCAL_LOCAL_ORCHESTRATOR_H_
