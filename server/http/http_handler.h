// What the HTTP server asks of what is served.

#ifndef SERVER_HTTP_HTTP_HANDLER_H_
#define SERVER_HTTP_HTTP_HANDLER_H_

#include <cstdint>
#include <functional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "server/http/http_message.h"

namespace orrery::server {

// Where an answer is made. Each kind has a pool of its own, so that what takes
// longer never keeps the others waiting.
enum class Lane : uint8_t {
  // On the thread of the connection: must not block.
  kInline,
  kRead,
  kWrite,
  // Waits for somebody else, perhaps for minutes: a sync.
  kWait,
};

// What to do with a request, decided by its head alone.
struct Admission {
  // Makes the answer; called once, after the body has come.
  std::function<HttpResponse(const HttpRequest&)> handle;
  Lane lane = Lane::kInline;
  // False answers at once; a body that is on its way is not read.
  bool read_body = true;
  // A longer body is refused with 413.
  uint64_t max_body_bytes = 0;
  // When set, takes the body piece by piece, in `lane`, in place of
  // HttpRequest::body. False when no more is wanted: `handle` then says why.
  std::function<bool(absl::string_view)> take_body = {};
  // Whether each piece for `take_body` has the time of a whole body.
  bool time_per_piece = false;
  // Path template, for logs and metrics; outlives the exchange.
  absl::string_view route = "unmatched";
};

// A finished exchange.
struct ExchangeRecord {
  absl::string_view route;
  int status = 0;
  // Of the body as it was sent.
  uint64_t bytes = 0;
  absl::Duration duration;
};

// Thread-safe; nothing here may block but `handle` and `take_body` outside of
// Lane::kInline.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;

  // `request` has all but its body. May set its request_id.
  virtual Admission Admit(HttpRequest& request) = 0;
  // The answer to something that never became a whole request: malformed, too
  // large, too slow, or more than the server can take. `request` has what was
  // understood of it.
  virtual HttpResponse Reject(int status, absl::string_view detail,
                              HttpRequest& request) = 0;
  // Called once for each answer that was sent, also in part.
  virtual void Finished(const HttpRequest& request,
                        const ExchangeRecord& record) = 0;
  // Something that the operator should know.
  virtual void Warn(absl::string_view) {}
  // Called several times a second, for what can wait so long.
  virtual void Tick() {}
};

}  // namespace orrery::server

#endif  // SERVER_HTTP_HTTP_HANDLER_H_
