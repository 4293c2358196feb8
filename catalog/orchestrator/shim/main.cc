// orrery-shim: the parent of one task of the `local` target. It outlives
// orreryd, so that a restart of orreryd is no restart of what it runs
// (docs/ARCHITECTURE.md). Started by orreryd only:
//
//   orrery-shim task DIRECTORY    supervises a task in that instance's folder
//   orrery-shim check             runs the command of a health check
//
// Descriptor 4 is the channel of the launch specification, 3 the locked file
// that says that the shim lives.

#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>

#include "catalog/orchestrator/process/process_identity.h"
#include "catalog/orchestrator/shim/launch_spec.h"
#include "catalog/orchestrator/shim/state_file.h"
#include "catalog/orchestrator/shim/supervision.h"

namespace orrery::catalog {
namespace {

constexpr int kUsage = 64;
constexpr int kNotStarted = 2;

std::string ReadToEnd(int descriptor) {
  std::string text;
  char buffer[16384];
  while (true) {
    const ssize_t got = read(descriptor, buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(buffer, static_cast<size_t>(got));
  }
}

std::optional<LaunchSpec> ReadSpec() {
  std::string text = ReadToEnd(kShimSpecDescriptor);
  std::optional<LaunchSpec> spec = DecodeLaunchSpec(text);
  explicit_bzero(text.data(), text.size());
  return spec;
}

// Without its state files a task would be lost by the next orreryd.
int ReportFault(const char* file) {
  // orreryd may be gone by now; it finds that nothing was started.
  Report({errno, file});
  return kNotStarted;
}

int RunTask(const char* directory) {
  const std::optional<ProcessIdentity> self = IdentifyProcess(getpid());
  if (chdir(directory) != 0 || !self.has_value()) return kNotStarted;
  if (!ReserveExitFile("exit.json")) return ReportFault("exit.json");
  if (!WriteIdentityFile("shim.json", *self)) return ReportFault("shim.json");
  std::optional<LaunchSpec> spec = ReadSpec();
  if (!spec.has_value()) {
    TaskExit exit;
    exit.started = false;
    exit.error = "orreryd ended before it had said what to run";
    WriteExitFile("exit.json", exit);
    return kNotStarted;
  }
  return SuperviseTask(*spec);
}

int Main(int argc, char** argv) {
  const sigset_t signals = ShimSignals();
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  fcntl(kShimLockDescriptor, F_SETFD, FD_CLOEXEC);
  fcntl(kShimSpecDescriptor, F_SETFD, FD_CLOEXEC);
  if (argc == 3 && std::strcmp(argv[1], "task") == 0) return RunTask(argv[2]);
  if (argc == 2 && std::strcmp(argv[1], "check") == 0) {
    const std::optional<LaunchSpec> spec = ReadSpec();
    return spec.has_value() ? RunCheck(*spec) : kNotStarted;
  }
  std::fputs("orrery-shim is started by orreryd only\n", stderr);
  return kUsage;
}

}  // namespace
}  // namespace orrery::catalog

int main(int argc, char** argv) { return orrery::catalog::Main(argc, argv); }
