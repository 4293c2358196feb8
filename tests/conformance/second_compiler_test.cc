// Two compilers' builds print the same bytes (resolver.md §16 row 4).

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace orrery::tests {
namespace {

// The lines that the program prints of the file. Nobody promises equal times.
std::vector<std::string> LinesOf(absl::string_view program,
                                 const std::string& path) {
  const std::string command =
      absl::StrCat("tests/conformance/", program, " '", path, "'");
  FILE* pipe = popen(command.c_str(), "re");
  std::string output;
  char buffer[4096];
  while (const size_t size = std::fread(buffer, 1, sizeof(buffer), pipe)) {
    output.append(buffer, size);
  }
  EXPECT_EQ(pclose(pipe), 0) << command;
  std::vector<std::string> lines =
      absl::StrSplit(output, '\n', absl::SkipEmpty());
  for (std::string& line : lines) {
    const size_t begin = line.find("\"ms\":");
    line.erase(begin, line.find(',', begin) - begin);
  }
  return lines;
}

TEST(SecondCompilerTest, PrintsTheSameBytes) {
  const char* data = std::getenv("ORRERY_TEST_DATA");
  if (data == nullptr) GTEST_SKIP() << "ORRERY_TEST_DATA is not set";
  size_t count = 0;
  for (const auto& file : std::filesystem::directory_iterator(
           std::filesystem::path(data) / "resolver" / "cases")) {
    const auto lines = LinesOf("resolver_cases", file.path().string());
    EXPECT_EQ(LinesOf("resolver_cases_by_clang", file.path().string()), lines);
    count += lines.size();
  }
  EXPECT_EQ(count, 321u);
}

}  // namespace
}  // namespace orrery::tests
