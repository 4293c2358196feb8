#include "catalog/orchestrator/app_folder.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "catalog/orchestrator/app_record.h"
#include "catalog/orchestrator/marathon_validation.h"
#include "registry/durable_file.h"
#include "registry/format/json_parse.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::ReadWholeFile;

std::string RemoveCommand(absl::string_view path) {
  return absl::StrCat("rm -r -- '", absl::StrReplaceAll(path, {{"'", "'\\''"}}),
                      "'");
}

}  // namespace

std::string ServiceVolumeDirectory(const LocalConfig& config,
                                   absl::string_view service) {
  return absl::StrCat(config.state_dir, "/volumes/", ServiceFileName(service));
}

std::string VolumeDirectory(const LocalConfig& config,
                            absl::string_view service, int slot) {
  return absl::StrCat(ServiceVolumeDirectory(config, service), "/", slot);
}

absl::StatusOr<LocalApp> ReadApp(const std::string& directory,
                                 const LocalConfig& config) {
  ORRERY_ASSIGN_OR_RETURN(const std::string text,
                          ReadWholeFile(absl::StrCat(directory, "/app.json")));
  const auto broken = [&directory](absl::string_view reason) {
    return absl::DataLossError(
        absl::StrCat("the app in '", directory, "' cannot be read: ", reason,
                     "; move the folder away to start without it"));
  };
  absl::StatusOr<AppRecord> record = DecodeAppRecord(text);
  if (!record.ok()) return broken(record.status().message());
  const absl::StatusOr<registry::JsonDocument> manifest =
      registry::ParseJson(record->manifest);
  if (!manifest.ok()) return broken(manifest.status().message());
  LocalApp app;
  app.app = std::make_shared<const MarathonApp>(
      CheckMarathonApp(manifest->root, MarathonFeatures{}).app);
  absl::StatusOr<TaskUser> user =
      FindTaskUser(app.app->user, config.allow_root);
  if (!user.ok()) return broken(user.status().message());
  app.user = *std::move(user);
  app.directory = directory;
  app.record = *std::move(record);
  app.slots = MakeSlots(app);
  return app;
}

std::vector<LocalSlot> MakeSlots(const LocalApp& app) {
  std::vector<LocalSlot> slots;
  for (size_t i = 0; i < app.record.ports.size(); ++i) {
    slots.emplace_back(static_cast<int>(i), app.record.ports[i],
                       Backoff(app.app->backoff, app.app->backoff_factor,
                               app.app->max_launch_delay));
  }
  return slots;
}

RemovalReceipt MakeReceipt(const LocalApp& app, const LocalConfig& config) {
  RemovalReceipt receipt;
  receipt.removed.push_back({"app", app.app->id});
  for (const std::string& task : app.stopped_tasks) {
    receipt.removed.push_back({"task", task});
  }
  for (const LocalSlot& slot : app.slots) {
    for (const int port : slot.ports) {
      receipt.removed.push_back({"port", absl::StrCat(port)});
    }
  }
  for (const EndedInstance& ended : app.ended) {
    receipt.kept.push_back(
        {"sandbox", ended.directory, RemoveCommand(ended.directory)});
  }
  if (app.app->Resident()) {
    const std::string volumes =
        ServiceVolumeDirectory(config, app.record.service);
    receipt.kept.push_back({"volume", volumes, RemoveCommand(volumes)});
  }
  return receipt;
}

}  // namespace orrery::catalog
