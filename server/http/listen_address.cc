#include "server/http/listen_address.h"

#include <arpa/inet.h>

#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "server/http/browser_guard.h"

namespace orrery::server {
namespace {

bool IsLiteral(int family, const std::string& host) {
  in6_addr address{};
  return inet_pton(family, host.c_str(), &address) == 1;
}

absl::Status Malformed(absl::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat("'", text,
                   "' is no listen address: use ADDRESS:PORT, for example "
                   "127.0.0.1:7070 or [::1]:7070"));
}

}  // namespace

absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) return Malformed(text);
  absl::string_view host = text.substr(0, colon);
  const bool bracketed =
      absl::ConsumePrefix(&host, "[") && absl::ConsumeSuffix(&host, "]");
  uint32_t port = 0;
  ListenAddress address;
  address.host = host == "localhost" ? "127.0.0.1" : std::string(host);
  if (!IsLiteral(bracketed ? AF_INET6 : AF_INET, address.host) ||
      !absl::SimpleAtoi(text.substr(colon + 1), &port) ||
      port > std::numeric_limits<uint16_t>::max()) {
    return Malformed(text);
  }
  address.port = static_cast<uint16_t>(port);
  return address;
}

std::string FormatListenAddress(const ListenAddress& address) {
  const bool is_v6 = absl::StrContains(address.host, ":");
  return absl::StrCat(is_v6 ? "[" : "", address.host, is_v6 ? "]" : "", ":",
                      address.port);
}

bool IsUnspecified(const ListenAddress& address) {
  in_addr v4{};
  in6_addr v6{};
  if (inet_pton(AF_INET, address.host.c_str(), &v4) == 1) {
    return v4.s_addr == INADDR_ANY;
  }
  return inet_pton(AF_INET6, address.host.c_str(), &v6) == 1 &&
         IN6_IS_ADDR_UNSPECIFIED(&v6);
}

bool IsLoopback(const ListenAddress& address) {
  return IsLoopbackHost(address.host);
}

}  // namespace orrery::server
