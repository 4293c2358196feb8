#include "server/internal/http_connection.h"

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "boost/asio/buffer.hpp"
#include "boost/asio/post.hpp"
#include "boost/beast/http/error.hpp"
#include "boost/beast/http/read.hpp"

#include "server/internal/http_head.h"

namespace orrery::server::internal {
namespace {

namespace http = boost::beast::http;

using boost::system::error_code;

// One read of a body; the time-outs count per piece.
constexpr size_t kPieceBytes = size_t{64} << 10;
// One read of a head. Most fit, and connections that wait are cheap.
constexpr size_t kHeadBytes = 1024;
constexpr size_t kSendfileBytes = size_t{1} << 20;
constexpr absl::Duration kLingerTime = absl::Seconds(2);

bool IsTooLarge(const error_code& error) {
  return error == http::error::header_limit ||
         error == http::error::buffer_overflow;
}

// The rules of HTTP were broken, as against: the connection was.
bool IsProtocolError(const error_code& error) {
  return error.category() ==
             http::make_error_code(http::error::bad_value).category() &&
         error != http::error::end_of_stream &&
         error != http::error::partial_message;
}

std::optional<HttpFault> FaultOf(BodyOutcome outcome, uint64_t max_body_bytes) {
  switch (outcome) {
    case BodyOutcome::kTooLarge:
      return HttpFault{413, absl::StrCat("the body of this request may have ",
                                         max_body_bytes, " bytes")};
    case BodyOutcome::kMalformed:
      return HttpFault{400, "the body is badly chunked"};
    case BodyOutcome::kTooSlow:
      return HttpFault{408, "the body did not come in time"};
    case BodyOutcome::kBusy:
      return HttpFault{503, "more requests wait than can be served, try again"};
    default:
      return std::nullopt;
  }
}

}  // namespace

HttpConnection::HttpConnection(HttpReactor* reactor, int descriptor)
    : reactor_(reactor),
      options_(reactor->shared().options),
      socket_(reactor->context()),
      buffer_(std::max(options_.max_header_bytes, kPieceBytes)) {
  error_code ignored;
  // The family only matters to calls that are not made here.
  socket_.assign(net::ip::tcp::v4(), descriptor, ignored);
  socket_.native_non_blocking(true, ignored);
  reactor_->Register(this);
}

HttpConnection::~HttpConnection() { reactor_->Unregister(this); }

Task<void> HttpConnection::Run() {
  while (co_await ServeOne()) {
  }
  if (linger_) co_await Linger();
  error_code ignored;
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.close(ignored);
}

void HttpConnection::ExpireIfDue(SteadyClock::time_point now) {
  if (now < deadline_) return;
  deadline_ = SteadyClock::time_point::max();
  timed_out_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

void HttpConnection::Close() {
  error_code ignored;
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.cancel(ignored);
}

void HttpConnection::SetDeadline(absl::Duration duration) {
  timed_out_ = false;
  deadline_ = SteadyClock::now() + absl::ToChronoNanoseconds(duration);
}

void HttpConnection::ClearDeadline() {
  timed_out_ = false;
  deadline_ = SteadyClock::time_point::max();
}

Task<bool> HttpConnection::ServeOne() {
  // Who sends many requests at once does not keep others from their turn.
  if (buffer_.size() > 0) co_await net::post(socket_.get_executor(), kAwait);
  if (!co_await AwaitRequest()) co_return false;
  begin_ = SteadyClock::now();
  body_bytes_sent_ = 0;
  Parser parser;
  parser.header_limit(static_cast<uint32_t>(options_.max_header_bytes));
  parser.body_limit(boost::none);
  SetDeadline(options_.header_timeout);
  const error_code error = co_await ReadHead(parser);
  const bool timed_out = timed_out_;
  ClearDeadline();
  if (error) co_return co_await RejectHead(error, timed_out);

  HttpRequest request;
  const std::optional<HttpFault> fault = TakeHead(parser, &request);
  if (!fault.has_value()) co_return co_await Exchange(parser, request);
  linger_ = true;
  HttpResponse response =
      reactor_->shared().handler->Reject(fault->status, fault->detail, request);
  co_await Send(request, std::move(response), "unmatched",
                /*keep_alive=*/false);
  co_return false;
}

Task<bool> HttpConnection::AwaitRequest() {
  while (true) {
    // Line breaks between requests are skipped (RFC 9112 §2.2).
    while (buffer_.size() > 0) {
      const char first = *static_cast<const char*>(buffer_.data().data());
      if (first != '\r' && first != '\n') co_return true;
      buffer_.consume(1);
    }
    if (reactor_->shared().draining) co_return false;
    // What a body took is not kept while nothing comes.
    if (buffer_.capacity() > 4 * kHeadBytes) buffer_.shrink_to_fit();
    idle_ = true;
    SetDeadline(options_.idle_timeout);
    const auto [error, size] =
        co_await socket_.async_read_some(buffer_.prepare(kHeadBytes), kAwait);
    ClearDeadline();
    idle_ = false;
    if (error) co_return false;
    buffer_.commit(size);
  }
}

Task<error_code> HttpConnection::ReadHead(Parser& parser) {
  while (true) {
    error_code error;
    buffer_.consume(parser.put(buffer_.data(), error));
    if (error != http::error::need_more) co_return error;
    const auto [read_error, size] =
        co_await socket_.async_read_some(buffer_.prepare(kHeadBytes), kAwait);
    if (read_error) co_return read_error;
    buffer_.commit(size);
  }
}

Task<bool> HttpConnection::RejectHead(error_code error, bool timed_out) {
  int status = 0;
  std::string detail;
  if (timed_out) {
    status = 408;
    detail = "the head of the request did not come in time";
  } else if (IsTooLarge(error)) {
    status = 431;
    detail = absl::StrCat("the head of a request may have ",
                          options_.max_header_bytes, " bytes");
  } else if (IsProtocolError(error)) {
    status = 400;
    detail = absl::StrCat("this is not HTTP/1.1: ", error.message());
  } else {
    co_return false;
  }
  linger_ = true;
  HttpRequest request;
  HttpResponse response =
      reactor_->shared().handler->Reject(status, detail, request);
  co_await Send(request, std::move(response), "unmatched",
                /*keep_alive=*/false);
  co_return false;
}

Task<bool> HttpConnection::Exchange(Parser& parser, HttpRequest& request) {
  HttpHandler& handler = *reactor_->shared().handler;
  const Admission admission = handler.Admit(request);
  BodyOutcome outcome = BodyOutcome::kComplete;
  if (admission.read_body && !parser.is_done()) {
    outcome = co_await ReadBody(parser, admission, request);
  }
  if (outcome == BodyOutcome::kGone) co_return false;

  HttpResponse response;
  if (outcome == BodyOutcome::kComplete || outcome == BodyOutcome::kStopped) {
    if (admission.lane == Lane::kInline) {
      response = admission.handle(request);
    } else if (!co_await RunIn(admission.lane,
                               [&] { response = admission.handle(request); })) {
      outcome = BodyOutcome::kBusy;
    }
  }
  const std::optional<HttpFault> fault =
      FaultOf(outcome, admission.max_body_bytes);
  if (fault.has_value()) {
    response = handler.Reject(fault->status, fault->detail, request);
    response.close = true;
  }
  // What is left of a body would be taken for the next request.
  const bool body_is_read = parser.is_done();
  linger_ = !body_is_read;
  const bool keep_alive = body_is_read && parser.keep_alive() &&
                          !response.close && !reactor_->shared().draining;
  const bool sent =
      co_await Send(request, std::move(response), admission.route, keep_alive);
  co_return sent&& keep_alive;
}

Task<BodyOutcome> HttpConnection::ReadBody(Parser& parser,
                                           const Admission& admission,
                                           HttpRequest& request) {
  const auto length = parser.content_length();
  if (length.has_value() && *length > admission.max_body_bytes) {
    co_return BodyOutcome::kTooLarge;
  }
  if (absl::EqualsIgnoreCase(request.fields.Get("Expect"), "100-continue")) {
    const bool sent = co_await Write("HTTP/1.1 100 Continue\r\n\r\n");
    if (!sent) co_return BodyOutcome::kGone;
  }
  buffer_.reserve(buffer_.max_size());
  std::string piece(kPieceBytes, '\0');
  uint64_t total = 0;
  SetDeadline(options_.body_timeout);
  while (!parser.is_done()) {
    parser.get().body().data = piece.data();
    parser.get().body().size = piece.size();
    const auto [error, size] =
        co_await http::async_read(socket_, buffer_, parser, kAwait);
    if (error && error != http::error::need_buffer) {
      if (timed_out_) co_return BodyOutcome::kTooSlow;
      co_return IsProtocolError(error) ? BodyOutcome::kMalformed
                                       : BodyOutcome::kGone;
    }
    const size_t got = piece.size() - parser.get().body().size;
    total += got;
    if (total > admission.max_body_bytes) co_return BodyOutcome::kTooLarge;
    const BodyOutcome outcome = co_await TakePiece(
        admission, absl::string_view(piece.data(), got), request);
    if (outcome != BodyOutcome::kComplete) co_return outcome;
  }
  ClearDeadline();
  co_return BodyOutcome::kComplete;
}

Task<BodyOutcome> HttpConnection::TakePiece(const Admission& admission,
                                            absl::string_view piece,
                                            HttpRequest& request) {
  if (!admission.take_body) {
    absl::StrAppend(&request.body, piece);
    co_return BodyOutcome::kComplete;
  }
  bool wanted = false;
  ClearDeadline();
  const bool ran = co_await RunIn(admission.lane,
                                  [&] { wanted = admission.take_body(piece); });
  if (!ran) co_return BodyOutcome::kBusy;
  SetDeadline(options_.body_timeout);
  co_return wanted ? BodyOutcome::kComplete : BodyOutcome::kStopped;
}

Task<bool> HttpConnection::RunIn(Lane lane, std::function<void()> work) {
  if (lane == Lane::kInline) {
    work();
    co_return true;
  }
  HttpShared& shared = reactor_->shared();
  WorkerPool& pool = shared.PoolOf(lane);
  // Never expires; the worker's end cancels it, on this thread.
  Timer done(socket_.get_executor(), SteadyClock::time_point::max());
  const bool accepted = pool.Submit([this, &done, &work] {
    work();
    net::post(socket_.get_executor(), [&done] { done.cancel(); });
  });
  if (!accepted) co_return false;
  co_await done.async_wait(kAwait);
  co_return true;
}

Task<bool> HttpConnection::Send(const HttpRequest& request,
                                HttpResponse response, absl::string_view route,
                                bool keep_alive) {
  const bool has_events = response.events != nullptr;
  const bool is_http_1_0 = request.is_http_1_0;
  const absl::string_view body = response.body == nullptr
                                     ? absl::string_view()
                                     : absl::string_view(*response.body);
  ResponseFraming framing;
  framing.keep_alive = keep_alive && !has_events;
  framing.is_http_1_0 = is_http_1_0;
  framing.chunked = has_events && !is_http_1_0;
  if (!has_events && response.status != 304) {
    framing.content_length = response.file.has_value() ? response.file->length
                                                       : uint64_t{body.size()};
  }
  const std::string head = FormatHead(response, framing, reactor_->Date());
  const bool head_only = request.method == "HEAD" || response.status == 304;
  // The kernel waits for the file, to send both in one piece.
  const bool more = !head_only && response.file.has_value();
  bool sent = co_await Write(head, head_only ? absl::string_view() : body,
                             more ? MSG_MORE : 0);
  if (sent && !head_only && response.file.has_value()) {
    sent = co_await SendFile(*response.file);
  }
  if (sent && !head_only && has_events) {
    sent = co_await SendEvents(*response.events, framing.chunked);
  }
  const auto duration = SteadyClock::now() - begin_;
  reactor_->shared().handler->Finished(
      request, {.route = route,
                .status = response.status,
                .bytes = body_bytes_sent_,
                .duration = absl::FromChrono(duration)});
  co_return sent&& framing.keep_alive;
}

Task<bool> HttpConnection::Write(absl::string_view head, absl::string_view body,
                                 int flags) {
  while (!head.empty() || !body.empty()) {
    std::array<iovec, 2> parts = {
        iovec{const_cast<char*>(head.data()), head.size()},
        iovec{const_cast<char*>(body.data()), body.size()}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const ssize_t sent = sendmsg(socket_.native_handle(), &message,
                                 MSG_NOSIGNAL | MSG_DONTWAIT | flags);
    if (sent > 0) {
      const size_t of_head = std::min(static_cast<size_t>(sent), head.size());
      head.remove_prefix(of_head);
      body.remove_prefix(static_cast<size_t>(sent) - of_head);
      body_bytes_sent_ += static_cast<size_t>(sent) - of_head;
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN || !co_await AwaitWritable()) co_return false;
  }
  co_return true;
}

Task<bool> HttpConnection::AwaitWritable() {
  SetDeadline(options_.write_timeout);
  const auto [error] = co_await socket_.async_wait(Socket::wait_write, kAwait);
  ClearDeadline();
  co_return !error;
}

Task<bool> HttpConnection::SendFile(const FileSlice& slice) {
  auto offset = static_cast<off_t>(slice.offset);
  uint64_t left = slice.length;
  while (left > 0) {
    const ssize_t sent =
        sendfile(socket_.native_handle(), slice.descriptor, &offset,
                 std::min<uint64_t>(left, kSendfileBytes));
    if (sent > 0) {
      left -= static_cast<uint64_t>(sent);
      body_bytes_sent_ += static_cast<uint64_t>(sent);
      // Others of this thread have their turn.
      if (left > 0) co_await net::post(socket_.get_executor(), kAwait);
      continue;
    }
    if (sent < 0 && errno == EINTR) continue;
    // Nothing sent without an error: the file ends before the slice does.
    if (sent == 0 || errno != EAGAIN) co_return false;
    if (!co_await AwaitWritable()) co_return false;
  }
  co_return true;
}

Task<bool> HttpConnection::SendEvents(EventSource& events, bool chunked) {
  Timer timer(socket_.get_executor());
  auto last_write = SteadyClock::now();
  while (true) {
    std::string text;
    if (reactor_->shared().draining) {
      text = events.Interrupt();
    } else {
      // With no worker free it is asked the next time.
      co_await RunIn(Lane::kRead, [&] { text = events.Poll(); });
    }
    const bool done = events.done();
    const auto now = SteadyClock::now();
    if (text.empty() && now - last_write >= absl::ToChronoNanoseconds(
                                                options_.heartbeat_interval)) {
      text = ": heartbeat\n\n";
    }
    if (!text.empty()) {
      last_write = now;
      if (!co_await WriteChunk(std::move(text), chunked)) co_return false;
    }
    if (done) break;
    if (PeerIsGone()) co_return false;
    timer.expires_after(absl::ToChronoNanoseconds(options_.event_interval));
    co_await timer.async_wait(kAwait);
  }
  if (!chunked) co_return true;
  co_return co_await Write("", "0\r\n\r\n");
}

Task<bool> HttpConnection::WriteChunk(std::string text, bool chunked) {
  const std::string framed =
      chunked ? absl::StrCat(absl::Hex(text.size()), "\r\n", text, "\r\n")
              : std::move(text);
  co_return co_await Write("", framed);
}

Task<void> HttpConnection::Linger() {
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  SetDeadline(kLingerTime);
  std::string sink(kPieceBytes, '\0');
  while (!timed_out_) {
    const auto [error, size] =
        co_await socket_.async_read_some(net::buffer(sink), kAwait);
    if (error) break;
  }
  ClearDeadline();
}

bool HttpConnection::PeerIsGone() {
  char byte = 0;
  return recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

}  // namespace orrery::server::internal
