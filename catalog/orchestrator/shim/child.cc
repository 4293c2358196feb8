#include "catalog/orchestrator/shim/child.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <vector>

namespace orrery::catalog {
namespace {

// Steps in which a child can fail before it runs its program.
enum class Step : int {
  kOutput,
  kControlGroup,
  kGroups,
  kUser,
  kDirectory,
  kExec
};

struct StartFault {
  Step step;
  int error;
};

std::string Describe(const StartFault& fault, const LaunchSpec& spec) {
  const std::string reason = std::strerror(fault.error);
  switch (fault.step) {
    case Step::kOutput:
      return "cannot open its output: " + reason;
    case Step::kControlGroup:
      return "cannot enter control group '" + spec.cgroup + "': " + reason;
    case Step::kGroups:
    case Step::kUser:
      return "cannot become user " + std::to_string(spec.user.value_or(0)) +
             ": " + reason;
    case Step::kDirectory:
      return "cannot change to '" + spec.directory + "': " + reason;
    case Step::kExec:
      break;
  }
  return "cannot run '" + spec.arguments[0] + "': " + reason;
}

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) {
    pointers.push_back(const_cast<char*>(text.c_str()));
  }
  pointers.push_back(nullptr);
  return pointers;
}

// Dispositions and the mask survive exec, so both go back to their defaults.
void ResetSignals() {
  for (int signal = 1; signal < NSIG; ++signal) {
    std::signal(signal, SIG_DFL);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

bool EnterControlGroup(const std::string& cgroup) {
  if (cgroup.empty()) return true;
  const std::string path = cgroup + "/cgroup.procs";
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool entered = write(file, "0", 1) == 1;
  const int error = errno;
  close(file);
  errno = error;
  return entered;
}

// In the child: does not return.
[[noreturn]] void Become(const LaunchSpec& spec, const ChildOutput& output,
                         int fault_pipe) {
  const auto fail = [fault_pipe](Step step) {
    const StartFault fault = {step, errno};
    // Nobody is left to tell when this fails.
    [[maybe_unused]] const ssize_t n = write(fault_pipe, &fault, sizeof(fault));
    _exit(127);
  };
  std::vector<char*> arguments = Pointers(spec.arguments);
  std::vector<char*> environment = Pointers(spec.environment);
  if (dup2(output.stdout_descriptor, STDOUT_FILENO) < 0 ||
      dup2(output.stderr_descriptor, STDERR_FILENO) < 0) {
    fail(Step::kOutput);
  }
  if (!EnterControlGroup(spec.cgroup)) fail(Step::kControlGroup);
  if (spec.user.has_value()) {
    if (setgroups(spec.supplementary_groups.size(),
                  spec.supplementary_groups.data()) != 0 ||
        setresgid(spec.group, spec.group, spec.group) != 0) {
      fail(Step::kGroups);
    }
    if (setresuid(*spec.user, *spec.user, *spec.user) != 0) fail(Step::kUser);
  }
  if (chdir(spec.directory.c_str()) != 0) fail(Step::kDirectory);
  umask(022);
  ResetSignals();
  execve(arguments[0], arguments.data(), environment.data());
  fail(Step::kExec);
  _exit(127);
}

}  // namespace

ChildStart StartChild(const LaunchSpec& spec, const ChildOutput& output,
                      const std::function<bool(pid_t)>& before_exec) {
  int go[2];
  int fault_pipe[2];
  if (pipe2(go, O_CLOEXEC) != 0 || pipe2(fault_pipe, O_CLOEXEC) != 0) {
    return {0, std::string("cannot make a pipe: ") + std::strerror(errno)};
  }
  const pid_t pid = fork();
  if (pid < 0) return {0, std::string("cannot fork: ") + std::strerror(errno)};
  if (pid == 0) {
    setpgid(0, 0);
    close(go[1]);
    char byte = 0;
    if (read(go[0], &byte, 1) != 1) _exit(127);
    Become(spec, output, fault_pipe[1]);
  }
  // Both sides set the group, so that it is set whoever comes first.
  setpgid(pid, pid);
  close(go[0]);
  close(fault_pipe[1]);
  ChildStart start = {pid, ""};
  if (!before_exec(pid)) {
    start.error = "cannot write its state file";
  } else if (write(go[1], "g", 1) != 1) {
    start.error = std::string("ended too early: ") + std::strerror(errno);
  }
  close(go[1]);
  StartFault fault = {};
  ssize_t got = 0;
  do {
    got = read(fault_pipe[0], &fault, sizeof(fault));
  } while (got < 0 && errno == EINTR);
  if (start.error.empty() && got == sizeof(fault)) {
    start.error = Describe(fault, spec);
  }
  close(fault_pipe[0]);
  return start;
}

}  // namespace orrery::catalog
