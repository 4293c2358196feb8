#include "catalog/orchestrator/task/task_launch.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "catalog/manifest/marathon_normalization.h"
#include "catalog/orchestrator/task/control_group.h"
#include "catalog/orchestrator/task/local_environment.h"
#include "catalog/orchestrator/task/shim_spawn.h"
#include "catalog/orchestrator/task/unpack.h"
#include "registry/format/artifact_uri.h"
#include "registry/format/json_parse.h"
#include "registry/format/json_value.h"
#include "registry/git/descriptor.h"
#include "registry/store/durable_file.h"
#include "signing/digest.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::Descriptor;

using registry::FileError;
using registry::MakeDirectory;
using registry::ReadWholeFile;
using registry::WriteDurably;
using registry::WriteWhole;

// A shim that has not reported by then is looked at again later.
constexpr absl::Duration kReportPatience = absl::Seconds(10);

// The program of a command line as PATH finds it; what is not found stays as it
// is, and the shim says so.
std::string FindProgram(const std::string& name,
                        const std::vector<std::string>& environment) {
  if (absl::StrContains(name, "/")) return name;
  for (absl::string_view variable : environment) {
    if (!absl::ConsumePrefix(&variable, "PATH=")) continue;
    for (const absl::string_view folder : absl::StrSplit(variable, ':')) {
      std::string path = absl::StrCat(folder, "/", name);
      if (access(path.c_str(), X_OK) == 0) return path;
    }
  }
  return name;
}

absl::Status GiveTo(const TaskUser& user, const std::string& path) {
  if (!user.differs) return absl::OkStatus();
  if (lchown(path.c_str(), user.user, user.group) == 0) {
    return absl::OkStatus();
  }
  return FileError("cannot give away", path, errno);
}

// Folders between the sandbox and the last part of a relative path.
absl::Status MakeParents(const std::string& sandbox, absl::string_view relative,
                         const TaskUser& user) {
  std::string at = sandbox;
  const std::vector<absl::string_view> parts = absl::StrSplit(relative, '/');
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    absl::StrAppend(&at, "/", parts[i]);
    ORRERY_RETURN_IF_ERROR(MakeDirectory(at, 0755));
    ORRERY_RETURN_IF_ERROR(GiveTo(user, at));
  }
  return absl::OkStatus();
}

absl::Status CopyContent(const registry::ArtifactFile& from,
                         const std::string& path, mode_t mode) {
  const Descriptor to(open(path.c_str(),
                           O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                           mode));
  if (!to.ok()) return FileError("cannot create", path, errno);
  fchmod(to.get(), mode);
  off_t offset = 0;
  while (offset < from.size()) {
    const ssize_t copied =
        copy_file_range(from.descriptor(), &offset, to.get(), nullptr,
                        static_cast<size_t>(from.size() - offset), 0);
    if (copied > 0) continue;
    if (copied < 0 && errno != EXDEV && errno != EINVAL && errno != ENOSYS &&
        errno != EOPNOTSUPP) {
      return FileError("cannot write", path, errno);
    }
    // Some file systems cannot copy inside the kernel.
    ORRERY_ASSIGN_OR_RETURN(const std::string bytes,
                            from.ReadAt(offset, int64_t{1} << 20));
    const ssize_t written = write(to.get(), bytes.data(), bytes.size());
    if (written < 0) return FileError("cannot write", path, errno);
    offset += static_cast<off_t>(written);
  }
  return absl::OkStatus();
}

