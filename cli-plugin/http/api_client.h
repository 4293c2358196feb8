// The API of orreryd, as JSON documents.

#ifndef CLI_PLUGIN_HTTP_API_CLIENT_H_
#define CLI_PLUGIN_HTTP_API_CLIENT_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cli-plugin/http/http_client.h"

#include "registry/format/json_value.h"

namespace orrery::cli {

using Query = std::vector<std::pair<std::string, std::string>>;

// `text` for a path segment or a query value (RFC 3986 §2.1).
std::string PercentEncoded(absl::string_view text);

// Every call fails with the statuses of problem.h: the server's own problem, or
// kUnavailable naming the server and how to start it.
class ApiClient {
 public:
  // `http` is borrowed.
  ApiClient(HttpClient* http, std::string server);

  // `path` begins with "/v1/"; its variable parts are encoded by the caller.
  absl::StatusOr<registry::JsonValue> Get(
      absl::string_view path, const Query& query = {},
      absl::Duration timeout = absl::Seconds(30));
  absl::StatusOr<registry::JsonValue> Post(
      absl::string_view path, const registry::JsonValue& body,
      absl::Duration timeout = absl::Seconds(30));
  absl::StatusOr<registry::JsonValue> Delete(absl::string_view path);

  // The items of `member` of all pages, in order. `timeout` is for each page.
  absl::StatusOr<std::vector<registry::JsonValue>> GetAll(
      absl::string_view path, absl::string_view member,
      absl::Duration timeout = absl::Seconds(30));

  // Hands each event of a stream to `on_event` until that returns false or the
  // stream ends well; both are OK. kUnavailable when the stream broke,
  // kDeadlineExceeded after `timeout`, the server's problem for an error event.
  absl::Status Watch(
      absl::string_view path, const Query& query, absl::Duration timeout,
      const std::function<bool(const registry::JsonValue&)>& on_event);

  // For what is not JSON. The URL of the request is set here; a transport
  // failure is told like those of the other calls, the status is for the caller
  // to judge.
  absl::StatusOr<HttpResponse> Send(absl::string_view path,
                                    HttpRequest request);

  const std::string& server() const { return server_; }

 private:
  std::string Url(absl::string_view path, const Query& query) const;
  absl::StatusOr<registry::JsonValue> Exchange(const HttpRequest& request);
  absl::Status Unreachable(const absl::Status& cause) const;

  HttpClient* http_;
  std::string server_;
};

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_HTTP_API_CLIENT_H_
