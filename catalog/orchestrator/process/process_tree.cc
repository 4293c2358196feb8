#include "catalog/orchestrator/process/process_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cctype>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <unordered_set>
#include <utility>

namespace orrery::catalog {
namespace {

// Nothing when the process has no such variable.
std::optional<std::string> VariableOf(pid_t pid, const std::string& name) {
  const std::string path = "/proc/" + std::to_string(pid) + "/environ";
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  std::string text(1, '\0');
  char buffer[16384];
  ssize_t got = 0;
  while ((got = read(file, buffer, sizeof(buffer))) > 0) {
    text.append(buffer, static_cast<size_t>(got));
  }
  close(file);
  // Entries end with a NUL, and the text begins with one.
  text.push_back('\0');
  const std::string mark = '\0' + name + '=';
  const size_t place = text.find(mark);
  if (place == std::string::npos) return std::nullopt;
  return std::string(text.c_str() + place + mark.size());
}

}  // namespace

std::vector<ProcessStat> ListProcesses() {
  std::vector<ProcessStat> table;
  DIR* const listing = opendir("/proc");
  if (listing == nullptr) return table;
  while (const dirent* const entry = readdir(listing)) {
    if (std::isdigit(static_cast<unsigned char>(entry->d_name[0])) == 0) {
      continue;
    }
    const std::optional<ProcessStat> stat =
        ReadProcessStat(std::atoi(entry->d_name));
    if (stat.has_value()) table.push_back(*stat);
  }
  closedir(listing);
  return table;
}

std::vector<ProcessStat> Descendants(const std::vector<ProcessStat>& table,
                                     pid_t root) {
  std::unordered_set<pid_t> found = {root};
  std::vector<ProcessStat> descendants;
  // A parent may have a higher pid than its child, so one pass is not enough.
  bool grew = true;
  while (grew) {
    grew = false;
    for (const ProcessStat& process : table) {
      if (found.count(process.parent) == 0 || process.pid == root) continue;
      if (!found.insert(process.pid).second) continue;
      descendants.push_back(process);
      grew = true;
    }
  }
  return descendants;
}

std::multimap<std::string, ProcessStat> ByEnvironment(
    const std::vector<ProcessStat>& table, const std::string& name) {
  std::multimap<std::string, ProcessStat> found;
  for (const ProcessStat& process : table) {
    std::optional<std::string> value = VariableOf(process.pid, name);
    if (value.has_value()) found.emplace(*std::move(value), process);
  }
  return found;
}

int Kill(const std::vector<ProcessStat>& processes) {
  int signalled = 0;
  for (const ProcessStat& process : processes) {
    if (process.state == 'Z' || process.pid == getpid()) continue;
    const std::optional<ProcessHandle> handle =
        ProcessHandle::Open({process.pid, process.start_time, BootId()});
    if (handle.has_value() && handle->Signal(SIGKILL)) ++signalled;
  }
  return signalled;
}

}  // namespace orrery::catalog
