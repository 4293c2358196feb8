#include "server/http/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "boost/asio/basic_socket_acceptor.hpp"
#include "boost/asio/co_spawn.hpp"
#include "boost/asio/detached.hpp"

#include "catalog/orchestrator/local/local_ports.h"
#include "server/http/http_reactor.h"
#include "third_party/absl/status_macros.h"

namespace orrery::server {
namespace {

using internal::Executor;
using internal::HttpReactor;
using internal::HttpShared;
using internal::kAwait;
using internal::Task;
using Acceptor =
    boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, Executor>;

// After the process ran out of descriptors.
constexpr auto kAcceptPause = std::chrono::milliseconds(50);
// Between two times that this is said.
constexpr auto kWarnPause = std::chrono::minutes(1);

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

SocketAddress ToSocketAddress(const ListenAddress& address) {
  SocketAddress result;
  if (absl::StrContains(address.host, ":")) {
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&result.storage);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(address.port);
    inet_pton(AF_INET6, address.host.c_str(), &v6->sin6_addr);
    result.size = sizeof(sockaddr_in6);
  } else {
    auto* v4 = reinterpret_cast<sockaddr_in*>(&result.storage);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(address.port);
    inet_pton(AF_INET, address.host.c_str(), &v4->sin_addr);
    result.size = sizeof(sockaddr_in);
  }
  return result;
}

uint16_t BoundPort(int descriptor) {
  SocketAddress bound;
  bound.size = sizeof(bound.storage);
  getsockname(descriptor, reinterpret_cast<sockaddr*>(&bound.storage),
              &bound.size);
  return ntohs(bound.storage.ss_family == AF_INET6
                   ? reinterpret_cast<sockaddr_in6*>(&bound.storage)->sin6_port
                   : reinterpret_cast<sockaddr_in*>(&bound.storage)->sin_port);
}

absl::Status CannotListen(const ListenAddress& address, int error) {
  const std::string why =
      error == EADDRINUSE
          ? absl::StrCat("the port is held ",
                         catalog::DescribeStranger(address.port))
          : std::string(strerror(error));
  return absl::FailedPreconditionError(absl::StrCat(
      "cannot listen on ", FormatListenAddress(address), ": ", why));
}

// A listening, non-blocking socket that children do not inherit.
absl::StatusOr<int> Listen(const ListenAddress& address) {
  const SocketAddress where = ToSocketAddress(address);
  const int descriptor =
      socket(where.storage.ss_family,
             SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
  if (descriptor < 0) return CannotListen(address, errno);
  const int on = 1;
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bind(descriptor, reinterpret_cast<const sockaddr*>(&where.storage),
           where.size) != 0 ||
      listen(descriptor, SOMAXCONN) != 0) {
    const absl::Status status = CannotListen(address, errno);
    close(descriptor);
    return status;
  }
  return descriptor;
}

}  // namespace

class HttpServer::Listener {
 public:
  Listener(const HttpServerOptions& options, HttpHandler* handler,
           int descriptor)
      : address_{options.address.host, BoundPort(descriptor)},
        shared_(options, handler) {
    const int threads =
        options.threads > 0
            ? options.threads
            : std::max(
                  1, static_cast<int>(std::thread::hardware_concurrency()) - 1);
    for (int i = 0; i < threads; ++i) {
      reactors_.push_back(std::make_unique<HttpReactor>(&shared_));
    }
    acceptor_ = std::make_unique<Acceptor>(reactors_.front()->context());
    boost::system::error_code ignored;
    acceptor_->assign(boost::asio::ip::tcp::v4(), descriptor, ignored);
    boost::asio::co_spawn(reactors_.front()->context().get_executor(), Accept(),
                          boost::asio::detached);
    for (const auto& reactor : reactors_) {
      threads_.emplace_back([&reactor] { reactor->Run(); });
    }
  }

  ~Listener() {
    Drain(absl::ZeroDuration());
    // Workers hand their results to reactors, so they go first.
    shared_.reads.Stop();
    shared_.writes.Stop();
    shared_.waits.Stop();
    for (const auto& reactor : reactors_) reactor->Stop();
    for (std::thread& thread : threads_) thread.join();
    acceptor_.reset();
  }

  const ListenAddress& address() const { return address_; }

  void Drain(absl::Duration limit) {
    shared_.draining = true;
    reactors_.front()->Post([this] {
      boost::system::error_code ignored;
      acceptor_->close(ignored);
    });
    for (const auto& reactor : reactors_) {
      reactor->Post([&reactor] { reactor->CloseIdle(); });
    }
    if (shared_.live.WaitForNone(limit)) return;
    for (const auto& reactor : reactors_) {
      reactor->Post([&reactor] { reactor->CloseAll(); });
    }
  }

 private:
  Task<void> Accept() {
    internal::Timer pause(reactors_.front()->context());
    while (acceptor_->is_open()) {
      const auto [error] =
          co_await acceptor_->async_wait(Acceptor::wait_read, kAwait);
      if (error) co_return;
      if (AcceptAll()) continue;
      MakeRoom();
      pause.expires_after(kAcceptPause);
      co_await pause.async_wait(kAwait);
    }
  }

  // False when there are too many connections, or no descriptors left.
  bool AcceptAll() {
    while (true) {
      if (shared_.live.count() >= shared_.options.max_connections) return false;
      // Not by Asio, which leaves the descriptor open in child processes.
      const int descriptor = accept4(acceptor_->native_handle(), nullptr,
                                     nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (descriptor < 0) {
        return errno == EAGAIN || errno == EINTR || errno == ECONNABORTED;
      }
      const int on = 1;
      setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
      // Counted before the reactor has it, so that a crowd cannot slip through.
      shared_.live.Add(1);
      HttpReactor* reactor = reactors_[next_++ % reactors_.size()].get();
      reactor->Post([reactor, descriptor] { reactor->Adopt(descriptor); });
    }
  }

  void MakeRoom() {
    const auto now = internal::SteadyClock::now();
    if (now >= next_warning_) {
      next_warning_ = now + kWarnPause;
      shared_.handler->Warn(absl::StrCat(
          "no room for more than ", shared_.live.count(),
          " connections; those that wait for a request are closed, longest "
          "first"));
    }
    for (const auto& reactor : reactors_) {
      reactor->Post([&reactor] { reactor->ShedIdle(); });
    }
  }

  const ListenAddress address_;
  HttpShared shared_;
  std::vector<std::unique_ptr<HttpReactor>> reactors_;
  std::unique_ptr<Acceptor> acceptor_;
  size_t next_ = 0;
  // Of the first reactor's thread.
  internal::SteadyClock::time_point next_warning_;
  std::vector<std::thread> threads_;
};

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(
    const HttpServerOptions& options, HttpHandler* handler) {
  ORRERY_ASSIGN_OR_RETURN(const int descriptor, Listen(options.address));
  return std::unique_ptr<HttpServer>(
      new HttpServer(std::make_unique<Listener>(options, handler, descriptor)));
}

HttpServer::HttpServer(std::unique_ptr<Listener> listener)
    : listener_(std::move(listener)) {}

HttpServer::~HttpServer() = default;

const ListenAddress& HttpServer::address() const {
  return listener_->address();
}

void HttpServer::Drain(absl::Duration limit) { listener_->Drain(limit); }

}  // namespace orrery::server
