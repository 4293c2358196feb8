#include "server/process/shutdown_signal.h"

#include <semaphore.h>

#include <cerrno>
#include <csignal>

namespace orrery::server {
namespace {

sem_t received;
volatile sig_atomic_t received_signal = 0;

void OnShutdown(int signal) {
  received_signal = signal;
  sem_post(&received);
}

// sendfile(2) has no MSG_NOSIGNAL.
void OnBrokenPipe(int) {}

void Handle(int signal, void (*handler)(int), int flags) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigaction(signal, &action, nullptr);
}

}  // namespace

void CatchShutdownSignals() {
  sem_init(&received, 0, 0);
  // The default action is back after the first.
  Handle(SIGTERM, OnShutdown, SA_RESTART | static_cast<int>(SA_RESETHAND));
  Handle(SIGINT, OnShutdown, SA_RESTART | static_cast<int>(SA_RESETHAND));
  Handle(SIGPIPE, OnBrokenPipe, SA_RESTART);
}

int WaitForShutdown() {
  while (sem_wait(&received) != 0 && errno == EINTR) {
  }
  return received_signal;
}

}  // namespace orrery::server
