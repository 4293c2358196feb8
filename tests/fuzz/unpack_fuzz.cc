// Any bytes as an archive: whatever comes out of it lies in the folder it was
// unpacked into, and leads nowhere else.

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include "catalog/orchestrator/task/unpack.h"

namespace {

namespace fs = std::filesystem;

using orrery::catalog::Unpack;
using orrery::catalog::UnpackOptions;

constexpr std::array<const char*, 4> kNames = {"a.tar", "a.tgz", "a.zip",
                                               "a.gz"};

// Not assert: the optimised build is fuzzed too.
void Require(bool holds) {
  if (!holds) std::abort();
}

fs::path Scratch() {
  const char* tests = std::getenv("TEST_TMPDIR");
  std::string pattern =
      std::string(tests != nullptr ? tests : "/tmp") + "/unpack_fuzzXXXXXX";
  Require(mkdtemp(pattern.data()) != nullptr);
  return pattern;
}

bool Inside(const fs::path& path, const fs::path& box) {
  const std::string text = path.string();
  const std::string front = box.string();
  return text == front || text.rfind(front + "/", 0) == 0;
}

void CheckEverything(const fs::path& outer, const fs::path& box) {
  size_t beside = 0;
  for (const auto& entry : fs::directory_iterator(outer)) {
    beside += entry.path() == box ? 0 : 1;
  }
  Require(beside == 0);
  for (const auto& entry : fs::recursive_directory_iterator(box)) {
    const fs::file_status status = entry.symlink_status();
    Require(fs::is_regular_file(status) || fs::is_directory(status) ||
            fs::is_symlink(status));
    Require((status.permissions() &
             (fs::perms::set_uid | fs::perms::set_gid)) == fs::perms::none ||
            fs::is_directory(status));
    if (!fs::is_symlink(status)) continue;
    std::error_code error;
    const fs::path target = fs::weakly_canonical(entry.path(), error);
    Require(error || Inside(target, box));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const fs::path outer = fs::canonical(Scratch());
  if (size == 0) return 0;
  const int archive = memfd_create("archive", MFD_CLOEXEC);
  Require(write(archive, data + 1, size - 1) == static_cast<ssize_t>(size - 1));
  lseek(archive, 0, SEEK_SET);
  const fs::path box = outer / "box";
  fs::create_directory(box);
  const int folder = open(box.c_str(), O_DIRECTORY | O_RDONLY | O_CLOEXEC);
  UnpackOptions options;
  options.max_entries = 100;
  options.max_bytes = 1 << 20;
  const auto made =
      Unpack(archive, kNames[data[0] % kNames.size()], folder, options);
  close(folder);
  close(archive);
  CheckEverything(outer, box);
  if (made.ok()) {
    for (const std::string& path : *made) {
      Require(fs::exists(fs::symlink_status(box / path)));
    }
  }
  fs::remove_all(box);
  return 0;
}
