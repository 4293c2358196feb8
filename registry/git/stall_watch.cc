#include "registry/git/stall_watch.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace orrery::registry {
namespace {

constexpr double kBytesPerSecond = 1000;
constexpr double kComputingShare = 0.1;
constexpr int kLooks = 6;

// The fields of /proc/PID/stat from the third, the state, on; nothing when the
// process is gone (proc(5)).
std::vector<std::string> StatFields(const std::string& directory) {
  std::ifstream in(directory + "/stat");
  std::string line;
  std::getline(in, line);
  // The name before it may hold blanks and parentheses.
  const size_t name_end = line.rfind(") ");
  if (name_end == std::string::npos) return {};
  return absl::StrSplit(line.substr(name_end + 2), ' ');
}

std::optional<uint64_t> BytesRead(const std::string& directory) {
  std::ifstream in(directory + "/io");
  std::string name;
  uint64_t bytes = 0;
  if (in >> name >> bytes && name == "rchar:") return bytes;
  return std::nullopt;
}

absl::Duration Computed(const std::vector<std::string>& fields) {
  int64_t user = 0;
  int64_t system = 0;
  (void)absl::SimpleAtoi(fields[11], &user);
  (void)absl::SimpleAtoi(fields[12], &system);
  return absl::Seconds(1) * (user + system) / ::sysconf(_SC_CLK_TCK);
}

}  // namespace

StallWatch::StallWatch(pid_t group, absl::Duration limit, absl::Time now)
    : group_(group),
      limit_(limit),
      next_look_(now + limit / kLooks),
      since_(now) {}

bool StallWatch::Look(Work* done) {
  std::map<pid_t, Work> now_seen;
  bool anything = false;
  std::error_code error;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc", error)) {
    const std::string directory = entry.path().string();
    pid_t pid = 0;
    if (!absl::SimpleAtoi(entry.path().filename().string(), &pid)) continue;
    const std::vector<std::string> fields = StatFields(directory);
    pid_t group = 0;
    if (fields.size() < 13 || !absl::SimpleAtoi(fields[2], &group) ||
        group != group_) {
      continue;
    }
    const std::optional<uint64_t> bytes = BytesRead(directory);
    if (!bytes.has_value()) continue;
    anything = true;
    const Work work = {*bytes, Computed(fields)};
    // A new one has read its libraries, which is nothing.
    const auto before = seen_.find(pid);
    if (before != seen_.end()) {
      done->bytes_read += work.bytes_read - before->second.bytes_read;
      done->computed += work.computed - before->second.computed;
    }
    now_seen[pid] = work;
  }
  seen_ = std::move(now_seen);
  return anything;
}

bool StallWatch::Stalled(absl::Time now) {
  if (now < next_look_) return false;
  next_look_ = now + limit_ / kLooks;
  Work done;
  const bool visible = Look(&done);
  done_.bytes_read += done.bytes_read;
  done_.computed += done.computed;
  const double enough = kBytesPerSecond * absl::ToDoubleSeconds(limit_);
  if (!visible || static_cast<double>(done_.bytes_read) >= enough ||
      done_.computed >= kComputingShare * limit_) {
    since_ = now;
    done_ = Work();
  }
  return now - since_ >= limit_;
}

}  // namespace orrery::registry
