#include "catalog/orchestrator/task/control_group.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "registry/store/durable_file.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::FileError;
using registry::ReadWholeFile;

// Where orreryd is, and where its instances are, below the delegated group.
constexpr absl::string_view kSupervisor = "/supervisor";
constexpr absl::string_view kInstances = "/instances";
constexpr absl::string_view kControllers[] = {"cpu", "memory", "pids"};

absl::Status WriteControlFile(const std::string& path,
                              const std::string& value) {
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return FileError("cannot set limit", path, errno);
  const ssize_t written = write(file, value.data(), value.size());
  const int error = errno;
  close(file);
  if (written == static_cast<ssize_t>(value.size())) return absl::OkStatus();
  return FileError("cannot set limit", path, error);
}

// Where the tree of groups v2 is mounted; empty when it is not.
std::string MountPoint(absl::string_view mounts) {
  for (const absl::string_view line : absl::StrSplit(mounts, '\n')) {
    // id parent device root POINT options … - TYPE source options
    const std::vector<absl::string_view> halves = absl::StrSplit(line, " - ");
    const std::vector<absl::string_view> fields =
        absl::StrSplit(halves.front(), ' ');
    if (halves.size() == 2 && fields.size() > 4 &&
        absl::StartsWith(halves[1], "cgroup2 ")) {
      return std::string(fields[4]);
    }
  }
  return "";
}

absl::Status EnableControllers(const std::string& group) {
  ORRERY_ASSIGN_OR_RETURN(
      const std::string there,
      ReadWholeFile(absl::StrCat(group, "/cgroup.controllers")));
  const std::vector<absl::string_view> names =
      absl::StrSplit(absl::StripSuffix(there, "\n"), ' ');
  for (const absl::string_view controller : kControllers) {
    if (std::find(names.begin(), names.end(), controller) == names.end()) {
      return absl::FailedPreconditionError(absl::StrCat(
          "control group '", group, "' has no controller '", controller, "'"));
    }
    ORRERY_RETURN_IF_ERROR(
        WriteControlFile(absl::StrCat(group, "/cgroup.subtree_control"),
                         absl::StrCat("+", controller)));
  }
  return absl::OkStatus();
}

}  // namespace

std::string OwnControlGroup(absl::string_view membership,
                            absl::string_view mounts) {
  const std::string mount = MountPoint(mounts);
  if (mount.empty()) return "";
  for (absl::string_view line : absl::StrSplit(membership, '\n')) {
    if (absl::ConsumePrefix(&line, "0::/")) {
      return line.empty() ? mount : absl::StrCat(mount, "/", line);
    }
  }
  return "";
}

absl::StatusOr<std::string> PrepareControlGroups(const std::string& own) {
  absl::string_view delegated = own;
  if (!absl::ConsumeSuffix(&delegated, kSupervisor)) {
    return absl::FailedPreconditionError(
        "orreryd is not in a subgroup 'supervisor' of a delegated control "
        "group v2");
  }
  const std::string parent(delegated);
  std::string instances = absl::StrCat(parent, kInstances);
  ORRERY_RETURN_IF_ERROR(EnableControllers(parent));
  if (mkdir(instances.c_str(), 0755) != 0 && errno != EEXIST) {
    return FileError("cannot make control group", instances, errno);
  }
  ORRERY_RETURN_IF_ERROR(EnableControllers(instances));
  return instances;
}

absl::StatusOr<std::string> FindControlGroups() {
  return PrepareControlGroups(
      OwnControlGroup(ReadWholeFile("/proc/self/cgroup").value_or(""),
                      ReadWholeFile("/proc/self/mountinfo").value_or("")));
}

absl::Status MakeControlGroup(const std::string& path, const MarathonApp& app) {
  if (path.empty()) return absl::OkStatus();
  if (mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) {
    return FileError("cannot make control group", path, errno);
  }
  const auto bytes = static_cast<int64_t>(app.mem * 1024 * 1024);
  // One cpu is the default weight, 100.
  const auto weight = static_cast<int64_t>(app.cpus * 100);
  ORRERY_RETURN_IF_ERROR(
      WriteControlFile(absl::StrCat(path, "/memory.max"), absl::StrCat(bytes)));
  ORRERY_RETURN_IF_ERROR(
      WriteControlFile(absl::StrCat(path, "/cpu.weight"),
                       absl::StrCat(std::clamp<int64_t>(weight, 1, 10000))));
  return WriteControlFile(absl::StrCat(path, "/pids.max"), "4096");
}

}  // namespace orrery::catalog
