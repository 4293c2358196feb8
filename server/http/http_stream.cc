#include "server/http/http_stream.h"

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>

#include "boost/asio/buffer.hpp"
#include "boost/asio/post.hpp"

namespace orrery::server::internal {
namespace {

using boost::system::error_code;

constexpr absl::Duration kLingerTime = absl::Seconds(2);
constexpr size_t kSinkBytes = size_t{64} << 10;
// After so many bytes of a file others of this thread have their turn.
constexpr uint64_t kTurnBytes = uint64_t{1} << 20;

iovec Part(absl::string_view text) {
  return {const_cast<char*>(text.data()), text.size()};
}

}  // namespace

HttpStream::HttpStream(HttpReactor* reactor, int descriptor)
    : options_(reactor->shared().options), socket_(reactor->context()) {
  error_code ignored;
  // The family only matters to calls that are not made here.
  socket_.assign(net::ip::tcp::v4(), descriptor, ignored);
  socket_.native_non_blocking(true, ignored);
}

void HttpStream::SetDeadline(absl::Duration duration) {
  timed_out_ = false;
  deadline_ = SteadyClock::now() + absl::ToChronoNanoseconds(duration);
}

void HttpStream::ClearDeadline() {
  timed_out_ = false;
  deadline_ = SteadyClock::time_point::max();
}

void HttpStream::ExpireIfDue(SteadyClock::time_point now) {
  if (now < deadline_) return;
  deadline_ = SteadyClock::time_point::max();
  timed_out_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

void HttpStream::Abort() {
  error_code ignored;
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.cancel(ignored);
}

Task<void> HttpStream::Linger() {
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  SetDeadline(kLingerTime);
  std::string sink(kSinkBytes, '\0');
  while (!timed_out_) {
    const auto [error, size] =
        co_await socket_.async_read_some(net::buffer(sink), kAwait);
    if (error) break;
  }
  ClearDeadline();
}

void HttpStream::Close() {
  error_code ignored;
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.close(ignored);
}

bool HttpStream::PeerIsGone() {
  char byte = 0;
  return recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

bool HttpStream::SendNow(Outgoing* outgoing) {
  is_full_ = false;
  const uint64_t turn_end =
      outgoing->file_bytes - std::min(outgoing->file_bytes, kTurnBytes);
  while (!is_full_ && !(outgoing->head.empty() && outgoing->body.empty())) {
    if (!SendTexts(outgoing)) return false;
  }
  while (!is_full_ && outgoing->file_bytes > turn_end) {
    if (!SendPiece(outgoing)) return false;
  }
  return true;
}

Task<bool> HttpStream::Send(Outgoing outgoing) {
  while (true) {
    if (!SendNow(&outgoing)) co_return false;
    if (IsSent(outgoing)) co_return true;
    if (!is_full_) {
      co_await net::post(socket_.get_executor(), kAwait);
      continue;
    }
    SetDeadline(options_.write_timeout);
    const auto [error] =
        co_await socket_.async_wait(Socket::wait_write, kAwait);
    ClearDeadline();
    if (error) co_return false;
  }
}

bool HttpStream::SendTexts(Outgoing* outgoing) {
  std::array<iovec, 2> parts = {Part(outgoing->head), Part(outgoing->body)};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  // The kernel waits for the file, to send both in one piece.
  const int more = outgoing->file_bytes > 0 ? MSG_MORE : 0;
  const ssize_t sent = sendmsg(socket_.native_handle(), &message,
                               MSG_NOSIGNAL | MSG_DONTWAIT | more);
  if (sent < 0) {
    is_full_ = errno == EAGAIN;
    return is_full_ || errno == EINTR;
  }
  const auto size = static_cast<size_t>(sent);
  const size_t of_head = std::min(size, outgoing->head.size());
  outgoing->head.remove_prefix(of_head);
  outgoing->body.remove_prefix(size - of_head);
  body_bytes_ += size - of_head;
  return true;
}

bool HttpStream::SendPiece(Outgoing* outgoing) {
  const ssize_t sent =
      sendfile(socket_.native_handle(), outgoing->file, &outgoing->offset,
               std::min(outgoing->file_bytes, kTurnBytes));
  if (sent < 0) {
    is_full_ = errno == EAGAIN;
    return is_full_ || errno == EINTR;
  }
  outgoing->file_bytes -= static_cast<uint64_t>(sent);
  body_bytes_ += static_cast<uint64_t>(sent);
  // Nothing sent without an error: the file ends before the slice does.
  return sent > 0;
}

}  // namespace orrery::server::internal
