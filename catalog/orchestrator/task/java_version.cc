#include "catalog/orchestrator/task/java_version.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"

namespace orrery::catalog {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(5);
constexpr size_t kMaxOutput = 64 * 1024;

// The first program of that name, without links; empty when there is none.
std::string FindProgram(const std::string& path) {
  for (const absl::string_view folder : absl::StrSplit(path, ':')) {
    const std::string place = absl::StrCat(folder, "/java");
    std::error_code error;
    if (!std::filesystem::is_regular_file(place, error) ||
        access(place.c_str(), X_OK) != 0) {
      continue;
    }
    const auto program = std::filesystem::canonical(place, error);
    if (!error) return program.string();
  }
  return "";
}

absl::Time ChangeTime(const std::string& program) {
  struct stat found = {};
  if (stat(program.c_str(), &found) != 0) return absl::InfinitePast();
  return absl::TimeFromTimespec(found.st_mtim);
}

// What stands behind the name in a line of the text.
std::string ValueOf(absl::string_view text, absl::string_view name) {
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (!absl::ConsumePrefix(&line, name)) continue;
    line = absl::StripLeadingAsciiWhitespace(line);
    if (!absl::ConsumePrefix(&line, "=")) continue;
    line = absl::StripAsciiWhitespace(line);
    absl::ConsumePrefix(&line, "\"");
    absl::ConsumeSuffix(&line, "\"");
    return std::string(line);
  }
  return "";
}

// `release` is two levels above the program.
std::string ReadReleaseFile(const std::string& program) {
  const std::filesystem::path home =
      std::filesystem::path(program).parent_path().parent_path();
  std::ifstream file(home / "release");
  std::string text(kMaxOutput, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  return ValueOf(text, "JAVA_VERSION");
}

// Reads until the other end closes or the time is up.
std::string ReadAll(int fd, absl::Time deadline) {
  std::string text;
  char buffer[4096];
  while (text.size() < kMaxOutput) {
    pollfd waiting = {fd, POLLIN, 0};
    const int left =
        static_cast<int>(absl::ToInt64Milliseconds(deadline - absl::Now()));
    if (left <= 0 || poll(&waiting, 1, left) <= 0) break;
    const ssize_t n = read(fd, buffer, sizeof(buffer));
    if (n <= 0) break;
    text.append(buffer, static_cast<size_t>(n));
  }
  return text;
}

std::string AskProgram(const std::string& program) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return "";
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
  std::string name = "java";
  std::string settings = "-XshowSettings:properties";
  std::string version = "-version";
  char* const arguments[] = {name.data(), settings.data(), version.data(),
                             nullptr};
  char* const environment[] = {nullptr};
  pid_t pid = 0;
  const int failed = posix_spawn(&pid, program.c_str(), &actions, nullptr,
                                 arguments, environment);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  std::string text;
  if (failed == 0) {
    text = ReadAll(ends[0], absl::Now() + kPatience);
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
  }
  close(ends[0]);
  return ValueOf(text, "java.specification.version");
}

}  // namespace

std::string JavaMajor(absl::string_view version) {
  absl::ConsumePrefix(&version, "1.");
  size_t digits = 0;
  while (digits < version.size() && absl::ascii_isdigit(version[digits])) {
    ++digits;
  }
  return std::string(version.substr(0, digits));
}

std::string JavaVersion::Get() {
  const std::string program = FindProgram(path_);
  if (program.empty()) return "";
  const absl::Time changed = ChangeTime(program);
  const MutexLock lock(&mutex_);
  if (program == program_ && changed == changed_) return major_;
  std::string major = JavaMajor(ReadReleaseFile(program));
  if (major.empty()) major = JavaMajor(AskProgram(program));
  program_ = program;
  changed_ = changed;
  major_ = std::move(major);
  return major_;
}

}  // namespace orrery::catalog
