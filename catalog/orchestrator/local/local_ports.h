// Host ports of the `local` target: who has which, and who else listens.

#ifndef CATALOG_ORCHESTRATOR_LOCAL_LOCAL_PORTS_H_
#define CATALOG_ORCHESTRATOR_LOCAL_LOCAL_PORTS_H_

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orrery::catalog {

// Which port belongs to which service, whether it runs or not. Not thread-safe.
class PortLedger {
 public:
  PortLedger(int first_port, int last_port);

  // The service that has the port, or null.
  const std::string* Owner(int port) const;
  // Overwrites nothing: false when another service has it.
  bool Book(int port, absl::string_view service);
  void Release(int port);
  void ReleaseAll(absl::string_view service);
  // Releases what the service has beside `kept`.
  void ReleaseOthers(absl::string_view service, const std::set<int>& kept);

  // Books a port of the range that nobody has or listens on. Ports are given in
  // turn, so that one that was just released is not handed out again at once.
  // kResourceExhausted when there is none.
  absl::StatusOr<int> BookDynamic(absl::string_view service,
                                  absl::string_view protocol);

 private:
  const int first_port_;
  const int last_port_;
  int next_port_;
  std::map<int, std::string> owners_;
};

enum class PortProbe : uint8_t { kFree, kTaken, kNotAllowed };

// Whether every address of this host would let us listen on the port.
// `protocol` is "tcp", "udp" or "udp,tcp".
PortProbe ProbePort(int port, absl::string_view protocol);

// A socket that listens, as the kernel's tables show it.
struct ListeningSocket {
  uint64_t inode = 0;
  uid_t user = 0;
};

// Reads the text of /proc/net/tcp or tcp6: the sockets that listen on `port`.
std::vector<ListeningSocket> ParseListeners(absl::string_view table, int port);
std::vector<ListeningSocket> Listeners(int port);

// Whether one of the processes has one of the sockets open.
bool HoldsSocket(pid_t pid, const std::vector<ListeningSocket>& sockets);

// Who listens on a port that is no service's, in words: "by pid 4711 (nginx)",
// or "by another program" when that cannot be read.
std::string DescribeStranger(int port);

// The first port that may be bound without a privilege.
int FirstUnprivilegedPort();

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_LOCAL_LOCAL_PORTS_H_
