#include "catalog/manifest/marathon_port_rules.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "re2/re2.h"

namespace orrery::catalog {
namespace {

using Violations = std::vector<Violation>;

void CheckProtocol(const std::string& protocol, const std::string& path,
                   Violations* found) {
  if (protocol == "tcp" || protocol == "udp" || protocol == "udp,tcp") return;
  found->push_back(
      {absl::StrCat(path, "/protocol"),
       absl::StrCat("'", protocol, "' must be one of: tcp, udp, 'udp,tcp'")});
}

void CheckPortName(const std::string& name, const std::string& path,
                   std::set<std::string>* names, Violations* found) {
  if (name.empty()) return;
  static const RE2& pattern = *new RE2("[a-z0-9]([-a-z0-9_]*[a-z0-9])?");
  if (name.size() > 63 || !RE2::FullMatch(name, pattern)) {
    found->push_back({absl::StrCat(path, "/name"),
                      absl::StrCat("'", name,
                                   "' must match "
                                   "[a-z0-9]([-a-z0-9_]*[a-z0-9])? and have "
                                   "at most 63 characters")});
  }
  if (!names->insert(name).second) {
    found->push_back({absl::StrCat(path, "/name"),
                      absl::StrCat("port names must be unique; '", name,
                                   "' is there twice")});
  }
}

void CheckPortNumber(int port, const std::string& path,
                     absl::string_view member, Violations* found) {
  if (port >= 0 && port <= 65535) return;
  found->push_back({absl::StrCat(path, "/", member),
                    absl::StrCat(port, " is no port: 0 to 65535")});
}

}  // namespace

void CheckNetworks(const MarathonApp& app, Violations* found) {
  int host = 0;
  int bridge = 0;
  int named = 0;
  for (size_t i = 0; i < app.networks.size(); ++i) {
    const AppNetwork& network = app.networks[i];
    const std::string path = absl::StrCat("/networks(", i, ")");
    if (network.mode == "host") {
      ++host;
    } else if (network.mode == "container/bridge") {
      ++bridge;
    } else if (network.mode == "container") {
      ++named;
    } else {
      found->push_back({absl::StrCat(path, "/mode"),
                        "must be host, container or container/bridge"});
      return;
    }
    if (network.mode != "container" && !network.name.empty()) {
      found->push_back(
          {absl::StrCat(path, "/name"), "is for the mode 'container' only"});
    }
  }
  if (host + bridge > 1 || (host + bridge == 1 && named > 0)) {
    found->push_back({"/networks",
                      "must be one host network, or one container/bridge "
                      "network, or container networks"});
  }
  if (named > 1 && app.container.has_value() &&
      app.container->type == "DOCKER") {
    found->push_back(
        {"/networks", "the Docker engine takes one container network"});
  }
}

void CheckPorts(const MarathonApp& app, Violations* found) {
  std::set<std::string> names;
  std::set<int> numbers;
  for (size_t i = 0; i < app.port_definitions.size(); ++i) {
    const AppPort& port = app.port_definitions[i];
    const std::string path = absl::StrCat("/portDefinitions(", i, ")");
    CheckPortNumber(port.port, path, "port", found);
    CheckProtocol(port.protocol, path, found);
    CheckPortName(port.name, path, &names, found);
    if (port.port != 0 && !numbers.insert(port.port).second) {
      found->push_back(
          {"/portDefinitions", absl::StrCat("ports must be unique; ", port.port,
                                            " is there twice")});
    }
  }
  if (!app.container.has_value()) return;
  for (size_t i = 0; i < app.container->port_mappings.size(); ++i) {
    const AppPortMapping& mapping = app.container->port_mappings[i];
    const std::string path = absl::StrCat("/container/portMappings(", i, ")");
    CheckPortNumber(mapping.container_port, path, "containerPort", found);
    CheckPortNumber(mapping.host_port.value_or(0), path, "hostPort", found);
    CheckProtocol(mapping.protocol, path, found);
    CheckPortName(mapping.name, path, &names, found);
  }
}

}  // namespace orrery::catalog
