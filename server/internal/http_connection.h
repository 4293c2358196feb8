#ifndef SERVER_INTERNAL_HTTP_CONNECTION_H_
#define SERVER_INTERNAL_HTTP_CONNECTION_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "boost/beast/core/flat_buffer.hpp"

#include "server/http_handler.h"
#include "server/internal/http_head.h"
#include "server/internal/http_reactor.h"

namespace orrery::server::internal {

// How the reading of a body ended.
enum class BodyOutcome : uint8_t {
  kComplete,
  // The admission wanted no more.
  kStopped,
  kTooLarge,
  kMalformed,
  kTooSlow,
  // The peer is gone.
  kGone,
  // No worker was free.
  kBusy,
};

// One connection: reads requests one after the other and answers them in that
// order, whatever the client pipelines. Lives on its reactor's thread.
class HttpConnection {
 public:
  HttpConnection(HttpReactor* reactor, int descriptor);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  // Serves until either side closes.
  Task<void> Run();

  // Called by the reactor.
  void ExpireIfDue(SteadyClock::time_point now);
  bool idle() const { return idle_; }
  SteadyClock::time_point deadline() const { return deadline_; }
  void Close();

 private:
  using Parser = HttpParser;

  // Whether the connection can go on with the next request.
  Task<bool> ServeOne();
  // Whether there is a first byte of a request.
  Task<bool> AwaitRequest();
  // Reads until the parser has the whole head.
  Task<boost::system::error_code> ReadHead(Parser& parser);
  Task<bool> RejectHead(boost::system::error_code error, bool timed_out);
  // Whether to go on; fills `request` from the parsed head.
  Task<bool> Exchange(Parser& parser, HttpRequest& request);
  Task<BodyOutcome> ReadBody(Parser& parser, const Admission& admission,
                             HttpRequest& request);
  Task<BodyOutcome> TakePiece(const Admission& admission,
                              absl::string_view piece, HttpRequest& request);
  // False when no worker is free.
  Task<bool> RunIn(Lane lane, std::function<void()> work);

  // Whether everything was sent.
  Task<bool> Send(const HttpRequest& request, HttpResponse response,
                  absl::string_view route, bool keep_alive);
  Task<bool> SendFile(const FileSlice& slice);
  Task<bool> SendEvents(EventSource& events, bool chunked);
  Task<bool> WriteChunk(std::string text, bool chunked);
  // Whether both were sent, one after the other, with one call where the
  // kernel takes them at once.
  Task<bool> Write(absl::string_view head, absl::string_view body = {},
                   int flags = 0);
  Task<bool> AwaitWritable();
  // Reads what the peer still sends, so that closing does not reset the
  // connection before it has read the answer.
  Task<void> Linger();

  void SetDeadline(absl::Duration duration);
  void ClearDeadline();
  bool PeerIsGone();

  HttpReactor* reactor_;
  const HttpServerOptions& options_;
  Socket socket_;
  boost::beast::flat_buffer buffer_;
  SteadyClock::time_point deadline_ = SteadyClock::time_point::max();
  bool timed_out_ = false;
  bool idle_ = false;
  bool linger_ = false;
  // Of the exchange under way.
  SteadyClock::time_point begin_;
  uint64_t body_bytes_sent_ = 0;
};

}  // namespace orrery::server::internal

#endif  // SERVER_INTERNAL_HTTP_CONNECTION_H_
