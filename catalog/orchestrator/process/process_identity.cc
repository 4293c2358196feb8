#include "catalog/orchestrator/process/process_identity.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace orrery::catalog {
namespace {

// Files of /proc are read whole: none of those used here is longer.
std::optional<std::string> ReadSmallFile(const char* path) {
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  char buffer[4096];
  const ssize_t got = read(file, buffer, sizeof(buffer));
  close(file);
  if (got < 0) return std::nullopt;
  return std::string(buffer, static_cast<size_t>(got));
}

}  // namespace

std::optional<ProcessStat> ParseProcessStat(const std::string& text) {
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  ProcessStat stat;
  stat.pid = std::atoi(text.c_str());
  // Fields 3 to 6 and 22 of proc(5).
  unsigned long long start_time = 0;
  const int read = std::sscanf(
      text.c_str() + name_end + 1,
      " %c %d %d %d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d "
      "%*d %llu",
      &stat.state, &stat.parent, &stat.group, &stat.session, &start_time);
  if (read != 5 || stat.pid <= 0) return std::nullopt;
  stat.start_time = start_time;
  return stat;
}

std::optional<ProcessStat> ReadProcessStat(pid_t pid) {
  char path[32];
  std::snprintf(path, sizeof(path), "/proc/%d/stat", static_cast<int>(pid));
  const std::optional<std::string> text = ReadSmallFile(path);
  if (!text.has_value()) return std::nullopt;
  return ParseProcessStat(*text);
}

const std::string& BootId() {
  static const std::string& id = *new std::string([] {
    std::string text =
        ReadSmallFile("/proc/sys/kernel/random/boot_id").value_or("");
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
  }());
  return id;
}

std::optional<ProcessIdentity> IdentifyProcess(pid_t pid) {
  const std::optional<ProcessStat> stat = ReadProcessStat(pid);
  if (!stat.has_value()) return std::nullopt;
  return ProcessIdentity{pid, stat->start_time, BootId()};
}

std::optional<ProcessHandle> ProcessHandle::Open(
    const ProcessIdentity& identity) {
  if (identity.pid <= 0 || identity.boot_id != BootId()) return std::nullopt;
  const long descriptor = syscall(SYS_pidfd_open, identity.pid, 0);
  if (descriptor < 0) return std::nullopt;
  ProcessHandle handle(static_cast<int>(descriptor));
  // Read after the handle was taken: if the start time is right now, the handle
  // is on that process.
  const std::optional<ProcessStat> stat = ReadProcessStat(identity.pid);
  if (!stat.has_value() || stat->start_time != identity.start_time) {
    return std::nullopt;
  }
  return handle;
}

ProcessHandle::~ProcessHandle() {
  if (descriptor_ >= 0) close(descriptor_);
}

ProcessHandle::ProcessHandle(ProcessHandle&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

ProcessHandle& ProcessHandle::operator=(ProcessHandle&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

bool ProcessHandle::Ended() const {
  pollfd entry = {descriptor_, POLLIN, 0};
  return poll(&entry, 1, 0) == 1;
}

bool ProcessHandle::Signal(int signal) const {
  return syscall(SYS_pidfd_send_signal, descriptor_, signal, nullptr, 0) == 0;
}

std::optional<int> ProcessHandle::Reap() const {
  siginfo_t info = {};
  if (waitid(P_PIDFD, static_cast<id_t>(descriptor_), &info,
             WEXITED | WNOHANG) != 0 ||
      info.si_pid == 0) {
    return std::nullopt;
  }
  if (info.si_code == CLD_EXITED) return (info.si_status & 0xff) << 8;
  return info.si_status & 0x7f;
}

}  // namespace orrery::catalog
