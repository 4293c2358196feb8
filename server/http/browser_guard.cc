#include "server/http/browser_guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace orrery::server {
namespace {

bool IsWrite(absl::string_view method) {
  return method != "GET" && method != "HEAD" && method != "OPTIONS";
}

bool AreDigits(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

bool HasBody(const HttpRequest& request) {
  const absl::string_view length = request.fields.Get("Content-Length");
  return (!length.empty() && length != "0") ||
         request.fields.Count("Transfer-Encoding") > 0;
}

}  // namespace

std::optional<Problem> BrowserGuard::CheckSender(
    const HttpRequest& request) const {
  if (request.fields.Count("Host") != 1) {
    return HttpProblem(400, "BAD_HOST", "a request needs one Host field");
  }
  const absl::string_view host_field = request.fields.Get("Host");
  const std::optional<std::string> host = HostWithoutPort(host_field);
  if (!host.has_value()) {
    return HttpProblem(400, "BAD_HOST", "the Host field is malformed");
  }
  if (!IsAllowedHost(*host)) {
    return HttpProblem(
        421, "HOST_NOT_ALLOWED",
        absl::StrCat("host '", *host,
                     "' is not this server's; if it is, start orreryd with "
                     "--allowed-host ",
                     *host));
  }
  const auto origin = request.fields.Find("Origin");
  if (origin.has_value() && !IsAllowedOrigin(*origin, host_field)) {
    return HttpProblem(
        403, "ORIGIN_NOT_ALLOWED",
        absl::StrCat("pages of '", *origin,
                     "' may not call this server; --allowed-origin lets them"));
  }
  if (!origin.has_value() && IsWrite(request.method) &&
      request.fields.Get("Sec-Fetch-Site") == "cross-site") {
    return HttpProblem(403, "ORIGIN_NOT_ALLOWED",
                       "pages of other sites may not write here");
  }
  return std::nullopt;
}

std::optional<Problem> BrowserGuard::CheckBodyType(
    const HttpRequest& request, absl::string_view body_type) const {
  if (!IsWrite(request.method) || body_type == "*/*") return std::nullopt;
  if (request.method == "DELETE" && !HasBody(request)) return std::nullopt;
  const absl::string_view field = request.fields.Get("Content-Type");
  const absl::string_view media_type =
      absl::StripAsciiWhitespace(field.substr(0, field.find(';')));
  if (request.fields.Count("Content-Type") == 1 &&
      absl::EqualsIgnoreCase(media_type, body_type)) {
    return std::nullopt;
  }
  return HttpProblem(415, "UNSUPPORTED_MEDIA_TYPE",
                     absl::StrCat("this request needs Content-Type: ",
                                  body_type, ", found '", field, "'"));
}

bool BrowserGuard::IsAllowedHost(absl::string_view host) const {
  return IsLoopbackHost(host) ||
         std::any_of(options_.allowed_hosts.begin(),
                     options_.allowed_hosts.end(),
                     [host](const std::string& allowed) {
                       return absl::EqualsIgnoreCase(allowed, host);
                     });
}

bool BrowserGuard::IsAllowedOrigin(absl::string_view origin,
                                   absl::string_view host) const {
  // The server's own pages; behind a proxy that ends TLS they are https.
  if (absl::EqualsIgnoreCase(origin, absl::StrCat("http://", host)) ||
      absl::EqualsIgnoreCase(origin, absl::StrCat("https://", host))) {
    return true;
  }
  return std::any_of(options_.allowed_origins.begin(),
                     options_.allowed_origins.end(),
                     [origin](const std::string& allowed) {
                       return absl::EqualsIgnoreCase(allowed, origin);
                     });
}

std::optional<std::string> HostWithoutPort(absl::string_view host_field) {
  absl::string_view host = host_field;
  absl::string_view rest;
  if (absl::ConsumePrefix(&host, "[")) {
    const size_t end = host.find(']');
    if (end == absl::string_view::npos) return std::nullopt;
    rest = host.substr(end + 1);
    host = host.substr(0, end);
  } else {
    const size_t colon = host.find(':');
    rest = colon == absl::string_view::npos ? "" : host.substr(colon);
    host = host.substr(0, colon);
  }
  if (!rest.empty() && (!absl::ConsumePrefix(&rest, ":") || !AreDigits(rest))) {
    return std::nullopt;
  }
  if (host.empty()) return std::nullopt;
  const bool is_plain = std::all_of(host.begin(), host.end(), [](char letter) {
    return absl::ascii_isalnum(letter) || letter == '-' || letter == '.' ||
           letter == '_' || letter == ':';
  });
  if (!is_plain) return std::nullopt;
  return absl::AsciiStrToLower(host);
}

bool IsLoopbackHost(absl::string_view host) {
  const std::string text(host);
  if (text == "localhost" || absl::EndsWith(text, ".localhost")) return true;
  in_addr v4{};
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) {
    return (ntohl(v4.s_addr) >> 24) == 127;
  }
  in6_addr v6{};
  return inet_pton(AF_INET6, text.c_str(), &v6) == 1 &&
         IN6_IS_ADDR_LOOPBACK(&v6);
}

}  // namespace orrery::server
