// Keeps web pages from driving the server of the machine they are viewed on
// (DNS rebinding, cross-site requests): there is no login that would.

#ifndef SERVER_HTTP_BROWSER_GUARD_H_
#define SERVER_HTTP_BROWSER_GUARD_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "server/http/http_message.h"
#include "server/http/problem.h"

namespace orrery::server {

// Thread-safe.
class BrowserGuard {
 public:
  struct Options {
    // Names and addresses, without port, by which clients may call the server
    // besides the loopback ones.
    std::vector<std::string> allowed_hosts;
    // For example "https://ci.example"; pages from there may call.
    std::vector<std::string> allowed_origins;
  };

  explicit BrowserGuard(Options options) : options_(std::move(options)) {}

  // The refusal, or nothing: 400 without one Host field; 421 when it names
  // neither a loopback host nor an allowed one; 403 when Origin is a foreign
  // one, or when a browser says that another site makes it write.
  std::optional<Problem> CheckSender(const HttpRequest& request) const;

  // 415 when a write has another media type than `body_type` ("*/*" is any). A
  // DELETE without a body needs none: browsers ask before they send one.
  std::optional<Problem> CheckBodyType(const HttpRequest& request,
                                       absl::string_view body_type) const;

 private:
  bool IsAllowedHost(absl::string_view host) const;
  bool IsAllowedOrigin(absl::string_view origin, absl::string_view host) const;

  Options options_;
};

// "example.com" for "example.com:80", "::1" for "[::1]:80"; in lower case.
// Nothing when it is malformed.
std::optional<std::string> HostWithoutPort(absl::string_view host_field);

// localhost, 127.0.0.0/8, ::1.
bool IsLoopbackHost(absl::string_view host);

}  // namespace orrery::server

#endif  // SERVER_HTTP_BROWSER_GUARD_H_
