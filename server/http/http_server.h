#ifndef SERVER_HTTP_HTTP_SERVER_H_
#define SERVER_HTTP_HTTP_SERVER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "server/http/http_handler.h"
#include "server/http/listen_address.h"

namespace orrery::server {

struct HttpServerOptions {
  ListenAddress address;
  // Threads that own connections; 0 means one a core but one.
  int threads = 0;
  // Threads for Lane::kRead, Lane::kWrite and Lane::kWait.
  int read_workers = 8;
  int write_workers = 16;
  int wait_workers = 32;
  // Requests that may wait for a worker of a lane; further ones get 503. When
  // the snapshot changes, all who read at that moment wait for one answer.
  size_t max_queued = 4096;
  // Past so many connections, those that waited longest for a request go.
  int max_connections = 10000;
  // Request line and header fields; more is 431.
  size_t max_header_bytes = size_t{16} << 10;
  // What bodies that are coming, or not answered yet, take together; further
  // ones get 503.
  uint64_t max_held_body_bytes = uint64_t{256} << 20;
  // Between two requests of a connection.
  absl::Duration idle_timeout = absl::Seconds(75);
  // From the first byte of a request to the end of its head; then 408.
  absl::Duration header_timeout = absl::Seconds(10);
  // For a whole body of the API, or for each 64 KiB of an upload; then 408.
  absl::Duration body_timeout = absl::Seconds(30);
  // For each time that the kernel can take no more until the client reads.
  absl::Duration write_timeout = absl::Seconds(30);
  // How often time-outs are looked at: their precision.
  absl::Duration sweep_interval = absl::Milliseconds(250);
  // How often event sources are polled, and how long they may be silent before
  // a comment goes out.
  absl::Duration event_interval = absl::Milliseconds(100);
  absl::Duration heartbeat_interval = absl::Seconds(15);
};

// HTTP/1.1 over TCP: keep-alive, pipelining, chunked bodies, `Expect:
// 100-continue`, HEAD, sendfile, server-sent events. A client that breaks the
// rules harms its own connection only. Thread-safe.
class HttpServer {
 public:
  // Listens and serves. `handler` must outlive the server. kInvalidArgument or
  // kFailedPrecondition, naming the address, when it cannot listen.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(
      const HttpServerOptions& options, HttpHandler* handler);

  // Drain(ZeroDuration()), then waits for the work that has begun.
  ~HttpServer();

  // The one that was bound: never port 0.
  const ListenAddress& address() const;

  // Accepts nothing more, ends idle connections and event streams, lets
  // requests that have begun finish, and cuts what is left after `limit`.
  void Drain(absl::Duration limit);

 private:
  class Listener;

  explicit HttpServer(std::unique_ptr<Listener> listener);

  std::unique_ptr<Listener> listener_;
};

}  // namespace orrery::server

#endif  // SERVER_HTTP_HTTP_SERVER_H_
