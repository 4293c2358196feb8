#include "registry/git/git_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "registry/git/descriptor.h"
#include "registry/git/stall_watch.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

constexpr size_t kMaxErrorBytes = 8192;
constexpr absl::Duration kGracePeriod = absl::Seconds(2);

struct Pipe {
  Descriptor read;
  Descriptor write;
};

absl::StatusOr<Pipe> MakePipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return absl::ResourceExhaustedError(
        absl::StrCat("no pipe for git: ", std::strerror(errno)));
  }
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

constexpr char kShell[] = "/bin/sh";
// What a shell returns when it finds no program or may not run it.
constexpr int kNotExecutable = 126;
constexpr int kNotFound = 127;

// As ulimit(1) takes it: in units, no more than what we may have ourselves.
std::string Limit(__rlimit_resource resource, uint64_t wanted, uint64_t unit) {
  rlimit own{};
  if (::getrlimit(resource, &own) == 0) {
    wanted = std::min<uint64_t>(wanted, own.rlim_max);
  }
  return wanted == RLIM_INFINITY ? "unlimited" : absl::StrCat(wanted / unit);
}

// Runs the program of its arguments within the limits. posix_spawn(3) knows
// none, and what is set afterwards is not inherited by what git has started by
// then. Writing too much is to be an error that git can speak of, not a signal.
std::string Script(const GitCall& call) {
  return absl::StrCat(
      "trap '' XFSZ && ulimit -f ",
      Limit(RLIMIT_FSIZE, call.max_file_bytes, 512), " && ulimit -v ",
      Limit(RLIMIT_AS, call.max_memory_bytes, 1024), " && exec \"$0\" \"$@\"");
}

absl::StatusOr<pid_t> Spawn(const GitCall& call, int output, int errors) {
  std::vector<std::string> arguments = {kShell, "-c", Script(call),
                                        call.program};
  arguments.insert(arguments.end(), call.arguments.begin(),
                   call.arguments.end());
  std::vector<std::string> environment = call.environment;

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, 1);
  posix_spawn_file_actions_adddup2(&actions, errors, 2);
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t signals;
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  sigaddset(&signals, SIGPIPE);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  // A group of its own, so that helpers such as ssh end with it.
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP |
                                            POSIX_SPAWN_SETSIGMASK |
                                            POSIX_SPAWN_SETSIGDEF);
  pid_t child = -1;
  const int error =
      posix_spawn(&child, kShell, &actions, &attributes,
                  Pointers(arguments).data(), Pointers(environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        "\"", kShell, "\" cannot be started: ", std::strerror(error)));
  }
  return child;
}

// Ends the child with its group and takes its status.
int End(pid_t child) {
  ::kill(-child, SIGTERM);
  const absl::Time patience = absl::Now() + kGracePeriod;
  int status = 0;
  while (::waitpid(child, &status, WNOHANG) == 0) {
    if (absl::Now() > patience) {
      ::kill(-child, SIGKILL);
      ::waitpid(child, &status, 0);
      break;
    }
    absl::SleepFor(absl::Milliseconds(10));
  }
  ::kill(-child, SIGKILL);
  return status;
}

// The child's two streams and the bell that wakes the wait for them.
class Listener {
 public:
  Listener(const GitCall* call, pid_t child, Descriptor output,
           Descriptor errors)
      : call_(*call),
        watch_(child, call->stall_limit, absl::Now()),
        bell_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        output_(std::move(output)),
        errors_(std::move(errors)) {}

  // Until both streams have ended.
  absl::Status Listen(GitResult* result);

 private:
  absl::Status Wait(std::array<pollfd, 3>& polled);

  const GitCall& call_;
  StallWatch watch_;
  Descriptor bell_;
  Descriptor output_;
  Descriptor errors_;
};

// Closes the stream at its end.
void ReadSome(Descriptor& stream, std::string* into) {
  std::array<char, 65536> buffer;
  const ssize_t got = ::read(stream.get(), buffer.data(), buffer.size());
  if (got > 0) into->append(buffer.data(), static_cast<size_t>(got));
  if (got == 0 || (got < 0 && errno != EINTR)) stream.Close();
}

absl::Status Listener::Wait(std::array<pollfd, 3>& polled) {
  while (true) {
    if (call_.stop.stop_requested()) return absl::CancelledError("stopped");
    const absl::Time now = absl::Now();
    if (now >= call_.deadline) {
      return absl::DeadlineExceededError("it took too long");
    }
    if (watch_.Stalled(now)) {
      return absl::DeadlineExceededError(
          absl::StrCat("nothing useful came for ",
                       absl::ToInt64Seconds(call_.stall_limit), " s"));
    }
    const absl::Duration wait =
        std::min({call_.deadline - now, watch_.next_look() - now,
                  absl::Duration(absl::Hours(1))});
    const int ready =
        ::poll(polled.data(), polled.size(),
               static_cast<int>(absl::ToInt64Milliseconds(wait)) + 1);
    if (ready > 0 && (polled[1].revents != 0 || polled[2].revents != 0)) {
      return absl::OkStatus();
    }
  }
}

absl::Status Listener::Listen(GitResult* result) {
  const std::stop_callback ring(call_.stop, [this] {
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t wrote =
        ::write(bell_.get(), &one, sizeof(one));
  });
  while (output_.get() >= 0 || errors_.get() >= 0) {
    // Closed ones are -1, which poll passes over.
    std::array<pollfd, 3> polled = {{{bell_.get(), POLLIN, 0},
                                     {output_.get(), POLLIN, 0},
                                     {errors_.get(), POLLIN, 0}}};
    ORRERY_RETURN_IF_ERROR(Wait(polled));
    if (polled[1].revents != 0) ReadSome(output_, &result->output);
    if (polled[2].revents != 0) ReadSome(errors_, &result->errors);
    if (result->output.size() > call_.max_output_bytes) {
      return absl::ResourceExhaustedError(absl::StrCat(
          "git printed more than ", call_.max_output_bytes, " bytes"));
    }
    if (result->errors.size() > kMaxErrorBytes) {
      const size_t most = result->errors.size() - kMaxErrorBytes;
      const size_t line_end = result->errors.find_first_of("\r\n", most);
      result->errors.erase(0,
                           line_end == std::string::npos ? most : line_end + 1);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<GitResult> RunGit(const GitCall& call) {
  ORRERY_ASSIGN_OR_RETURN(Pipe output, MakePipe());
  ORRERY_ASSIGN_OR_RETURN(Pipe errors, MakePipe());
  ORRERY_ASSIGN_OR_RETURN(const pid_t child,
                          Spawn(call, output.write.get(), errors.write.get()));
  output.write.Close();
  errors.write.Close();
  GitResult result;
  Listener listener(&call, child, std::move(output.read),
                    std::move(errors.read));
  const absl::Status heard = listener.Listen(&result);
  int status = 0;
  if (heard.ok()) {
    // Its streams have ended, so it is about to.
    ::waitpid(child, &status, 0);
    ::kill(-child, SIGKILL);
  } else {
    status = End(child);
  }
  ORRERY_RETURN_IF_ERROR(heard);
  result.exit_code =
      WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  if (result.exit_code == kNotExecutable || result.exit_code == kNotFound) {
    return absl::FailedPreconditionError(absl::StrCat(
        "\"", call.program,
        "\" cannot be started: ", absl::StripAsciiWhitespace(result.errors)));
  }
  return result;
}

}  // namespace orrery::registry
