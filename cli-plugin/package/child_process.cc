#include "cli-plugin/package/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

extern char** environ;

namespace orrery::cli {
namespace {

constexpr int kSignalExit = 128;
// More is read and dropped.
constexpr size_t kMaxOutput = size_t{1} << 20;

// The two ends, closed with it.
class Pipe {
 public:
  Pipe() {
    if (pipe2(ends_.data(), O_CLOEXEC) != 0) ends_ = {-1, -1};
  }
  ~Pipe() {
    Close(0);
    Close(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  bool ok() const { return ends_[0] >= 0; }
  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }
  void CloseReader() { Close(0); }
  void CloseWriter() { Close(1); }

 private:
  void Close(size_t end) {
    if (ends_[end] >= 0) close(ends_[end]);
    ends_[end] = -1;
  }

  std::array<int, 2> ends_ = {-1, -1};
};

// Takes what is there; closes the pipe at its end.
void Take(Pipe& pipe, std::string& text) {
  std::array<char, 4096> bytes;
  const ssize_t got = read(pipe.reader(), bytes.data(), bytes.size());
  if (got < 0 && errno == EINTR) return;
  if (got <= 0) {
    pipe.CloseReader();
  } else if (text.size() < kMaxOutput) {
    text.append(bytes.data(), static_cast<size_t>(got));
  }
}

void TakeAll(Pipe& output, Pipe& errors, ChildResult& result) {
  while (output.reader() >= 0 || errors.reader() >= 0) {
    std::array<pollfd, 2> ready = {
        {{output.reader(), POLLIN, 0}, {errors.reader(), POLLIN, 0}}};
    if (poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) return;
    if (ready[0].revents != 0) Take(output, result.output);
    if (ready[1].revents != 0) Take(errors, result.errors);
  }
}

}  // namespace

absl::StatusOr<ChildResult> RunChild(const std::vector<std::string>& words,
                                     bool passes_errors) {
  Pipe output;
  Pipe errors;
  if (!output.ok() || !errors.ok()) {
    return absl::ResourceExhaustedError(
        absl::StrCat(words[0], " cannot be started: ", std::strerror(errno)));
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, output.writer(), STDOUT_FILENO);
  if (!passes_errors) {
    posix_spawn_file_actions_adddup2(&actions, errors.writer(), STDERR_FILENO);
  }
  std::vector<char*> arguments;
  for (const std::string& word : words) {
    arguments.push_back(const_cast<char*>(word.c_str()));
  }
  arguments.push_back(nullptr);
  pid_t child = 0;
  const int error = posix_spawnp(&child, words[0].c_str(), &actions, nullptr,
                                 arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    return absl::NotFoundError(
        absl::StrCat(words[0], " cannot be started: ", std::strerror(error)));
  }
  output.CloseWriter();
  errors.CloseWriter();
  ChildResult result;
  TakeAll(output, errors, result);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  result.exit_code =
      WIFEXITED(status) ? WEXITSTATUS(status) : kSignalExit + WTERMSIG(status);
  return result;
}

}  // namespace orrery::cli
