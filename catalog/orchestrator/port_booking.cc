#include "catalog/orchestrator/port_booking.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "registry/status/error_details.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

absl::Status PortTaken(int port, absl::string_view by) {
  return registry::WithReason(absl::FailedPreconditionError(
                                  absl::StrCat("port ", port, " is held ", by)),
                              "PORT_TAKEN", {{"port", absl::StrCat(port)}});
}

absl::Status IdTaken(absl::string_view id, absl::string_view service) {
  return absl::AlreadyExistsError(
      absl::StrCat("app id '", id, "' belongs to service '", service,
                   "'; give this one another name"));
}

}  // namespace

bool IsFixedPort(const MarathonApp& app, size_t index) {
  return app.require_ports && app.port_definitions[index].port != 0;
}

absl::Status CheckLedger(const LocalState& state, const NewApp& app) {
  const std::string& service = app.request.service;
  if (const auto place = state.apps.find(service); place != state.apps.end()) {
    return absl::AlreadyExistsError(absl::StrCat(
        "service '", service, "' has an app",
        place->second.record.removing ? " that is being removed" : " already"));
  }
  if (state.arriving.count(service) != 0) {
    return absl::AlreadyExistsError(
        absl::StrCat("service '", service, "' has an app already"));
  }
  for (const auto& [other, existing] : state.apps) {
    if (existing.app->id == app.app->id) return IdTaken(app.app->id, other);
  }
  for (const auto& [other, id] : state.arriving) {
    if (id == app.app->id) return IdTaken(id, other);
  }
  for (size_t i = 0; i < app.app->port_definitions.size(); ++i) {
    if (!IsFixedPort(*app.app, i)) continue;
    const int port = app.app->port_definitions[i].port;
    if (const std::string* const owner = state.ports.Owner(port)) {
      return PortTaken(port, absl::StrCat("by service ", *owner));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckStrangers(const NewApp& app) {
  for (size_t i = 0; i < app.app->port_definitions.size(); ++i) {
    if (!IsFixedPort(*app.app, i)) continue;
    const AppPort& wanted = app.app->port_definitions[i];
    const PortProbe probe = ProbePort(wanted.port, wanted.protocol);
    if (probe == PortProbe::kTaken) {
      return PortTaken(wanted.port, DescribeStranger(wanted.port));
    }
    if (probe == PortProbe::kNotAllowed ||
        (app.user.user != 0 && wanted.port < FirstUnprivilegedPort())) {
      return absl::FailedPreconditionError(absl::StrCat(
          "user '", app.user.name, "' may not listen on port ", wanted.port,
          ": ports below ", FirstUnprivilegedPort(), " are root's"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::vector<int>>> BookPorts(const NewApp& app,
                                                        PortLedger* ledger) {
  const std::string& service = app.request.service;
  std::vector<std::vector<int>> ports;
  for (int64_t slot = 0; slot < app.app->instances; ++slot) {
    std::vector<int>& numbers = ports.emplace_back();
    for (size_t i = 0; i < app.app->port_definitions.size(); ++i) {
      const AppPort& wanted = app.app->port_definitions[i];
      if (IsFixedPort(*app.app, i)) {
        ledger->Book(wanted.port, service);
        numbers.push_back(wanted.port);
        continue;
      }
      const absl::StatusOr<int> port =
          ledger->BookDynamic(service, wanted.protocol);
      if (!port.ok()) {
        ledger->ReleaseAll(service);
        return port.status();
      }
      numbers.push_back(*port);
    }
  }
  return ports;
}

}  // namespace orrery::catalog
