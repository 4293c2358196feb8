// One thread with its connections. Private to the HTTP server: the headers of
// Asio are in here.

#ifndef SERVER_HTTP_HTTP_REACTOR_H_
#define SERVER_HTTP_HTTP_REACTOR_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <set>

#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "boost/asio/as_tuple.hpp"
#include "boost/asio/awaitable.hpp"
#include "boost/asio/basic_stream_socket.hpp"
#include "boost/asio/basic_waitable_timer.hpp"
#include "boost/asio/executor_work_guard.hpp"
#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/use_awaitable.hpp"

#include "server/http/http_handler.h"
#include "server/http/http_head.h"
#include "server/http/http_server.h"
#include "server/http/worker_pool.h"
#include "third_party/absl/mutex.h"

namespace orrery::server::internal {

namespace net = boost::asio;

using SteadyClock = std::chrono::steady_clock;
using Executor = net::io_context::executor_type;
using Socket = net::basic_stream_socket<net::ip::tcp, Executor>;
using Timer =
    net::basic_waitable_timer<SteadyClock, net::wait_traits<SteadyClock>,
                              Executor>;
template <typename T>
using Task = net::awaitable<T, Executor>;
// Results of asynchronous operations as tuples: nothing throws.
inline constexpr net::as_tuple_t<net::use_awaitable_t<Executor>> kAwait{};

class HttpConnection;

// Counts connections, so that a drain can wait for the last. Thread-safe.
class ConnectionCount {
 public:
  void Add(int change);
  // Whether there are none, at the latest after `limit`.
  bool WaitForNone(absl::Duration limit);
  int count();

 private:
  Mutex mutex_;
  Condition changed_;
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
};

// What all connections of a server share.
struct HttpShared {
  HttpShared(const HttpServerOptions& server_options, HttpHandler* http_handler)
      : options(server_options),
        handler(http_handler),
        reads(options.read_workers, options.max_queued),
        writes(options.write_workers, options.max_queued),
        waits(options.wait_workers, options.max_queued) {}

  // Requires: `lane` is not Lane::kInline.
  WorkerPool& PoolOf(Lane lane) {
    if (lane == Lane::kRead) return reads;
    return lane == Lane::kWrite ? writes : waits;
  }

  const HttpServerOptions options;
  HttpHandler* const handler;
  std::atomic<bool> draining = false;
  // Of max_held_body_bytes.
  std::atomic<uint64_t> held_body_bytes = 0;
  ConnectionCount live;
  WorkerPool reads;
  WorkerPool writes;
  WorkerPool waits;
};

// All but the constructor and `context` itself is for the reactor's thread.
class HttpReactor {
 public:
  explicit HttpReactor(HttpShared* shared);
  ~HttpReactor();

  // Runs the loop on the calling thread until Stop.
  void Run();
  void Stop() { context_.stop(); }
  // Runs `work` on the reactor's thread, soon. Thread-safe.
  void Post(std::function<void()> work);

  net::io_context& context() { return context_; }
  HttpShared& shared() { return *shared_; }

  // The Date field of answers.
  absl::string_view Date() { return date_.At(absl::Now()); }

  // Takes over a non-blocking socket, which counts as live already.
  void Adopt(int descriptor);
  // Connections are registered while they live.
  void Register(HttpConnection* connection);
  void Unregister(HttpConnection* connection);

  // Ends the connections that wait for a request.
  void CloseIdle();
  // Ends a part of them: those that have waited longest.
  void ShedIdle();
  void CloseAll();

 private:
  Task<void> Sweep();

  HttpShared* shared_;
  DateText date_;
  // Outlives the context, whose end destroys suspended connections.
  std::set<HttpConnection*> connections_;
  net::io_context context_{1};
  net::executor_work_guard<Executor> guard_;
};

}  // namespace orrery::server::internal

#endif  // SERVER_HTTP_HTTP_REACTOR_H_
