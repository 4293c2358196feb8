#include "catalog/orchestrator/local/port_booking.h"

#include <optional>

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

absl::Status CheckFixedPorts(const PortLedger& ledger, const NewApp& app) {
  for (size_t i = 0; i < app.app->port_definitions.size(); ++i) {
    if (!IsFixedPort(*app.app, i)) continue;
    const int port = app.app->port_definitions[i].port;
    const std::string* const owner = ledger.Owner(port);
    if (owner != nullptr && *owner != app.request.service) {
      return PortTaken(port, absl::StrCat("by service ", *owner));
    }
  }
  return absl::OkStatus();
}

// The port that the instance has and the new app wants again as its `index`th;
// nothing when it had none.
std::optional<int> HeldPort(const MarathonApp& running,
                            const std::vector<int>& held,
                            const MarathonApp& wanted, size_t index) {
  const std::string& name = wanted.port_definitions[index].name;
  for (size_t i = 0; i < held.size(); ++i) {
    if (i >= running.port_definitions.size()) break;
    const std::string& before = running.port_definitions[i].name;
    if (before == name && (!name.empty() || i == index)) return held[i];
  }
  return std::nullopt;
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
  for (const auto& [other, arriving] : state.arriving) {
    if (arriving->id == app.app->id) return IdTaken(app.app->id, other);
  }
  return CheckFixedPorts(state.ports, app);
}

absl::Status CheckLedgerForUpdate(const PortLedger& ledger,
                                  const LocalApp& running, const NewApp& app) {
  if (running.record.removing) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the app of service '", app.request.service, "' is being removed"));
  }
  if (running.record.run_once) {
    return absl::FailedPreconditionError(
        absl::StrCat("service '", app.request.service,
                     "' is a job, which runs once as it was asked for"));
  }
  return CheckFixedPorts(ledger, app);
}

absl::Status CheckStrangers(const NewApp& app, const std::set<int>& own) {
  for (size_t i = 0; i < app.app->port_definitions.size(); ++i) {
    const AppPort& wanted = app.app->port_definitions[i];
    if (!IsFixedPort(*app.app, i) || own.count(wanted.port) != 0) continue;
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

absl::StatusOr<Rebooking> RebookPorts(const NewApp& app,
                                      const LocalApp& running,
                                      PortLedger* ledger) {
  const std::string& service = app.request.service;
  // Fixed ones first: a dynamic port must not be one of them.
  std::set<int> given;
  for (size_t i = 0; i < app.app->port_definitions.size(); ++i) {
    if (IsFixedPort(*app.app, i)) {
      given.insert(app.app->port_definitions[i].port);
    }
  }
  Rebooking rebooking;
  const auto book = [&](size_t slot, size_t i) -> absl::StatusOr<int> {
    const AppPort& wanted = app.app->port_definitions[i];
    if (IsFixedPort(*app.app, i)) {
      if (ledger->Owner(wanted.port) == nullptr) {
        rebooking.added.push_back(wanted.port);
      }
      ledger->Book(wanted.port, service);
      return wanted.port;
    }
    if (slot < running.record.ports.size()) {
      const std::optional<int> held =
          HeldPort(*running.app, running.record.ports[slot], *app.app, i);
      if (held.has_value() && given.insert(*held).second) return *held;
    }
    ORRERY_ASSIGN_OR_RETURN(const int port,
                            ledger->BookDynamic(service, wanted.protocol));
    rebooking.added.push_back(port);
    return port;
  };
  for (int64_t slot = 0; slot < app.app->instances; ++slot) {
    std::vector<int>& numbers = rebooking.ports.emplace_back();
    for (size_t i = 0; i < app.app->port_definitions.size(); ++i) {
      const absl::StatusOr<int> port = book(static_cast<size_t>(slot), i);
      if (!port.ok()) {
        for (const int added : rebooking.added) ledger->Release(added);
        return port.status();
      }
      numbers.push_back(*port);
    }
  }
  return rebooking;
}

}  // namespace orrery::catalog