// Puts one artifact into the sandbox; gives what was made there.
absl::StatusOr<std::vector<std::string>> PlaceArtifact(
    const AppFetch& fetch, const registry::ArtifactFile& file,
    const std::string& stored_path, const LaunchPlan& plan,
    const LocalConfig& config) {
  const std::string name =
      fetch.dest_path.empty() ? ArtifactFileName(fetch.uri) : fetch.dest_path;
  const std::string sandbox = SandboxOf(plan.directory);
  const std::string path = absl::StrCat(sandbox, "/", name);
  ORRERY_RETURN_IF_ERROR(MakeParents(sandbox, name, plan.user));
  if (fetch.executable || !fetch.extract || !ExtractsByExtension(name)) {
    ORRERY_RETURN_IF_ERROR(
        CopyContent(file, path, fetch.executable ? 0755 : 0644));
    ORRERY_RETURN_IF_ERROR(GiveTo(plan.user, path));
    return std::vector<std::string>{name};
  }
  const Descriptor folder(
      open(sandbox.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  UnpackOptions options;
  options.max_entries = config.artifact_limits.max_entries;
  options.max_bytes = config.artifact_limits.max_unpacked_bytes;
  if (plan.user.differs) options.owner = {plan.user.user, plan.user.group};
  absl::StatusOr<std::vector<std::string>> made =
      Unpack(file.descriptor(), name, folder.get(), options);
  if (!made.ok()) {
    return absl::Status(
        made.status().code(),
        absl::StrCat("artifact '", fetch.uri, "': ", made.status().message()));
  }
  // An entry of the archive may have the archive's own name; it wins.
  if (symlink(stored_path.c_str(), path.c_str()) == 0) made->push_back(name);
  return made;
}

absl::Status FetchAll(const LaunchPlan& plan, const LocalConfig& config,
                      ArtifactFetcher* fetcher) {
  std::vector<registry::JsonValue> fetched;
  for (const AppFetch& fetch : plan.app->fetch) {
    const std::optional<signing::Digest> digest =
        PinOf(plan.artifacts, fetch.uri);
    if (!digest.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("artifact '", fetch.uri, "' has no digest"));
    }
    ORRERY_ASSIGN_OR_RETURN(
        const registry::ArtifactFile file,
        fetcher->Fetch(fetch.uri, *digest, plan.progress.get()));
    ORRERY_RETURN_IF_ERROR(
        CheckPinnedSize(plan.artifacts, fetch.uri, file.size()));
    ORRERY_ASSIGN_OR_RETURN(
        const std::vector<std::string> made,
        PlaceArtifact(fetch, file, fetcher->StoredPath(*digest), plan, config));
    for (const std::string& name : made) {
      fetched.push_back(registry::JsonValue::String(name));
    }
  }
  if (fetched.empty()) return absl::OkStatus();
  return WriteWhole(
      absl::StrCat(plan.directory, "/fetched.json"),
      registry::WriteJson(registry::JsonValue::Array(std::move(fetched))));
}

absl::Status LinkVolume(const AppVolume& volume, const LaunchPlan& plan) {
  const std::string sandbox = SandboxOf(plan.directory);
  std::string target = volume.host_path.value_or("");
  if (volume.persistent) {
    target = absl::StrCat(plan.volume_directory, "/", volume.container_path);
    ORRERY_RETURN_IF_ERROR(MakeDirectory(
        std::filesystem::path(plan.volume_directory).parent_path().string(),
        0711));
    ORRERY_RETURN_IF_ERROR(MakeDirectory(plan.volume_directory, 0711));
    ORRERY_RETURN_IF_ERROR(MakeDirectory(target, 0750));
    ORRERY_RETURN_IF_ERROR(GiveTo(plan.user, target));
  }
  // An absolute path is the same on this host; nothing is to be linked.
  if (absl::StartsWith(volume.container_path, "/")) return absl::OkStatus();
  const std::string path = absl::StrCat(sandbox, "/", volume.container_path);
  ORRERY_RETURN_IF_ERROR(
      MakeParents(sandbox, volume.container_path, plan.user));
  if (symlink(target.c_str(), path.c_str()) != 0) {
    return FileError("cannot link volume", path, errno);
  }
  return absl::OkStatus();
}

// The task may have put a link to /etc where a folder was, and orreryd may be
// root: no part of the way is followed when it is a link.
void UnlinkBelow(const std::string& folder, absl::string_view relative) {
  int at =
      open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  const std::vector<std::string> parts =
      absl::StrSplit(relative, '/', absl::SkipEmpty());
  for (size_t i = 0; at >= 0 && i + 1 < parts.size(); ++i) {
    const int next = openat(at, parts[i].c_str(),
                            O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    close(at);
    at = next;
  }
  if (at < 0) return;
  if (!parts.empty()) unlinkat(at, parts.back().c_str(), 0);
  close(at);
}

std::string DigestOf(const std::vector<std::string>& environment) {
  return signing::Digest::Of(
             absl::StrJoin(environment, absl::string_view("\0", 1)))
      .Hex();
}

}  // namespace

std::string SandboxOf(const std::string& instance_directory) {
  return absl::StrCat(instance_directory, "/sandbox");
}

std::optional<signing::Digest> PinOf(const std::vector<ArtifactPin>& pins,
                                     absl::string_view uri) {
  if (registry::IsArtifactUri(uri)) {
    const absl::StatusOr<registry::ArtifactUri> parsed =
        registry::ParseArtifactUri(uri);
    if (parsed.ok()) return parsed->digest;
    return std::nullopt;
  }
  for (const ArtifactPin& pin : pins) {
    if (pin.uri != uri) continue;
    const absl::StatusOr<signing::Digest> digest =
        signing::Digest::ParseHex(pin.sha256);
    if (digest.ok()) return *digest;
  }
  return std::nullopt;
}

absl::Status CheckPinnedSize(const std::vector<ArtifactPin>& pins,
                             absl::string_view uri, int64_t size) {
  for (const ArtifactPin& pin : pins) {
    if (pin.uri != uri || pin.size.value_or(size) == size) continue;
    return absl::DataLossError(absl::StrCat("'", uri, "' has ", size,
                                            " bytes, and artifacts.json says ",
                                            *pin.size));
  }
  return absl::OkStatus();
}

LaunchSpec TaskSpec(const LaunchPlan& plan, const LocalConfig& config) {
  EnvironmentContext context;
  context.task_id = plan.record.task_id;
  context.app_version = plan.app_version;
  context.sandbox = SandboxOf(plan.directory);
  context.user = plan.user.name;
  context.host = config.advertised_host;
  context.ports = plan.record.ports;

  LaunchSpec spec;
  spec.environment = BuildEnvironment(*plan.app, context);
  if (plan.app->cmd.has_value()) {
    spec.arguments = {"/bin/sh", "-c", *plan.app->cmd};
  } else {
    spec.arguments = plan.app->args.value_or(std::vector<std::string>{});
    if (!spec.arguments.empty()) {
      spec.arguments[0] = FindProgram(spec.arguments[0], spec.environment);
    }
  }
  spec.directory = context.sandbox;
  spec.cgroup = plan.record.cgroup;
  if (plan.user.differs) {
    spec.user = plan.user.user;
    spec.group = plan.user.group;
    spec.supplementary_groups.assign(plan.user.supplementary_groups.begin(),
                                     plan.user.supplementary_groups.end());
  }
  spec.grace_milliseconds =
      static_cast<uint32_t>(absl::ToInt64Milliseconds(plan.app->KillGrace()));
  return spec;
}

absl::Status PrepareSandbox(const LaunchPlan& plan, const LocalConfig& config,
                            ArtifactFetcher* fetcher) {
  const std::string sandbox = SandboxOf(plan.directory);
  ORRERY_RETURN_IF_ERROR(MakeDirectory(plan.directory, 0711));
  ORRERY_RETURN_IF_ERROR(
      MakeDirectory(absl::StrCat(plan.directory, "/logs"), 0700));
  ORRERY_RETURN_IF_ERROR(MakeDirectory(sandbox, 0750));
  ORRERY_RETURN_IF_ERROR(GiveTo(plan.user, sandbox));
  ORRERY_RETURN_IF_ERROR(FetchAll(plan, config, fetcher));
  if (plan.app->container.has_value()) {
    for (const AppVolume& volume : plan.app->container->volumes) {
      ORRERY_RETURN_IF_ERROR(LinkVolume(volume, plan));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<StartedShim> StartShim(const LaunchPlan& plan,
                                      const LaunchSpec& spec,
                                      const LocalConfig& config) {
  InstanceRecord record = plan.record;
  record.environment_digest = DigestOf(spec.environment);
  ORRERY_RETURN_IF_ERROR(
      WriteDurably(absl::StrCat(plan.directory, "/instance.json"),
                   EncodeInstanceRecord(record)));
  ORRERY_RETURN_IF_ERROR(MakeControlGroup(record.cgroup, *plan.app));
  const std::string lock_path = absl::StrCat(plan.directory, "/lock");
  const Descriptor lock(
      open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.ok() || flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return FileError("cannot lock", lock_path, errno);
  }
  absl::StatusOr<SpawnedShim> shim =
      SpawnShim(config.shim_path, {"task", plan.directory}, spec, lock.get(),
                kReportPatience);
  if (!shim.ok()) return shim.status();
  return StartedShim{std::move(shim->handle), shim->pid, shim->reported};
}

absl::StatusOr<ProcessHandle> StartCheck(const LaunchSpec& spec,
                                         const LocalConfig& config) {
  absl::StatusOr<SpawnedShim> shim = SpawnShim(
      config.shim_path, {"check"}, spec, /*lock=*/-1, absl::ZeroDuration());
  if (!shim.ok()) return shim.status();
  return std::move(shim->handle);
}

void RemoveFetched(const std::string& instance_directory) {
  const std::string list = absl::StrCat(instance_directory, "/fetched.json");
  const absl::StatusOr<std::string> text = ReadWholeFile(list);
  if (!text.ok()) return;
  registry::JsonLimits limits;
  limits.max_bytes = size_t{256} << 20;
  const absl::StatusOr<registry::JsonDocument> names =
      registry::ParseJson(*text, limits);
  if (!names.ok()) return;
  for (const registry::JsonValue& name : names->root.items()) {
    UnlinkBelow(SandboxOf(instance_directory), name.text());
  }
  unlink(list.c_str());
}

}  // namespace orrery::catalog
