#ifndef SERVER_HTTP_HTTP_STREAM_H_
#define SERVER_HTTP_HTTP_STREAM_H_

#include <sys/types.h>

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "server/http/http_reactor.h"

namespace orrery::server::internal {

// What is to be sent, in this order. What was sent is taken off.
struct Outgoing {
  absl::string_view head = {};
  absl::string_view body = {};
  // -1 when there is no file.
  int file = -1;
  off_t offset = 0;
  uint64_t file_bytes = 0;
};

// The socket of one connection with its time-outs. Lives on its reactor's
// thread.
class HttpStream {
 public:
  // Takes over a non-blocking socket.
  HttpStream(HttpReactor* reactor, int descriptor);
  HttpStream(const HttpStream&) = delete;
  HttpStream& operator=(const HttpStream&) = delete;

  Socket& socket() { return socket_; }

  // What waits for the socket ends with an error when the deadline is over.
  void SetDeadline(absl::Duration duration);
  void ClearDeadline();
  void ExpireIfDue(SteadyClock::time_point now);
  SteadyClock::time_point deadline() const { return deadline_; }
  // Since the last call of SetDeadline or ClearDeadline.
  bool timed_out() const { return timed_out_; }

  // Ends what waits for the socket, and the connection.
  void Abort();
  // Reads what the peer still sends, so that closing does not reset the
  // connection before it has read the answer.
  Task<void> Linger();
  void Close();
  bool PeerIsGone();

  // Sends what the kernel takes at once: all of it but to slow clients. Whether
  // the connection still stands.
  bool SendNow(Outgoing* outgoing);
  // Whether everything was sent.
  Task<bool> Send(Outgoing outgoing);
  // Of bodies, of all that was sent so far.
  uint64_t body_bytes() const { return body_bytes_; }

 private:
  bool SendTexts(Outgoing* outgoing);
  bool SendPiece(Outgoing* outgoing);

  const HttpServerOptions& options_;
  Socket socket_;
  SteadyClock::time_point deadline_ = SteadyClock::time_point::max();
  bool timed_out_ = false;
  // The kernel took less than it was given.
  bool is_full_ = false;
  uint64_t body_bytes_ = 0;
};

inline bool IsSent(const Outgoing& outgoing) {
  return outgoing.head.empty() && outgoing.body.empty() &&
         outgoing.file_bytes == 0;
}

}  // namespace orrery::server::internal

#endif  // SERVER_HTTP_HTTP_STREAM_H_
