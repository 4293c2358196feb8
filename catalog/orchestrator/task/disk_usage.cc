#include "catalog/orchestrator/task/disk_usage.h"

#include <sys/stat.h>

#include <filesystem>
#include <system_error>

namespace orrery::catalog {
namespace {

// Of st_blocks, whatever the file system's own are.
constexpr int64_t kBlock = 512;

int64_t SizeOf(const std::filesystem::path& path) {
  struct stat status = {};
  return lstat(path.c_str(), &status) == 0 ? status.st_blocks * kBlock : 0;
}

}  // namespace

int64_t DiskUsage(const std::string& path) {
  using std::filesystem::recursive_directory_iterator;
  int64_t bytes = SizeOf(path);
  std::error_code error;
  recursive_directory_iterator entry(
      path, std::filesystem::directory_options::skip_permission_denied, error);
  while (!error && entry != recursive_directory_iterator()) {
    bytes += SizeOf(entry->path());
    entry.increment(error);
  }
  return bytes;
}

}  // namespace orrery::catalog
