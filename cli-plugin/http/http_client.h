// One HTTP exchange. The seam between the commands and the network.

#ifndef CLI_PLUGIN_HTTP_HTTP_CLIENT_H_
#define CLI_PLUGIN_HTTP_HTTP_CLIENT_H_

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace orrery::cli {

struct HttpRequest {
  std::string method = "GET";
  // Absolute, http or https.
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  // When set, the file of this path is sent as the body, read as it goes.
  std::string upload_path;
  absl::Duration connect_timeout = absl::Seconds(5);
  // For the exchange as a whole.
  absl::Duration timeout = absl::Seconds(30);
  // How long nothing at all may arrive; infinite: `timeout` alone counts.
  absl::Duration idle_timeout = absl::InfiniteDuration();
  // Of an answer that is kept whole: kResourceExhausted for more.
  size_t max_body = size_t{256} << 20;
  // Takes the body of a 2xx answer piece by piece instead of
  // HttpResponse::body. False ends the exchange, which then succeeded.
  std::function<bool(absl::string_view)> on_body;
};

struct HttpResponse {
  int status = 0;
  std::string content_type;
  // Value of the Date header, or empty.
  std::string date;
  std::string body;
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;

  // kUnavailable when no connection came about or it broke, kDeadlineExceeded
  // when time ran out, kCancelled when the user interrupted. The message is the
  // cause alone ("connection refused"); an answer of any status is OK.
  // Redirects are not followed.
  virtual absl::StatusOr<HttpResponse> Send(const HttpRequest& request) = 0;
};

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_HTTP_HTTP_CLIENT_H_
