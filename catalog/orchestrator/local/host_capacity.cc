#include "catalog/orchestrator/local/host_capacity.h"

#include <sys/sysinfo.h>

#include <algorithm>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace orrery::catalog {
namespace {

// Left for the host itself: the lesser of this share and the fixed amount.
constexpr double kReservedShare = 0.1;
constexpr double kReservedCpus = 1;
constexpr double kReservedMem = 1024;
// Sums of fractions that were each rounded.
constexpr double kTolerance = 1e-6;

double LessReserve(double amount, double most) {
  return amount - std::min(most, amount * kReservedShare);
}

}  // namespace

Resources DetectHost() {
  struct sysinfo info = {};
  sysinfo(&info);
  return {static_cast<double>(get_nprocs()),
          static_cast<double>(info.totalram) * info.mem_unit / (1024 * 1024)};
}

std::optional<double> AvailableMem(absl::string_view meminfo) {
  for (const absl::string_view line : absl::StrSplit(meminfo, '\n')) {
    const std::vector<absl::string_view> words =
        absl::StrSplit(line, ' ', absl::SkipEmpty());
    double kib = 0;
    if (words.size() > 1 && words[0] == "MemAvailable:" &&
        absl::SimpleAtod(words[1], &kib)) {
      return kib / 1024;
    }
  }
  return std::nullopt;
}

Resources CapacityOf(const LocalConfig& config, const Resources& host) {
  const double cpus =
      config.cpus.value_or(LessReserve(host.cpus, kReservedCpus));
  const double mem = config.mem.value_or(LessReserve(host.mem, kReservedMem));
  return {cpus * config.overcommit_cpus, mem * config.overcommit_mem};
}

std::string DescribeShortage(const Resources& needed, const Resources& used,
                             const Resources& capacity) {
  if (used.cpus + needed.cpus > capacity.cpus + kTolerance) {
    return absl::StrCat("it needs ", needed.cpus, " cpus, and ",
                        std::max(0.0, capacity.cpus - used.cpus), " of ",
                        capacity.cpus, " are free");
  }
  if (used.mem + needed.mem > capacity.mem + kTolerance) {
    return absl::StrCat("it needs ", needed.mem, " MiB of memory, and ",
                        std::max(0.0, capacity.mem - used.mem), " of ",
                        capacity.mem, " are free");
  }
  return "";
}

}  // namespace orrery::catalog
