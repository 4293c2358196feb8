#include "catalog/orchestrator/local/local_orchestrator.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "catalog/orchestrator/local/app_folder.h"
#include "catalog/orchestrator/local/local_apps.h"
#include "catalog/orchestrator/local/local_log_reader.h"
#include "catalog/orchestrator/local/local_rollout.h"
#include "catalog/orchestrator/local/local_rules.h"
#include "catalog/orchestrator/local/local_supervisor.h"
#include "catalog/orchestrator/task/artifact_fetch.h"
#include "catalog/orchestrator/task/local_environment.h"
#include "catalog/orchestrator/task/task_user.h"
#include "catalog/orchestrator/update_rules.h"
#include "registry/format/json_parse.h"
#include "registry/store/durable_file.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::FileError;
using registry::MakeDirectory;

absl::Status CannotRun(const AppRequest& request, const CheckedApp& checked) {
  return absl::InvalidArgumentError(absl::StrCat(
      "the app of service '", request.service, "' cannot run here: ",
      absl::StrJoin(checked.violations, "; ",
                    [](std::string* out, const Violation& violation) {
                      absl::StrAppend(out, violation.path, ": ",
                                      violation.text);
                    })));
}

absl::StatusOr<NewApp> MakeNewApp(const AppRequest& request, MarathonApp app,
                                  const LocalConfig& config) {
  NewApp added;
  added.request = request;
  ORRERY_ASSIGN_OR_RETURN(added.user,
                          FindTaskUser(app.user, config.allow_root));
  added.app = std::make_shared<const MarathonApp>(std::move(app));
  return added;
}

}  // namespace

LocalOrchestrator::LocalOrchestrator(LocalConfig config,
                                     registry::ArtifactStore* store, int lock)
    : config_(std::move(config)),
      store_(store),
      lock_(lock),
      java_(kInstancePath),
      fetcher_(std::make_unique<ArtifactFetcher>(store, config_.artifact_limits,
                                                 config_.allow_host_paths)),
      apps_(std::make_unique<LocalApps>(&config_)) {}

std::map<std::string, std::string> LocalOrchestrator::Facts() {
  std::map<std::string, std::string> facts;
  if (!config_.version.empty()) facts["@orchestrator"] = config_.version;
  const std::string java = java_.Get();
  if (!java.empty()) facts["@java"] = java;
  return facts;
}

LocalOrchestrator::~LocalOrchestrator() { close(lock_); }

absl::StatusOr<std::unique_ptr<LocalOrchestrator>> LocalOrchestrator::Open(
    LocalConfig config, registry::ArtifactStore* store) {
  if (access(config.shim_path.c_str(), X_OK) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("the program '", config.shim_path,
                     "' is missing; it belongs beside orreryd"));
  }
  ORRERY_RETURN_IF_ERROR(MakeDirectory(config.state_dir, 0711));
  const std::string path = absl::StrCat(config.state_dir, "/lock");
  const int lock = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return FileError("cannot open", path, errno);
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    close(lock);
    return absl::FailedPreconditionError(
        absl::StrCat("'", config.state_dir, "' is in use by another orreryd"));
  }
  auto orchestrator = std::unique_ptr<LocalOrchestrator>(
      new LocalOrchestrator(std::move(config), store, lock));
  ORRERY_RETURN_IF_ERROR(orchestrator->apps_->Load(absl::Now()));
  orchestrator->supervisor_ = std::make_unique<LocalSupervisor>(
      &orchestrator->config_, orchestrator->fetcher_.get(),
      orchestrator->apps_.get());
  return orchestrator;
}

std::vector<std::string> LocalOrchestrator::Notes() const {
  std::vector<std::string> notes = {
      "this is one host and not a cluster: when it fails, everything on it "
      "does",
      "data of services is on this host's disk and is lost with it"};
  if (geteuid() == 0) {
    notes.push_back("orreryd runs as root, and so do apps that name no user");
  }
  if (config_.cgroup.empty()) {
    notes.push_back("limits of cpus and mem are not enforced");
  }
  if (getpid() == 1) {
    notes.push_back(
        "services do not survive a restart of orreryd: it is the first "
        "process of its container");
  }
  for (const std::string& stray : apps_->Strays()) {
    notes.push_back(absl::StrCat(
        "an instance that belongs to no service was stopped; its files are in "
        "'",
        stray, "'"));
  }
  return notes;
}

