#include "catalog/manifest/marathon_normalization.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace orrery::catalog {
namespace {

constexpr char kDefaultPortName[] = "default";

std::string Absolute(const std::string& id) {
  return absl::StartsWith(id, "/") ? id : absl::StrCat("/", id);
}

void NormalizeNetworks(MarathonApp* app) {
  AppDocker* const docker =
      app->container.has_value() && app->container->docker.has_value()
          ? &*app->container->docker
          : nullptr;
  if (app->networks.empty() && docker != nullptr) {
    if (docker->network == "BRIDGE") {
      app->networks.push_back({"container/bridge", ""});
    } else if (docker->network == "USER") {
      app->networks.push_back({"container", ""});
    }
  }
  if (app->networks.empty() && app->has_ip_address) {
    app->networks.push_back({"container", ""});
  }
  if (app->networks.empty()) app->networks.push_back({"host", ""});
}

void NormalizeHostPorts(MarathonApp* app) {
  if (app->container.has_value()) app->container->port_mappings.clear();
  if (!app->has_port_definitions && app->ports.has_value()) {
    for (const int port : *app->ports) {
      app->port_definitions.push_back({port, "", "tcp", {}});
    }
  }
  // An empty list was asked for; only an absent one gets a port.
  if (!app->has_port_definitions && !app->ports.has_value()) {
    app->port_definitions.push_back({0, kDefaultPortName, "tcp", {}});
  }
}

void NormalizeContainerPorts(MarathonApp* app) {
  if (!app->container.has_value()) {
    app->container.emplace();
    app->container->type = "MESOS";
  }
  AppContainer& container = *app->container;
  if (!container.has_port_mappings && container.port_mappings.empty()) {
    AppPortMapping mapping;
    mapping.name = kDefaultPortName;
    container.port_mappings.push_back(std::move(mapping));
  }
  while (container.port_mappings.size() < app->port_definitions.size()) {
    container.port_mappings.emplace_back();
  }
  for (AppPortMapping& mapping : container.port_mappings) {
    if (app->networks[0].mode == "container/bridge" &&
        !mapping.host_port.has_value()) {
      mapping.host_port = 0;
    }
  }
  app->port_definitions.clear();
  app->require_ports = false;
}

size_t PortCount(const MarathonApp& app) {
  if (app.networks[0].mode == "host") return app.port_definitions.size();
  return app.container.has_value() ? app.container->port_mappings.size() : 0;
}

}  // namespace

bool ExtractsByExtension(absl::string_view uri) {
  absl::string_view path = uri.substr(0, uri.find_first_of("?#"));
  for (const absl::string_view extension :
       {".tar", ".tar.gz", ".tar.bz2", ".tar.xz", ".gz", ".tgz", ".tbz2",
        ".txz", ".zip"}) {
    if (absl::EndsWith(path, extension)) return true;
  }
  return false;
}

std::vector<Violation> FindFormConflicts(const MarathonApp& written) {
  std::vector<Violation> found;
  if (written.has_fetch && written.uris.has_value()) {
    found.push_back({"/uris", "may not be given together with 'fetch'"});
  }
  if (written.has_port_definitions && written.ports.has_value()) {
    const bool equal = std::equal(written.ports->begin(), written.ports->end(),
                                  written.port_definitions.begin(),
                                  written.port_definitions.end(),
                                  [](int port, const AppPort& definition) {
                                    return port == definition.port;
                                  });
    if (!equal) {
      found.push_back({"/ports",
                       "may not differ from 'portDefinitions' when both are "
                       "given"});
    }
  }
  const bool old_network =
      written.has_ip_address ||
      (written.container.has_value() && written.container->docker.has_value() &&
       !written.container->docker->network.empty());
  if (written.has_networks && old_network) {
    found.push_back({"/networks",
                     "may not be given together with 'docker.network' or "
                     "'ipAddress'"});
  }
  if (written.container.has_value() && written.container->has_port_mappings &&
      written.container->docker.has_value() &&
      written.container->docker->has_port_mappings) {
    found.push_back({"/container/docker/portMappings",
                     "may not be given together with "
                     "'container.portMappings'"});
  }
  return found;
}

MarathonApp NormalizeMarathonApp(MarathonApp app) {
  if (!app.id.empty()) app.id = Absolute(app.id);
  for (std::string& dependency : app.dependencies) {
    dependency = Absolute(dependency);
  }
  if (app.uris.has_value()) {
    for (const std::string& uri : *app.uris) {
      app.fetch.push_back({uri, ExtractsByExtension(uri), false, ""});
    }
    app.uris.reset();
  }
  NormalizeNetworks(&app);
  if (app.networks[0].mode == "host") {
    NormalizeHostPorts(&app);
  } else {
    NormalizeContainerPorts(&app);
  }
  for (AppHealthCheck& check : app.health_checks) {
    if (check.protocol != "COMMAND" && !check.port_index.has_value() &&
        !check.port.has_value() && PortCount(app) > 0) {
      check.port_index = 0;
    }
  }
  if (!app.upgrade_strategy.has_value()) {
    app.upgrade_strategy = app.Resident() ? AppUpgradeStrategy{0.5, 0.0}
                                          : AppUpgradeStrategy{1.0, 1.0};
    const std::string* const single = app.Label("MARATHON_SINGLE_INSTANCE_APP");
    if (single != nullptr && *single == "true") {
      app.upgrade_strategy = AppUpgradeStrategy{0.0, 0.0};
    }
  }
  return app;
}

}  // namespace orrery::catalog
