// Heads of requests and responses.

#ifndef SERVER_HTTP_HTTP_HEAD_H_
#define SERVER_HTTP_HTTP_HEAD_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "boost/beast/http/buffer_body.hpp"
#include "boost/beast/http/parser.hpp"

#include "server/http/http_message.h"

namespace orrery::server::internal {

using HttpParser =
    boost::beast::http::request_parser<boost::beast::http::buffer_body>;

// Why a request is not answered by its handler.
struct HttpFault {
  int status = 0;
  std::string detail;
};

// Fills all but body and id from a parser that has the head. Of a target in
// absolute form the authority becomes the Host field (RFC 9112 §3.2.2).
std::optional<HttpFault> TakeHead(const HttpParser& parser,
                                  HttpRequest* request);

struct ResponseFraming {
  // Of the body; nothing when its end is marked otherwise.
  std::optional<uint64_t> content_length;
  bool chunked = false;
  bool keep_alive = true;
  bool is_http_1_0 = false;
};

// The Date field, formatted once a second. Not thread-safe.
class DateText {
 public:
  absl::string_view At(absl::Time now);

 private:
  int64_t second_ = -1;
  std::string text_;
};

// Status line, fields and the empty line.
std::string FormatHead(const HttpResponse& response,
                       const ResponseFraming& framing, absl::string_view date);

}  // namespace orrery::server::internal

#endif  // SERVER_HTTP_HTTP_HEAD_H_