CheckedApp LocalOrchestrator::Check(const AppRequest& request) const {
  const absl::StatusOr<registry::JsonDocument> document =
      registry::ParseJson(request.manifest);
  if (!document.ok()) {
    CheckedApp broken;
    broken.violations.push_back(
        {"/", absl::StrCat("the manifest is not JSON: ",
                           document.status().message())});
    return broken;
  }
  CheckedApp checked = CheckMarathonApp(document->root, MarathonFeatures{});
  if (checked.violations.empty()) {
    checked.violations = FindLocalViolations(checked.app, request.artifacts,
                                             config_, *fetcher_, *store_);
  }
  if (request.run_once && checked.app.instances != 1) {
    checked.violations.push_back(
        {"/instances", "a job that runs once has one instance"});
  }
  return checked;
}

absl::StatusOr<CheckedApp> LocalOrchestrator::CheckUpdate(
    const AppRequest& request) const {
  ORRERY_ASSIGN_OR_RETURN(const NewApp running, apps_->Find(request.service));
  CheckedApp checked = Check(request);
  if (checked.violations.empty()) {
    checked.violations = FindUpdateViolations(*running.app, checked.app);
  }
  return checked;
}

AppForecast LocalOrchestrator::ForecastOf(const AppRequest& request,
                                          const CheckedApp& checked) const {
  AppForecast forecast;
  forecast.violations = checked.violations;
  if (!forecast.violations.empty()) return forecast;
  forecast.instances = static_cast<int>(checked.app.instances);
  forecast.warnings = FindLocalLosses(checked.app, config_);
  forecast.more = apps_->More(request, checked.app);
  return forecast;
}

std::optional<Resources> LocalOrchestrator::Free() const {
  return apps_->Free();
}

absl::StatusOr<AppForecast> LocalOrchestrator::DryRun(
    const AppRequest& request) {
  CheckedApp checked = Check(request);
  AppForecast forecast = ForecastOf(request, checked);
  if (!forecast.violations.empty()) return forecast;
  ORRERY_ASSIGN_OR_RETURN(const NewApp app,
                          MakeNewApp(request, std::move(checked.app), config_));
  ORRERY_RETURN_IF_ERROR(apps_->CheckRoom(app));
  if (!app.app->Resident()) return forecast;
  const RemovalReceipt left = LeftBehind(config_, request.service, {});
  for (const KeptItem& volume : left.kept) {
    forecast.warnings.push_back(absl::StrCat(
        "it will use the data that an earlier ", request.service, " left in ",
        volume.path, "; to begin anew: ", volume.remove_command));
  }
  return forecast;
}

absl::StatusOr<AppForecast> LocalOrchestrator::DryRunUpdate(
    const AppRequest& request) {
  ORRERY_ASSIGN_OR_RETURN(CheckedApp checked, CheckUpdate(request));
  AppForecast forecast = ForecastOf(request, checked);
  if (!forecast.violations.empty()) return forecast;
  if (PaceOf(checked.app).stop_start) {
    forecast.warnings.push_back(
        "each instance ends before the one that takes its place starts");
  }
  ORRERY_ASSIGN_OR_RETURN(const NewApp app,
                          MakeNewApp(request, std::move(checked.app), config_));
  ORRERY_RETURN_IF_ERROR(apps_->CheckRoomForUpdate(app));
  return forecast;
}

absl::Status LocalOrchestrator::Create(const AppRequest& request) {
  CheckedApp checked = Check(request);
  if (!checked.violations.empty()) return CannotRun(request, checked);
  ORRERY_ASSIGN_OR_RETURN(NewApp app,
                          MakeNewApp(request, std::move(checked.app), config_));
  return apps_->Add(std::move(app));
}

absl::Status LocalOrchestrator::Update(const AppRequest& request) {
  ORRERY_ASSIGN_OR_RETURN(CheckedApp checked, CheckUpdate(request));
  if (!checked.violations.empty()) return CannotRun(request, checked);
  ORRERY_ASSIGN_OR_RETURN(NewApp app,
                          MakeNewApp(request, std::move(checked.app), config_));
  return apps_->Update(std::move(app));
}

absl::StatusOr<AppStatus> LocalOrchestrator::Observe(
    absl::string_view service) {
  return apps_->Observe(service);
}

absl::Status LocalOrchestrator::Remove(absl::string_view service) {
  return apps_->Remove(service);
}

absl::StatusOr<RemovalReceipt> LocalOrchestrator::Receipt(
    absl::string_view service) {
  return apps_->Receipt(service);
}

absl::StatusOr<std::unique_ptr<LogReader>> LocalOrchestrator::ReadLogs(
    absl::string_view service, const LogQuery& query) {
  ORRERY_RETURN_IF_ERROR(apps_->Logs(service, query.task).status());
  return std::make_unique<LocalLogReader>(apps_.get(), std::string(service),
                                          query);
}

}  // namespace orrery::catalog
