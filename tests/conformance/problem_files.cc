#include "tests/conformance/problem_files.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace orrery::tests {
namespace {

std::string DataDirectory() {
  return absl::StrCat(std::getenv("ORRERY_TEST_DATA"), "/resolver");
}

std::vector<std::string> PathsIn(const std::string& directory) {
  std::vector<std::string> paths;
  for (const auto& file : std::filesystem::directory_iterator(directory)) {
    paths.push_back(file.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace

std::vector<std::string> CasePaths() {
  return PathsIn(absl::StrCat(DataDirectory(), "/cases"));
}

std::vector<std::string> LargePaths() {
  std::vector<std::string> paths =
      PathsIn(absl::StrCat(DataDirectory(), "/large"));
  std::erase_if(paths, [](const std::string& path) {
    return absl::StrContains(path, ".universe.");
  });
  return paths;
}

std::vector<std::string> SmallSuitePaths() {
  const std::string directory =
      absl::StrCat(std::getenv("TEST_TMPDIR"), "/small");
  const std::string command = absl::StrCat(
      "/usr/bin/python3 '", DataDirectory(), "/gen.py' suite small '",
      directory, "' > '", directory, ".log'");
  if (std::system(command.c_str()) != 0) return {};
  return PathsIn(directory);
}

}  // namespace orrery::tests
