// HTTP by libcurl, which is loaded when the first request is sent: linking it
// at start would cost every command three times its own start.

#ifndef CLI_PLUGIN_CURL_HTTP_CLIENT_H_
#define CLI_PLUGIN_CURL_HTTP_CLIENT_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli-plugin/command/interrupt.h"
#include "cli-plugin/command/settings.h"
#include "cli-plugin/http/http_client.h"

namespace orrery::cli {

// Honours HTTPS_PROXY, http_proxy and NO_PROXY (never for loopback) and
// SSL_CERT_FILE. Keeps connections open for the next request. Not thread-safe.
class CurlHttpClient : public HttpClient {
 public:
  // `interrupts` is borrowed.
  CurlHttpClient(const Interrupts* interrupts, Environment environment);
  ~CurlHttpClient() override;
  CurlHttpClient(const CurlHttpClient&) = delete;
  CurlHttpClient& operator=(const CurlHttpClient&) = delete;

  absl::StatusOr<HttpResponse> Send(const HttpRequest& request) override;

 private:
  struct Library;
  struct Exchange;

  absl::Status Load();
  // Addresses, times and callbacks; what the request carries.
  void SetTransfer(Exchange& exchange);
  absl::Status SetBody(Exchange& exchange);
  absl::Status Perform(Exchange& exchange);

  const Interrupts* interrupts_;
  Environment environment_;
  std::unique_ptr<Library> library_;
};

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_CURL_HTTP_CLIENT_H_
