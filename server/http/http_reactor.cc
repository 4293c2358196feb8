#include "server/http/http_reactor.h"

#include <sched.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "boost/asio/co_spawn.hpp"
#include "boost/asio/detached.hpp"
#include "boost/asio/post.hpp"

#include "server/http/http_connection.h"

namespace orrery::server::internal {
namespace {

// One in so many goes at a time.
constexpr size_t kShedShare = 16;

// For each handler that ran, a loop looks so often for more before it sleeps, a
// fraction of a microsecond each: waking it costs the client on whose core the
// wake-up runs, and what it would save by sleeping is less.
constexpr size_t kLooks = 8;
constexpr size_t kMaxLooks = 256;

Task<void> Serve(std::unique_ptr<HttpConnection> connection) {
  co_await connection->Run();
}

}  // namespace

void ConnectionCount::Add(int change) {
  {
    MutexLock lock(&mutex_);
    count_ += change;
  }
  changed_.notify_all();
}

int ConnectionCount::count() {
  const MutexLock lock(&mutex_);
  return count_;
}

bool ConnectionCount::WaitForNone(absl::Duration limit) {
  const auto until = SteadyClock::now() + absl::ToChronoNanoseconds(limit);
  MutexLock lock(&mutex_);
  while (count_ > 0) {
    if (changed_.wait_until(mutex_, until) == std::cv_status::timeout) {
      return count_ == 0;
    }
  }
  return true;
}

HttpReactor::HttpReactor(HttpShared* shared)
    : shared_(shared), guard_(context_.get_executor()) {
  net::co_spawn(context_.get_executor(), Sweep(), net::detached);
}

HttpReactor::~HttpReactor() = default;

void HttpReactor::Run() {
  size_t looks = 0;
  while (!context_.stopped()) {
    const size_t handled = context_.poll();
    if (handled > 0) {
      looks = std::min(looks + kLooks * handled, kMaxLooks);
    } else if (looks > 0) {
      --looks;
      ::sched_yield();
    } else {
      context_.run_one();
    }
  }
}

void HttpReactor::Post(std::function<void()> work) {
  net::post(context_.get_executor(), std::move(work));
}

void HttpReactor::Adopt(int descriptor) {
  auto connection = std::make_unique<HttpConnection>(this, descriptor);
  net::co_spawn(context_.get_executor(), Serve(std::move(connection)),
                net::detached);
}

void HttpReactor::Register(HttpConnection* connection) {
  connections_.insert(connection);
}

void HttpReactor::Unregister(HttpConnection* connection) {
  connections_.erase(connection);
  shared_->live.Add(-1);
}

void HttpReactor::CloseIdle() {
  for (HttpConnection* connection : connections_) {
    if (connection->idle()) connection->stream().Abort();
  }
}

void HttpReactor::ShedIdle() {
  std::vector<HttpConnection*> idle;
  for (HttpConnection* connection : connections_) {
    if (connection->idle()) idle.push_back(connection);
  }
  if (idle.empty()) return;
  const auto end =
      idle.begin() + static_cast<ptrdiff_t>(idle.size() / kShedShare + 1);
  std::partial_sort(idle.begin(), end, idle.end(),
                    [](HttpConnection* a, HttpConnection* b) {
                      return a->stream().deadline() < b->stream().deadline();
                    });
  std::for_each(idle.begin(), end, [](HttpConnection* connection) {
    connection->stream().Abort();
  });
}

void HttpReactor::CloseAll() {
  for (HttpConnection* connection : connections_) connection->stream().Abort();
}

Task<void> HttpReactor::Sweep() {
  Timer timer(context_.get_executor());
  while (true) {
    timer.expires_after(
        absl::ToChronoNanoseconds(shared_->options.sweep_interval));
    co_await timer.async_wait(kAwait);
    const auto now = SteadyClock::now();
    for (HttpConnection* connection : connections_) {
      connection->stream().ExpireIfDue(now);
    }
    shared_->handler->Tick();
  }
}

}  // namespace orrery::server::internal
