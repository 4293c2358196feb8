// A server of scripted answers.

#ifndef CLI_PLUGIN_HTTP_FAKE_HTTP_CLIENT_H_
#define CLI_PLUGIN_HTTP_FAKE_HTTP_CLIENT_H_

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "cli-plugin/http/http_client.h"

namespace orrery::tests {

class FakeHttpClient : public cli::HttpClient {
 public:
  // Answers requests to "METHOD /path" (without query) in turn; the last answer
  // is repeated. A request without a script is kUnavailable.
  void Answer(absl::string_view method_and_path, int status,
              absl::string_view body);
  // Called by every request before it is answered, for instance to move a
  // clock.
  std::function<void()> before_answer = [] {};

  // Fails the next such request.
  void Fail(absl::string_view method_and_path, absl::Status status);

  absl::StatusOr<cli::HttpResponse> Send(
      const cli::HttpRequest& request) override;

  // "METHOD /path?query" of every request, in order.
  const std::vector<std::string>& requests() const { return requests_; }
  // Body of the last request to "METHOD /path".
  std::string BodyOf(absl::string_view method_and_path) const;
  // The last request to "METHOD /path".
  const cli::HttpRequest& Last(absl::string_view method_and_path) const;
  // How many requests wrote.
  int writes() const;

 private:
  struct Scripted {
    absl::Status status;
    cli::HttpResponse response;
  };
  std::map<std::string, std::deque<Scripted>> answers_;
  std::map<std::string, cli::HttpRequest> last_;
  std::vector<std::string> requests_;
};

}  // namespace orrery::tests

#endif  // CLI_PLUGIN_HTTP_FAKE_HTTP_CLIENT_H_
