#include "registry/index/index_file.h"

#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace orrery::registry {
namespace {

namespace fs = std::filesystem;

std::string MarkPath(const std::string& data_dir) {
  return absl::StrCat(data_dir, "/index.db.is-damaged");
}

}  // namespace

std::string IndexPath(const std::string& data_dir) {
  return absl::StrCat(data_dir, "/index.db");
}

absl::Status SetIndexAside(const std::string& data_dir) {
  const std::string path = IndexPath(data_dir);
  std::error_code error;
  fs::rename(path, absl::StrCat(path, ".damaged"), error);
  if (error && error != std::errc::no_such_file_or_directory) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the damaged index ", path, " cannot be set aside: ", error.message()));
  }
  // They belong to the file that is gone, and would be taken for parts of the
  // new one.
  for (const char* end : {"-wal", "-shm"}) fs::remove(path + end, error);
  fs::remove(MarkPath(data_dir), error);
  return absl::OkStatus();
}

void MarkIndexDamaged(const std::string& data_dir) {
  const std::ofstream mark(MarkPath(data_dir));
}

bool IsIndexMarkedDamaged(const std::string& data_dir) {
  std::error_code error;
  return fs::exists(MarkPath(data_dir), error);
}

}  // namespace orrery::registry
