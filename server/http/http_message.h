// HTTP requests and responses as values, free of any library.

#ifndef SERVER_HTTP_HTTP_MESSAGE_H_
#define SERVER_HTTP_HTTP_MESSAGE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

#include "server/http/http_fields.h"

namespace orrery::server {

struct HttpRequest {
  std::string method;
  // As it came.
  std::string target;
  // The parts of the target before and behind the `?`, still percent-encoded.
  std::string path;
  std::string query;
  HttpFields fields;
  std::string body;
  bool is_http_1_0 = false;
  // From X-Request-Id when that is harmless, else made.
  std::string request_id;
};

// A stretch of an open file.
struct FileSlice {
  int descriptor = -1;
  // Keeps the descriptor open.
  std::shared_ptr<const void> owner;
  uint64_t offset = 0;
  uint64_t length = 0;
};

// What a response of text/event-stream sends. One thread at a time.
class EventSource {
 public:
  virtual ~EventSource() = default;

  // Whole events that are ready, perhaps none; called in Lane::kRead.
  virtual std::string Poll() = 0;
  // Whether nothing more will come.
  virtual bool done() const = 0;
  // The last event when the server ends the stream before it is done.
  virtual std::string Interrupt() = 0;
};

struct HttpResponse {
  int status = 200;
  HttpFields fields;
  // The body is one of these three, or empty when none is set.
  std::shared_ptr<const std::string> body;
  std::optional<FileSlice> file;
  std::unique_ptr<EventSource> events;
  // The connection is closed afterwards.
  bool close = false;

  static HttpResponse Text(int status, absl::string_view content_type,
                           std::string body);
};

// "Not Found" for 404; "Unknown" for a status that no one knows.
absl::string_view ReasonPhrase(int status);

// `%41` to `A`; nothing when an escape is broken or what comes out is not
// UTF-8 or holds a NUL.
std::optional<std::string> PercentDecode(absl::string_view text);

// Name and value pairs of a query, decoded; `+` is a space. Nothing when
// PercentDecode says so of one of them.
std::optional<std::vector<std::pair<std::string, std::string>>> ParseQuery(
    absl::string_view query);

}  // namespace orrery::server

#endif  // SERVER_HTTP_HTTP_MESSAGE_H_
