#include "catalog/orchestrator/shim/supervision.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <optional>
#include <string>

#include "catalog/orchestrator/process/process_identity.h"
#include "catalog/orchestrator/process/process_tree.h"
#include "catalog/orchestrator/shim/child.h"
#include "catalog/orchestrator/shim/state_file.h"

namespace orrery::catalog {
namespace {

// Between two looks for descendants that are still there.
constexpr int kSweepMilliseconds = 20;

int64_t NowMilliseconds() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1000000;
}

// The children of this process, direct or inherited, and its orders.
class Family {
 public:
  explicit Family(const std::string& cgroup)
      : cgroup_(cgroup),
        signals_(signalfd(-1, &mask_, SFD_CLOEXEC | SFD_NONBLOCK)) {}

  // Waits for a signal, at most so long (-1 = for ever), and takes the orders
  // and the exits that came.
  void Wait(int timeout_milliseconds) {
    pollfd entry = {signals_, POLLIN, 0};
    poll(&entry, 1, timeout_milliseconds);
    signalfd_siginfo info = {};
    while (read(signals_, &info, sizeof(info)) == sizeof(info)) {
      if (info.ssi_signo == SIGTERM) stop_asked_ = true;
      if (info.ssi_signo == SIGUSR1) kill_asked_ = true;
    }
    Reap();
  }

  // Kills every descendant; true once none is left.
  bool Sweep() {
    Reap();
    // The usual case, and a look at every process of the host would cost more
    // than all the rest when many tasks end at once.
    if (childless_) return true;
    if (!cgroup_.empty()) {
      const std::string path = cgroup_ + "/cgroup.kill";
      const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
      if (file >= 0) {
        // Without it the descendants are killed one by one.
        [[maybe_unused]] const ssize_t n = write(file, "1", 1);
        close(file);
      }
    }
    Kill(Descendants(ListProcesses(), getpid()));
    Reap();
    return childless_;
  }

  void Follow(pid_t pid) { followed_ = pid; }
  // The status of the followed child, once it ended.
  const std::optional<int>& ended() const { return ended_; }
  bool stop_asked() const { return stop_asked_; }
  bool kill_asked() const { return kill_asked_; }

 private:
  void Reap() {
    int status = 0;
    pid_t pid = 0;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
      if (pid == followed_) ended_ = status;
    }
    childless_ = pid < 0 && errno == ECHILD;
  }

  const std::string cgroup_;
  const sigset_t mask_ = ShimSignals();
  const int signals_;
  pid_t followed_ = -1;
  std::optional<int> ended_;
  bool childless_ = false;
  bool stop_asked_ = false;
  bool kill_asked_ = false;
};

int OpenLog(const char* path) {
  return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
              0640);
}

// Until the followed child ended: passes orders on.
void AwaitEnd(const LaunchSpec& spec, pid_t task, Family* family) {
  std::optional<int64_t> deadline;
  while (!family->ended().has_value()) {
    if (family->stop_asked() && !deadline.has_value()) {
      kill(-task, SIGTERM);
      deadline = NowMilliseconds() + spec.grace_milliseconds;
    }
    if (family->kill_asked() ||
        (deadline.has_value() && NowMilliseconds() >= *deadline)) {
      family->Sweep();
      family->Wait(kSweepMilliseconds);
      continue;
    }
    family->Wait(deadline.has_value() ? static_cast<int>(std::max<int64_t>(
                                            1, *deadline - NowMilliseconds()))
                                      : -1);
  }
}

void SweepAll(Family* family) {
  while (!family->Sweep()) family->Wait(kSweepMilliseconds);
}

bool RanOutOfMemory(const std::string& cgroup) {
  if (cgroup.empty()) return false;
  const std::string path = cgroup + "/memory.events";
  std::FILE* const file = std::fopen(path.c_str(), "re");
  if (file == nullptr) return false;
  char name[64];
  unsigned long long count = 0;
  bool seen = false;
  while (std::fscanf(file, "%63s %llu", name, &count) == 2) {
    if (std::string(name) == "oom_kill" && count > 0) seen = true;
  }
  std::fclose(file);
  return seen;
}

}  // namespace

sigset_t ShimSignals() {
  sigset_t mask;
  sigemptyset(&mask);
  for (const int signal :
       {SIGTERM, SIGUSR1, SIGCHLD, SIGINT, SIGHUP, SIGPIPE}) {
    sigaddset(&mask, signal);
  }
  return mask;
}

void Report(const ShimReport& report) {
  const std::string text = EncodeShimReport(report);
  // orreryd may be gone by now; it finds the files of the instance then.
  [[maybe_unused]] const ssize_t n =
      send(kShimSpecDescriptor, text.data(), text.size(), MSG_NOSIGNAL);
  close(kShimSpecDescriptor);
}

int SuperviseTask(const LaunchSpec& spec) {
  Family family(spec.cgroup);
  TaskExit exit;
  ShimReport report;
  const ChildOutput output = {OpenLog("logs/stdout"), OpenLog("logs/stderr")};
  if (output.stdout_descriptor < 0 || output.stderr_descriptor < 0) {
    Report({errno, "logs"});
    return 1;
  }
  const ChildStart start = StartChild(spec, output, [&report](pid_t pid) {
    const std::optional<ProcessIdentity> identity = IdentifyProcess(pid);
    if (!identity.has_value()) return false;
    if (WriteIdentityFile("task.json", *identity)) return true;
    report = {errno, "task.json"};
    return false;
  });
  close(output.stdout_descriptor);
  close(output.stderr_descriptor);
  family.Follow(start.pid);
  if (report.error != 0) {
    SweepAll(&family);
    Report(report);
    return 1;
  }
  if (start.error.empty()) {
    Report(report);
    AwaitEnd(spec, start.pid, &family);
  } else {
    exit.started = false;
    exit.error = start.error;
  }
  SweepAll(&family);
  if (exit.started) {
    const int status = family.ended().value_or(0);
    if (WIFEXITED(status)) exit.code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) exit.signal = WTERMSIG(status);
    exit.out_of_memory = RanOutOfMemory(spec.cgroup);
  }
  if (!spec.cgroup.empty()) rmdir(spec.cgroup.c_str());
  return WriteExitFile("exit.json", exit) ? 0 : 1;
}

int RunCheck(const LaunchSpec& spec) {
  Family family(/*cgroup=*/"");
  const ChildOutput output = {STDOUT_FILENO, STDERR_FILENO};
  const ChildStart start = StartChild(spec, output, [](pid_t) { return true; });
  family.Follow(start.pid);
  const int64_t deadline = NowMilliseconds() + spec.grace_milliseconds;
  while (start.error.empty() && !family.ended().has_value() &&
         NowMilliseconds() < deadline && !family.stop_asked()) {
    family.Wait(
        static_cast<int>(std::max<int64_t>(1, deadline - NowMilliseconds())));
  }
  const std::optional<int> status = family.ended();
  SweepAll(&family);
  if (!start.error.empty()) return 126;
  if (!status.has_value()) return 124;
  return WIFEXITED(*status) && WEXITSTATUS(*status) == 0 ? 0 : 1;
}

}  // namespace orrery::catalog
