#ifndef SERVER_HTTP_HTTP_CONNECTION_H_
#define SERVER_HTTP_HTTP_CONNECTION_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "boost/beast/core/flat_buffer.hpp"

#include "server/http/http_handler.h"
#include "server/http/http_head.h"
#include "server/http/http_reactor.h"
#include "server/http/http_stream.h"

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
  // No worker was free, or bodies hold too much already.
  kBusy,
};

// What the body under way takes of the memory for all of them.
class HeldBody {
 public:
  explicit HeldBody(HttpShared* shared) : shared_(*shared) {}
  ~HeldBody() { Release(); }
  HeldBody(const HeldBody&) = delete;
  HeldBody& operator=(const HeldBody&) = delete;

  // False, and nothing is held in addition, when there is not so much left.
  bool Hold(uint64_t bytes);
  void Release();

 private:
  HttpShared& shared_;
  uint64_t bytes_ = 0;
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
  HttpStream& stream() { return stream_; }
  bool idle() const { return idle_; }

 private:
  using Parser = HttpParser;

  // Whether the connection can go on with the next request.
  Task<bool> ServeOne();
  // Whether there is a first byte of a request.
  bool HasRequest();
  // Reads until there is one, or no more comes.
  Task<bool> AwaitRequest();
  Task<boost::system::error_code> ReadSome();
  // `need_more` until the parser has the whole head.
  boost::system::error_code ParseHead(Parser& parser);
  // Reads until it has.
  Task<boost::system::error_code> ReadHead(Parser& parser);
  Task<bool> RejectHead(boost::system::error_code error);
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
  Task<bool> SendEvents(EventSource& events, bool chunked);
  Task<bool> WriteChunk(std::string text, bool chunked);
  // Lets others of this thread go on.
  Task<void> Turn();

  HttpReactor* reactor_;
  const HttpServerOptions& options_;
  HttpStream stream_;
  boost::beast::flat_buffer buffer_;
  HeldBody held_body_;
  bool idle_ = false;
  bool linger_ = false;
  // Of the exchange under way.
  SteadyClock::time_point begin_;
  uint64_t begin_body_bytes_ = 0;
};

}  // namespace orrery::server::internal

#endif  // SERVER_HTTP_HTTP_CONNECTION_H_
