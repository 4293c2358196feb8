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
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"

namespace orrery::registry {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(2);

enum class Mark { kNo, kYes, kUnknown };

// Within its exec a process has memory and no environment yet, which may have
// come since it was read; a process of the kernel and one that has ended have
// no memory either (proc(5)).
bool WasWithinExec(const std::string& process) {
  constexpr size_t kMemorySize = 23;
  constexpr size_t kEnvironmentStart = 50;
  constexpr size_t kEnvironmentEnd = 51;
  std::ifstream in(process + "/stat");
  const std::string stat{std::istreambuf_iterator<char>(in),
                         std::istreambuf_iterator<char>()};
  // The second field is the name, in parentheses, with any characters.
  const std::vector<absl::string_view> fields =
      absl::StrSplit(absl::string_view(stat).substr(stat.rfind(')') + 1), ' ');
  const auto field = [&](size_t number) { return fields[number - 2]; };
  if (fields.size() <= kEnvironmentEnd - 2) return false;
  const bool is_empty = field(kEnvironmentEnd) != "0" &&
                        field(kEnvironmentStart) == field(kEnvironmentEnd);
  return field(kMemorySize) != "0" && !is_empty;
}

Mark ReadMark(const std::string& process, const std::string& mark) {
  std::ifstream in(process + "/environ", std::ios::binary);
  if (!in) return Mark::kNo;
  const std::string environment{std::istreambuf_iterator<char>(in),
                                std::istreambuf_iterator<char>()};
  if (environment.empty()) {
    return WasWithinExec(process) ? Mark::kUnknown : Mark::kNo;
  }
  const std::string entry = mark + '\0';
  return absl::StartsWith(environment, entry) ||
                 absl::StrContains(environment, '\0' + entry)
             ? Mark::kYes
             : Mark::kNo;
}

// By a descriptor, which no other process of the same number can take over.
void KillAndWait(pid_t pid, const std::string& mark, absl::Time deadline) {
  const auto process =
      static_cast<int>(::syscall(SYS_pidfd_open, pid, /*flags=*/0));
  if (process < 0) return;
  if (ReadMark(absl::StrCat("/proc/", pid), mark) == Mark::kYes &&
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
  // Until a look finds none: one of them may just have started another, or be
  // within its exec.
  for (bool found = true; found && absl::Now() < deadline;) {
    found = false;
    std::error_code error;
    for (const auto& entry :
         std::filesystem::directory_iterator("/proc", error)) {
      pid_t pid = 0;
      if (!absl::SimpleAtoi(entry.path().filename().string(), &pid)) continue;
      const Mark seen = ReadMark(entry.path().string(), mark);
      if (seen == Mark::kNo) continue;
      found = true;
      if (seen == Mark::kUnknown) continue;
      ended.insert(pid);
      KillAndWait(pid, mark, deadline);
    }
  }
  return static_cast<int>(ended.size());
}

}  // namespace orrery::registry
