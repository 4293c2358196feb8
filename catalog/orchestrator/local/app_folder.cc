#include "catalog/orchestrator/local/app_folder.h"

#include <unistd.h>

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

#include "catalog/manifest/marathon_validation.h"
#include "catalog/orchestrator/local/app_record.h"
#include "registry/format/json_parse.h"
#include "registry/store/durable_file.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::ReadWholeFile;

constexpr int64_t kEarlierRecords = 20;

std::string RemoveCommand(absl::string_view path) {
  return absl::StrCat("rm -r -- '", absl::StrReplaceAll(path, {{"'", "'\\''"}}),
                      "'");
}

std::string DeployedPath(const std::string& directory) {
  return absl::StrCat(directory, "/deployed");
}

// When that generation came up; nothing when the note is of another one.
std::optional<absl::Time> ReadDeployedTime(const std::string& directory,
                                           int64_t generation) {
  const std::string text = ReadWholeFile(DeployedPath(directory)).value_or("");
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(text, absl::MaxSplits(' ', 1));
  int64_t time = 0;
  int64_t of_generation = 1;
  if (!absl::SimpleAtoi(parts.first, &time)) return std::nullopt;
  if (!parts.second.empty() &&
      !absl::SimpleAtoi(parts.second, &of_generation)) {
    return std::nullopt;
  }
  if (of_generation != generation) return std::nullopt;
  return absl::FromUnixMicros(time);
}

std::string EarlierRecordPath(const std::string& directory,
                              int64_t generation) {
  return absl::StrCat(directory, "/versions/", generation, ".json");
}

// Fills in what can be known of the app, also when the status says that
// something is wrong with it.
absl::Status DecodeApp(const std::string& text, const std::string& name,
                       const LocalConfig& config, LocalApp* app) {
  ORRERY_ASSIGN_OR_RETURN(AppRecord record, DecodeAppRecord(text));
  if (ServiceFileName(record.service) != name) {
    return absl::DataLossError(
        absl::StrCat("its record is that of service '", record.service, "'"));
  }
  app->record = std::move(record);
  const std::optional<absl::Time> deployed =
      ReadDeployedTime(app->directory, app->record.generation);
  if (deployed.has_value()) app->record.deployed_time = deployed;
  app->slots = MakeSlots(*app);
  ORRERY_ASSIGN_OR_RETURN(const registry::JsonDocument document,
                          registry::ParseJson(app->record.manifest));
  MarathonApp manifest = CheckMarathonApp(document.root, {}).app;
  for (const std::vector<int>& ports : app->record.ports) {
    if (ports.size() != manifest.port_definitions.size()) {
      return absl::DataLossError("its ports are not those of its manifest");
    }
  }
  const absl::StatusOr<TaskUser> user =
      FindTaskUser(manifest.user, config.allow_root);
  // A check would run as the wrong user.
  if (!user.ok()) manifest.health_checks.clear();
  app->app = std::make_shared<const MarathonApp>(std::move(manifest));
  app->slots = MakeSlots(*app);
  if (!user.ok()) return user.status();
  app->user = *user;
  return absl::OkStatus();
}

}  // namespace

std::string AppsDirectory(const LocalConfig& config) {
  return absl::StrCat(config.state_dir, "/apps");
}

std::string InstancesDirectory(const LocalConfig& config) {
  return absl::StrCat(config.state_dir, "/instances");
}

std::string ServiceVolumeDirectory(const LocalConfig& config,
                                   absl::string_view service) {
  return absl::StrCat(config.state_dir, "/volumes/", ServiceFileName(service));
}

std::string VolumeDirectory(const LocalConfig& config,
                            absl::string_view service, int slot) {
  return absl::StrCat(ServiceVolumeDirectory(config, service), "/", slot);
}

absl::StatusOr<LocalApp> ReadApp(const LocalConfig& config,
                                 const std::string& name) {
  LocalApp app;
  app.directory = absl::StrCat(AppsDirectory(config), "/", name);
  app.record.service = ServiceOfFileName(name);
  MarathonApp unknown;
  unknown.id = absl::StrCat("/", app.record.service);
  app.app = std::make_shared<const MarathonApp>(std::move(unknown));
  const absl::StatusOr<std::string> text =
      ReadWholeFile(absl::StrCat(app.directory, "/app.json"));
  if (absl::IsNotFound(text.status())) return text.status();
  const absl::Status read =
      text.ok() ? DecodeApp(*text, name, config, &app) : text.status();
  if (!read.ok()) {
    app.problem = absl::StrCat(
        "the app in '", app.directory, "' cannot be run: ", read.message(),
        "; put that right and restart orreryd, or uninstall the service");
  }
  return app;
}

LocalApp AppOfGeneration(const LocalConfig& config, const LocalApp& app,
                         int64_t generation) {
  LocalApp earlier;
  earlier.directory = app.directory;
  earlier.app = app.app;
  const absl::StatusOr<std::string> text =
      ReadWholeFile(EarlierRecordPath(app.directory, generation));
  if (text.ok() &&
      DecodeApp(*text, ServiceFileName(app.record.service), config, &earlier)
          .ok()) {
    return earlier;
  }
  MarathonApp unchecked = *app.app;
  unchecked.health_checks.clear();
  unchecked.readiness_checks.clear();
  earlier.record = app.record;
  earlier.user = app.user;
  earlier.app = std::make_shared<const MarathonApp>(std::move(unchecked));
  return earlier;
}

absl::Status SaveAppRecord(const AppRecord& record,
                           const std::string& directory) {
  return registry::WriteDurably(absl::StrCat(directory, "/app.json"),
                                EncodeAppRecord(record));
}

absl::Status SaveEarlierRecord(const AppRecord& record,
                               const std::string& directory) {
  ORRERY_RETURN_IF_ERROR(
      registry::MakeDirectory(absl::StrCat(directory, "/versions"), 0700));
  ORRERY_RETURN_IF_ERROR(
      registry::WriteDurably(EarlierRecordPath(directory, record.generation),
                             EncodeAppRecord(record)));
  unlink(EarlierRecordPath(directory, record.generation - kEarlierRecords)
             .c_str());
  return absl::OkStatus();
}

absl::StatusOr<AppRecord> ReadEarlierRecord(const std::string& directory,
                                            int64_t generation) {
  ORRERY_ASSIGN_OR_RETURN(
      const std::string text,
      ReadWholeFile(EarlierRecordPath(directory, generation)));
  return DecodeAppRecord(text);
}

void WriteDeployedTime(const std::string& directory, int64_t generation,
                       absl::Time time) {
  registry::WriteWhole(DeployedPath(directory),
                       absl::StrCat(absl::ToUnixMicros(time), " ", generation))
      .IgnoreError();
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
  receipt.kept = LeftBehind(config, app.record.service, app.ended).kept;
  return receipt;
}

RemovalReceipt LeftBehind(const LocalConfig& config, absl::string_view service,
                          const std::deque<EndedInstance>& ended) {
  RemovalReceipt receipt;
  for (const EndedInstance& instance : ended) {
    receipt.kept.push_back(
        {"sandbox", instance.directory, RemoveCommand(instance.directory)});
  }
  const std::string volumes = ServiceVolumeDirectory(config, service);
  if (access(volumes.c_str(), F_OK) == 0) {
    receipt.kept.push_back({"volume", volumes, RemoveCommand(volumes)});
  }
  return receipt;
}

}  // namespace orrery::catalog
