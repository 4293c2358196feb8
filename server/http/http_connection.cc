#include "server/http/http_connection.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "boost/asio/buffer.hpp"
#include "boost/asio/post.hpp"
#include "boost/beast/http/error.hpp"
#include "boost/beast/http/read.hpp"

#include "server/http/http_head.h"

namespace orrery::server::internal {
namespace {

namespace http = boost::beast::http;

using boost::system::error_code;

// Reads of a body: the first, and what they grow to while a body fills them.
// Many bodies that only trickle in are cheap.
constexpr size_t kFirstPieceBytes = size_t{4} << 10;
constexpr size_t kPieceBytes = size_t{64} << 10;
// One read of a head. Most fit, and connections that wait are cheap.
constexpr size_t kHeadBytes = 1024;

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

bool HeldBody::Hold(uint64_t bytes) {
  if (shared_.held_body_bytes.fetch_add(bytes) + bytes >
      shared_.options.max_held_body_bytes) {
    shared_.held_body_bytes -= bytes;
    return false;
  }
  bytes_ += bytes;
  return true;
}

void HeldBody::Release() {
  shared_.held_body_bytes -= bytes_;
  bytes_ = 0;
}

HttpConnection::HttpConnection(HttpReactor* reactor, int descriptor)
    : reactor_(reactor),
      options_(reactor->shared().options),
      stream_(reactor, descriptor),
      buffer_(std::max(options_.max_header_bytes, kPieceBytes)),
      held_body_(&reactor->shared()) {
  reactor_->Register(this);
}

HttpConnection::~HttpConnection() { reactor_->Unregister(this); }

Task<void> HttpConnection::Run() {
  // Not as a condition: gcc 12 then enters the coroutine anywhere.
  bool goes_on = true;
  while (goes_on) goes_on = co_await ServeOne();
  if (linger_) co_await stream_.Linger();
  stream_.Close();
}

Task<bool> HttpConnection::ServeOne() {
  // Who sends many requests at once does not keep others from their turn.
  if (buffer_.size() > 0) co_await Turn();
  if (!HasRequest()) {
    const bool came = co_await AwaitRequest();
    if (!came) co_return false;
  }
  begin_ = SteadyClock::now();
  begin_body_bytes_ = stream_.body_bytes();
  Parser parser;
  parser.header_limit(static_cast<uint32_t>(options_.max_header_bytes));
  parser.body_limit(boost::none);
  error_code error = ParseHead(parser);
  if (error == http::error::need_more) error = co_await ReadHead(parser);
  if (error) co_return co_await RejectHead(error);

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

bool HttpConnection::HasRequest() {
  // Line breaks between requests are skipped (RFC 9112 §2.2).
  while (buffer_.size() > 0) {
    const char first = *static_cast<const char*>(buffer_.data().data());
    if (first != '\r' && first != '\n') return true;
    buffer_.consume(1);
  }
  return false;
}

Task<void> HttpConnection::Turn() {
  co_await net::post(stream_.socket().get_executor(), kAwait);
}

Task<error_code> HttpConnection::ReadSome() {
  const auto [error, size] = co_await stream_.socket().async_read_some(
      buffer_.prepare(kHeadBytes), kAwait);
  if (!error) buffer_.commit(size);
  co_return error;
}

Task<bool> HttpConnection::AwaitRequest() {
  while (!HasRequest()) {
    if (reactor_->shared().draining) co_return false;
    // What a body took is not kept while nothing comes.
    if (buffer_.capacity() > 4 * kHeadBytes) buffer_.shrink_to_fit();
    idle_ = true;
    stream_.SetDeadline(options_.idle_timeout);
    const error_code error = co_await ReadSome();
    stream_.ClearDeadline();
    idle_ = false;
    if (error) co_return false;
  }
  co_return true;
}

error_code HttpConnection::ParseHead(Parser& parser) {
  error_code error;
  buffer_.consume(parser.put(buffer_.data(), error));
  return error;
}

Task<error_code> HttpConnection::ReadHead(Parser& parser) {
  stream_.SetDeadline(options_.header_timeout);
  error_code error = http::error::need_more;
  while (error == http::error::need_more) {
    error = co_await ReadSome();
    if (!error) error = ParseHead(parser);
  }
  if (!error) stream_.ClearDeadline();
  co_return error;
}

Task<bool> HttpConnection::RejectHead(error_code error) {
  int status = 0;
  std::string detail;
  if (stream_.timed_out()) {
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
  stream_.ClearDeadline();
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
  request.body = std::string();
  held_body_.Release();
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
    const bool sent =
        co_await stream_.Send({.head = "HTTP/1.1 100 Continue\r\n\r\n"});
    if (!sent) co_return BodyOutcome::kGone;
  }
  std::string piece;
  size_t piece_bytes = kFirstPieceBytes;
  uint64_t total = 0;
  stream_.SetDeadline(options_.body_timeout);
  while (!parser.is_done()) {
    if (piece.size() < piece_bytes) {
      // Once here, once on its way from the socket.
      if (!held_body_.Hold(2 * (piece_bytes - piece.size()))) {
        co_return BodyOutcome::kBusy;
      }
      piece.resize(piece_bytes);
      buffer_.reserve(piece_bytes);
    }
    parser.get().body().data = piece.data();
    parser.get().body().size = piece.size();
    const auto [error, size] =
        co_await http::async_read(stream_.socket(), buffer_, parser, kAwait);
    if (error && error != http::error::need_buffer) {
      if (stream_.timed_out()) co_return BodyOutcome::kTooSlow;
      co_return IsProtocolError(error) ? BodyOutcome::kMalformed
                                       : BodyOutcome::kGone;
    }
    const size_t got = piece.size() - parser.get().body().size;
    total += got;
    if (total > admission.max_body_bytes) co_return BodyOutcome::kTooLarge;
    piece_bytes = std::min(2 * piece_bytes, kPieceBytes);
    const BodyOutcome outcome = co_await TakePiece(
        admission, absl::string_view(piece.data(), got), request);
    if (outcome != BodyOutcome::kComplete) co_return outcome;
  }
  stream_.ClearDeadline();
  co_return BodyOutcome::kComplete;
}

Task<BodyOutcome> HttpConnection::TakePiece(const Admission& admission,
                                            absl::string_view piece,
                                            HttpRequest& request) {
  if (!admission.take_body) {
    if (!held_body_.Hold(piece.size())) co_return BodyOutcome::kBusy;
    absl::StrAppend(&request.body, piece);
    co_return BodyOutcome::kComplete;
  }
  bool wanted = false;
  if (admission.time_per_piece) stream_.ClearDeadline();
  const bool ran = co_await RunIn(admission.lane,
                                  [&] { wanted = admission.take_body(piece); });
  if (!ran) co_return BodyOutcome::kBusy;
  if (admission.time_per_piece) {
    stream_.SetDeadline(options_.body_timeout);
  } else if (stream_.timed_out()) {
    co_return BodyOutcome::kTooSlow;
  }
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
  Timer done(stream_.socket().get_executor(), SteadyClock::time_point::max());
  const bool accepted = pool.Submit([this, &done, &work] {
    work();
    net::post(stream_.socket().get_executor(), [&done] { done.cancel(); });
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
  Outgoing outgoing;
  outgoing.head = head;
  if (!head_only) {
    outgoing.body = body;
    if (response.file.has_value()) {
      outgoing.file = response.file->descriptor;
      outgoing.offset = static_cast<off_t>(response.file->offset);
      outgoing.file_bytes = response.file->length;
    }
  }
  bool sent = stream_.SendNow(&outgoing);
  if (sent && !IsSent(outgoing)) sent = co_await stream_.Send(outgoing);
  if (sent && !head_only && has_events) {
    sent = co_await SendEvents(*response.events, framing.chunked);
  }
  const auto duration = SteadyClock::now() - begin_;
  reactor_->shared().handler->Finished(
      request, {.route = route,
                .status = response.status,
                .bytes = stream_.body_bytes() - begin_body_bytes_,
                .duration = absl::FromChrono(duration)});
  co_return sent&& framing.keep_alive;
}

Task<bool> HttpConnection::SendEvents(EventSource& events, bool chunked) {
  Timer timer(stream_.socket().get_executor());
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
    if (stream_.PeerIsGone()) co_return false;
    timer.expires_after(absl::ToChronoNanoseconds(options_.event_interval));
    co_await timer.async_wait(kAwait);
  }
  if (!chunked) co_return true;
  co_return co_await stream_.Send({.body = "0\r\n\r\n"});
}

Task<bool> HttpConnection::WriteChunk(std::string text, bool chunked) {
  const std::string framed =
      chunked ? absl::StrCat(absl::Hex(text.size()), "\r\n", text, "\r\n")
              : std::move(text);
  co_return co_await stream_.Send({.body = framed});
}

}  // namespace orrery::server::internal
