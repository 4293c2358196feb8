#ifndef SERVER_PROCESS_SHUTDOWN_SIGNAL_H_
#define SERVER_PROCESS_SHUTDOWN_SIGNAL_H_

namespace orrery::server {

// Takes over SIGTERM and SIGINT: the first one ends WaitForShutdown, a second
// one kills. By handlers, not by a mask or by ignoring: children inherit those.
// Requires: called once, before threads are started.
void CatchShutdownSignals();

// Returns when a signal has come; its number.
int WaitForShutdown();

}  // namespace orrery::server

#endif  // SERVER_PROCESS_SHUTDOWN_SIGNAL_H_
