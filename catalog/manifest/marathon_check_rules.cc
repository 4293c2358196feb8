#include "catalog/manifest/marathon_check_rules.h"

#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"

namespace orrery::catalog {
namespace {

using Violations = std::vector<Violation>;

size_t PortCount(const MarathonApp& app) {
  const size_t mappings =
      app.container.has_value() ? app.container->port_mappings.size() : 0;
  return app.networks[0].mode == "host" ? app.port_definitions.size()
                                        : mappings;
}

void CheckHealthCheckPort(const AppHealthCheck& check, const std::string& path,
                          size_t ports, Violations* found) {
  if (check.port_index.has_value() && check.port.has_value()) {
    found->push_back({path, "must have one of 'port' and 'portIndex'"});
  }
  if (check.port_index.has_value() &&
      (*check.port_index < 0 ||
       static_cast<size_t>(*check.port_index) >= ports)) {
    found->push_back(
        {absl::StrCat(path, "/portIndex"),
         absl::StrCat("must address one of the ", ports,
                      " ports of the app, from 0; is ", *check.port_index)});
  }
  if (!check.port_index.has_value() && !check.port.has_value()) {
    found->push_back({path, "needs 'port', or an app with a port"});
  }
}

}  // namespace

void CheckHealthChecks(const MarathonApp& app, Violations* found) {
  const size_t ports = PortCount(app);
  int mesos_checks = 0;
  for (size_t i = 0; i < app.health_checks.size(); ++i) {
    const AppHealthCheck& check = app.health_checks[i];
    const std::string path = absl::StrCat("/healthChecks(", i, ")");
    if (check.protocol == "COMMAND") {
      if (check.command.value_or("").empty()) {
        found->push_back({absl::StrCat(path, "/command"), "undefined"});
      }
      continue;
    }
    const bool mesos = absl::StartsWith(check.protocol, "MESOS_");
    const absl::string_view kind = absl::StripPrefix(check.protocol, "MESOS_");
    if (kind != "HTTP" && kind != "HTTPS" && kind != "TCP") {
      found->push_back(
          {absl::StrCat(path, "/protocol"),
           absl::StrCat("'", check.protocol,
                        "' must be one of: HTTP, HTTPS, TCP, COMMAND, "
                        "MESOS_HTTP, MESOS_HTTPS, MESOS_TCP")});
      continue;
    }
    mesos_checks += mesos ? 1 : 0;
    CheckHealthCheckPort(check, path, ports, found);
    if (check.ip_protocol != "IPv4" && (!mesos || !app.container.has_value() ||
                                        app.container->type != "DOCKER")) {
      found->push_back({absl::StrCat(path, "/ipProtocol"),
                        "IPv6 is for MESOS_* checks of Docker containers"});
    }
  }
  if (mesos_checks > 1) {
    found->push_back({"/healthChecks",
                      "at most one check with a MESOS_* protocol is allowed"});
  }
  if (app.has_check && app.container.has_value() &&
      app.container->type == "DOCKER") {
    found->push_back({"/check", "is not allowed with Docker containers"});
  }
}

void CheckReadiness(const MarathonApp& app, Violations* found) {
  if (app.readiness_checks.size() > 1) {
    found->push_back({"/readinessChecks", "at most one is allowed"});
  }
  std::set<std::string> names;
  for (const AppPort& port : app.port_definitions) names.insert(port.name);
  if (app.container.has_value()) {
    for (const AppPortMapping& mapping : app.container->port_mappings) {
      names.insert(mapping.name);
    }
  }
  for (size_t i = 0; i < app.readiness_checks.size(); ++i) {
    const AppReadinessCheck& check = app.readiness_checks[i];
    const std::string path = absl::StrCat("/readinessChecks(", i, ")");
    if (check.port_name.empty() || names.count(check.port_name) == 0) {
      found->push_back(
          {absl::StrCat(path, "/portName"),
           absl::StrCat("no port has the name '", check.port_name, "'")});
    }
    if (check.timeout >= check.interval) {
      found->push_back(
          {absl::StrCat(path, "/timeoutSeconds"),
           absl::StrCat("must be less than intervalSeconds (",
                        absl::ToInt64Seconds(check.interval), ")")});
    }
  }
}

}  // namespace orrery::catalog
