#include "catalog/orchestrator/task/task_user.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace orrery::catalog {
namespace {

constexpr size_t kBufferSize = 65536;

std::vector<gid_t> GroupsOf(const std::string& name, gid_t group) {
  int count = 64;
  std::vector<gid_t> groups(static_cast<size_t>(count));
  if (getgrouplist(name.c_str(), group, groups.data(), &count) < 0) {
    groups.resize(static_cast<size_t>(count));
    getgrouplist(name.c_str(), group, groups.data(), &count);
  }
  groups.resize(static_cast<size_t>(count));
  return groups;
}

}  // namespace

absl::StatusOr<TaskUser> FindTaskUser(absl::string_view name, bool allow_root) {
  const uid_t self = geteuid();
  std::vector<char> buffer(kBufferSize);
  passwd entry = {};
  passwd* found = nullptr;
  if (name.empty()) {
    getpwuid_r(self, &entry, buffer.data(), buffer.size(), &found);
    return TaskUser{found == nullptr ? absl::StrCat(self) : found->pw_name,
                    self,
                    getegid(),
                    {},
                    false};
  }
  const std::string wanted(name);
  getpwnam_r(wanted.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("user '", wanted, "' does not exist on this host"));
  }
  if (found->pw_uid == 0 && !allow_root) {
    return absl::InvalidArgumentError(
        absl::StrCat("user '", wanted,
                     "' is root, which needs allow_root in the "
                     "configuration of the cluster"));
  }
  if (found->pw_uid != self && self != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("user '", wanted,
                     "' is not the one orreryd runs as, and only root may "
                     "start tasks of others"));
  }
  return TaskUser{wanted, found->pw_uid, found->pw_gid,
                  GroupsOf(wanted, found->pw_gid), found->pw_uid != self};
}

}  // namespace orrery::catalog
