#include "registry/git/stray_git.h"

#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace orrery::registry {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(2);

bool HasMark(const std::string& process, const std::string& mark) {
  std::ifstream in(process + "/environ", std::ios::binary);
  const std::string environment{std::istreambuf_iterator<char>(in),
                                std::istreambuf_iterator<char>()};
  const std::string entry = mark + '\0';
  return absl::StartsWith(environment, entry) ||
         absl::StrContains(environment, '\0' + entry);
}

// By a descriptor, which no other process of the same number can take over.
void KillAndWait(pid_t pid, const std::string& mark, absl::Time deadline) {
  const auto process =
      static_cast<int>(::syscall(SYS_pidfd_open, pid, /*flags=*/0));
  if (process < 0) return;
  if (HasMark(absl::StrCat("/proc/", pid), mark) &&
      ::syscall(SYS_pidfd_send_signal, process, SIGKILL, nullptr, 0) == 0) {
    pollfd ended{process, POLLIN, 0};
    const absl::Duration left = deadline - absl::Now();
    ::poll(&ended, 1,
           std::max(0, static_cast<int>(left / absl::Milliseconds(1))));
  }
  ::close(process);
}

}  // namespace

std::string GitMark(const std::string& state_dir) {
  // By number: other servers may see theirs under the same name.
  struct stat facts {};
  if (::stat(state_dir.c_str(), &facts) != 0) return "";
  return absl::StrCat("ORRERY_GIT_OF=", facts.st_dev, ":", facts.st_ino);
}

int EndStrayGit(const std::string& state_dir) {
  const std::string mark = GitMark(state_dir);
  if (mark.empty()) return 0;
  const absl::Time deadline = absl::Now() + kPatience;
  std::set<pid_t> ended;
  // Until a look finds none: one of them may just have started another.
  for (bool found = true; found && absl::Now() < deadline;) {
    found = false;
    std::error_code error;
    for (const auto& entry :
         std::filesystem::directory_iterator("/proc", error)) {
      pid_t pid = 0;
      if (!absl::SimpleAtoi(entry.path().filename().string(), &pid) ||
          !HasMark(entry.path().string(), mark)) {
        continue;
      }
      found = true;
      ended.insert(pid);
      KillAndWait(pid, mark, deadline);
    }
  }
  return static_cast<int>(ended.size());
}

}  // namespace orrery::registry
