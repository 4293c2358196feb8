#include "catalog/orchestrator/local/local_ports.h"

#include <dirent.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "catalog/orchestrator/process/process_identity.h"
#include "catalog/orchestrator/process/process_tree.h"
#include "registry/store/durable_file.h"

namespace orrery::catalog {
namespace {

using registry::ReadWholeFile;

// State 0A of /proc/net/tcp.
constexpr absl::string_view kListen = "0A";

PortProbe ProbeAddress(int family, int type, int port) {
  const int socket_descriptor = socket(family, type | SOCK_CLOEXEC, 0);
  // A host without IPv6 cannot have a stranger there either.
  if (socket_descriptor < 0) return PortProbe::kFree;
  const int on = 1;
  // Without it a port is taken for a minute after its last connection. Linux
  // still refuses it while anybody listens. Datagram sockets have no such wait,
  // and with it they would share.
  if (type == SOCK_STREAM) {
    setsockopt(socket_descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  }
  sockaddr_storage address = {};
  socklen_t length = sizeof(sockaddr_in);
  if (family == AF_INET6) {
    setsockopt(socket_descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    auto* const v6 = reinterpret_cast<sockaddr_in6*>(&address);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(static_cast<uint16_t>(port));
    v6->sin6_addr = in6addr_any;
    length = sizeof(sockaddr_in6);
  } else {
    auto* const v4 = reinterpret_cast<sockaddr_in*>(&address);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(static_cast<uint16_t>(port));
    v4->sin_addr.s_addr = htonl(INADDR_ANY);
  }
  PortProbe outcome = PortProbe::kFree;
  if (bind(socket_descriptor, reinterpret_cast<sockaddr*>(&address), length) !=
      0) {
    if (errno == EADDRINUSE) outcome = PortProbe::kTaken;
    if (errno == EACCES || errno == EPERM) outcome = PortProbe::kNotAllowed;
  }
  close(socket_descriptor);
  return outcome;
}

std::string ProgramName(pid_t pid) {
  absl::StatusOr<std::string> name =
      ReadWholeFile(absl::StrCat("/proc/", pid, "/comm"));
  if (!name.ok()) return "?";
  return std::string(absl::StripSuffix(*name, "\n"));
}

}  // namespace

PortLedger::PortLedger(int first_port, int last_port)
    : first_port_(first_port), last_port_(last_port), next_port_(first_port) {}

const std::string* PortLedger::Owner(int port) const {
  const auto place = owners_.find(port);
  return place == owners_.end() ? nullptr : &place->second;
}

bool PortLedger::Book(int port, absl::string_view service) {
  const auto [place, added] = owners_.try_emplace(port, std::string(service));
  return added || place->second == service;
}

void PortLedger::Release(int port) { owners_.erase(port); }

void PortLedger::ReleaseAll(absl::string_view service) {
  for (auto place = owners_.begin(); place != owners_.end();) {
    place = place->second == service ? owners_.erase(place) : std::next(place);
  }
}

void PortLedger::ReleaseOthers(absl::string_view service,
                               const std::set<int>& kept) {
  std::erase_if(owners_, [&](const auto& entry) {
    return entry.second == service && kept.count(entry.first) == 0;
  });
}

absl::StatusOr<int> PortLedger::BookDynamic(absl::string_view service,
                                            absl::string_view protocol) {
  for (int tried = first_port_; tried <= last_port_; ++tried) {
    const int port = next_port_;
    next_port_ = port >= last_port_ ? first_port_ : port + 1;
    if (Owner(port) == nullptr &&
        ProbePort(port, protocol) == PortProbe::kFree) {
      Book(port, service);
      return port;
    }
  }
  return absl::ResourceExhaustedError(
      absl::StrCat("no port of ", first_port_, "-", last_port_,
                   " is free; uninstall a service or widen the range"));
}

PortProbe ProbePort(int port, absl::string_view protocol) {
  for (const int family : {AF_INET, AF_INET6}) {
    for (const int type : {SOCK_STREAM, SOCK_DGRAM}) {
      const absl::string_view name = type == SOCK_STREAM ? "tcp" : "udp";
      if (!absl::StrContains(protocol, name)) continue;
      const PortProbe outcome = ProbeAddress(family, type, port);
      if (outcome != PortProbe::kFree) return outcome;
    }
  }
  return PortProbe::kFree;
}

std::vector<ListeningSocket> ParseListeners(absl::string_view table, int port) {
  std::vector<ListeningSocket> sockets;
  for (const absl::string_view line : absl::StrSplit(table, '\n')) {
    // sl local_address rem_address st tx:rx tr:tm retrnsmt uid timeout inode
    const std::vector<absl::string_view> fields =
        absl::StrSplit(line, ' ', absl::SkipEmpty());
    if (fields.size() < 10 || fields[3] != kListen) continue;
    const std::pair<absl::string_view, absl::string_view> address =
        absl::StrSplit(fields[1], absl::MaxSplits(':', 1));
    const std::string number(address.second);
    ListeningSocket socket;
    if (std::strtol(number.c_str(), nullptr, 16) != port ||
        !absl::SimpleAtoi(fields[7], &socket.user) ||
        !absl::SimpleAtoi(fields[9], &socket.inode)) {
      continue;
    }
    sockets.push_back(socket);
  }
  return sockets;
}

std::vector<ListeningSocket> Listeners(int port) {
  std::vector<ListeningSocket> sockets;
  for (const char* const path : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    const absl::StatusOr<std::string> table = ReadWholeFile(path);
    if (!table.ok()) continue;
    for (const ListeningSocket& socket : ParseListeners(*table, port)) {
      sockets.push_back(socket);
    }
  }
  return sockets;
}

bool HoldsSocket(pid_t pid, const std::vector<ListeningSocket>& sockets) {
  const std::string path = absl::StrCat("/proc/", pid, "/fd");
  DIR* const listing = opendir(path.c_str());
  if (listing == nullptr) return false;
  bool holds = false;
  while (const dirent* const entry = readdir(listing)) {
    char target[64];
    const ssize_t length =
        readlinkat(dirfd(listing), entry->d_name, target, sizeof(target));
    if (length <= 0) continue;
    const absl::string_view link(target, static_cast<size_t>(length));
    for (const ListeningSocket& socket : sockets) {
      if (link == absl::StrCat("socket:[", socket.inode, "]")) holds = true;
    }
  }
  closedir(listing);
  return holds;
}

std::string DescribeStranger(int port) {
  const std::vector<ListeningSocket> sockets = Listeners(port);
  if (!sockets.empty()) {
    for (const ProcessStat& process : ListProcesses()) {
      if (HoldsSocket(process.pid, sockets)) {
        return absl::StrCat("by pid ", process.pid, " (",
                            ProgramName(process.pid), ")");
      }
    }
  }
  return "by another program";
}

int FirstUnprivilegedPort() {
  int port = 1024;
  const absl::StatusOr<std::string> text =
      ReadWholeFile("/proc/sys/net/ipv4/ip_unprivileged_port_start");
  if (text.ok() && absl::SimpleAtoi(*text, &port)) return port;
  return 1024;
}

}  // namespace orrery::catalog
