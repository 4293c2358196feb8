#ifndef SERVER_HTTP_LISTEN_ADDRESS_H_
#define SERVER_HTTP_LISTEN_ADDRESS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orrery::server {

// Where a listener waits.
struct ListenAddress {
  // IPv4 or IPv6 literal.
  std::string host = "127.0.0.1";
  // 0 picks a free one.
  uint16_t port = 0;

  bool operator==(const ListenAddress&) const = default;
};

// "127.0.0.1:7070", "[::1]:0", "localhost:7070" (which is 127.0.0.1).
// kInvalidArgument otherwise.
absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text);

// The form that ParseListenAddress reads.
std::string FormatListenAddress(const ListenAddress& address);

bool IsLoopback(const ListenAddress& address);
// 0.0.0.0 or ::.
bool IsUnspecified(const ListenAddress& address);

}  // namespace orrery::server

#endif  // SERVER_HTTP_LISTEN_ADDRESS_H_
