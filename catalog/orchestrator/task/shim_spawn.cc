#include "catalog/orchestrator/task/shim_spawn.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "registry/git/descriptor.h"
#include "registry/store/durable_file.h"

namespace orrery::catalog {
namespace {

using registry::Descriptor;

// Where descriptors wait until they are put in their places, clear of them.
constexpr int kParkingDescriptor = 10;
// A shim that does not take its specification within this time is broken.
constexpr timeval kSendLimit = {10, 0};

// Signals blocked as the shim wants them from its first instruction on, all
// others as they are by default.
void SetSignals(posix_spawnattr_t* attributes) {
  sigset_t blocked;
  sigemptyset(&blocked);
  for (const int signal : {SIGTERM, SIGUSR1, SIGCHLD, SIGINT, SIGHUP}) {
    sigaddset(&blocked, signal);
  }
  sigset_t all;
  sigfillset(&all);
  posix_spawnattr_setsigmask(attributes, &blocked);
  posix_spawnattr_setsigdefault(attributes, &all);
  posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSID |
                                           POSIX_SPAWN_SETSIGMASK |
                                           POSIX_SPAWN_SETSIGDEF);
}

void PlaceDescriptors(posix_spawn_file_actions_t* actions, int lock,
                      int channel) {
  for (const int standard : {0, 1, 2}) {
    posix_spawn_file_actions_addopen(actions, standard, "/dev/null",
                                     standard == 0 ? O_RDONLY : O_WRONLY, 0);
  }
  if (lock >= 0) {
    posix_spawn_file_actions_adddup2(actions, lock, kShimLockDescriptor);
  } else {
    posix_spawn_file_actions_addopen(actions, kShimLockDescriptor, "/dev/null",
                                     O_RDONLY, 0);
  }
  posix_spawn_file_actions_adddup2(actions, channel, kShimSpecDescriptor);
  posix_spawn_file_actions_addclosefrom_np(actions, kShimSpecDescriptor + 1);
}

absl::Status Spawn(const std::string& program,
                   const std::vector<std::string>& arguments, int lock,
                   int channel, pid_t* pid) {
  std::vector<char*> argv = {const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  char* const no_environment[] = {nullptr};
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t actions;
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_init(&actions);
  SetSignals(&attributes);
  PlaceDescriptors(&actions, lock, channel);
  const int error = posix_spawn(pid, program.c_str(), &actions, &attributes,
                                argv.data(), no_environment);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error == 0) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("cannot start '", program, "': ", std::strerror(error)));
}

// What a shim that has ended does not take is lost; how it ended says why.
void Send(int channel, const std::string& text) {
  size_t sent = 0;
  while (sent < text.size()) {
    // A dead shim must not end orreryd by SIGPIPE.
    const ssize_t n =
        send(channel, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return;
    sent += static_cast<size_t>(n);
  }
  shutdown(channel, SHUT_WR);
}

// Nothing when the shim ended without one, or the time was up.
std::optional<ShimReport> AwaitReport(int channel, absl::Duration patience) {
  pollfd entry = {channel, POLLIN, 0};
  if (poll(&entry, 1, static_cast<int>(absl::ToInt64Milliseconds(patience))) !=
      1) {
    return std::nullopt;
  }
  // It is sent whole, and much shorter.
  char text[256];
  const ssize_t got = read(channel, text, sizeof(text));
  if (got <= 0) return std::nullopt;
  return DecodeShimReport(std::string(text, static_cast<size_t>(got)));
}

// A child of ours that is to be no more.
void EndChild(pid_t pid) {
  kill(pid, SIGKILL);
  while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace

absl::StatusOr<SpawnedShim> SpawnShim(const std::string& program,
                                      const std::vector<std::string>& arguments,
                                      const LaunchSpec& spec, int lock,
                                      absl::Duration patience) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
    return absl::ResourceExhaustedError(
        absl::StrCat("cannot make a socket pair: ", std::strerror(errno)));
  }
  Descriptor ours(pair[0]);
  Descriptor theirs(pair[1]);
  // dup2 onto itself would leave close-on-exec set, and a target may still be
  // the source of the next one.
  Descriptor parked_lock(
      lock >= 0 ? fcntl(lock, F_DUPFD_CLOEXEC, kParkingDescriptor) : -1);
  Descriptor parked_channel(
      fcntl(theirs.get(), F_DUPFD_CLOEXEC, kParkingDescriptor));
  setsockopt(ours.get(), SOL_SOCKET, SO_SNDTIMEO, &kSendLimit,
             sizeof(kSendLimit));
  pid_t pid = 0;
  absl::Status started =
      Spawn(program, arguments, parked_lock.get(), parked_channel.get(), &pid);
  if (!started.ok()) return started;
  theirs.Close();
  parked_channel.Close();
  parked_lock.Close();
  // Our child keeps its pid until it is reaped, so this names the right one.
  const std::optional<ProcessIdentity> identity = IdentifyProcess(pid);
  std::optional<ProcessHandle> handle;
  if (identity.has_value()) handle = ProcessHandle::Open(*identity);
  if (!handle.has_value()) {
    EndChild(pid);
    return absl::UnavailableError(
        absl::StrCat("cannot follow process ", pid, " of '", program, "'"));
  }
  // Also when it has ended before it had read everything: it may have said why.
  Send(ours.get(), EncodeLaunchSpec(spec));
  const std::optional<ShimReport> report = AwaitReport(ours.get(), patience);
  if (report.has_value() && report->error != 0) {
    EndChild(pid);
    return registry::FileError("cannot write", report->file, report->error);
  }
  return SpawnedShim{*std::move(handle), pid, report.has_value()};
}

}  // namespace orrery::catalog
