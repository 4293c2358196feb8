#include "catalog/manifest/marathon_validation.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "catalog/manifest/marathon_app_reader.h"
#include "catalog/manifest/marathon_check_rules.h"
#include "catalog/manifest/marathon_normalization.h"
#include "catalog/manifest/marathon_port_rules.h"
#include "re2/re2.h"

namespace orrery::catalog {
namespace {

using Violations = std::vector<Violation>;

template <typename... Names>
bool IsOneOf(absl::string_view text, const Names&... names) {
  return ((text == names) || ...);
}

bool IsIdPart(absl::string_view label) {
  static const RE2& pattern = *new RE2("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
  return RE2::FullMatch({label.data(), label.size()}, pattern);
}

void CheckId(const MarathonApp& app, Violations* found) {
  if (app.id.empty()) {
    found->push_back({"/id", "undefined"});
    return;
  }
  const std::vector<std::string> segments =
      absl::StrSplit(absl::string_view(app.id).substr(1), '/');
  for (const std::string& segment : segments) {
    for (const absl::string_view label : absl::StrSplit(segment, '.')) {
      if (IsIdPart(label)) continue;
      found->push_back(
          {"/id", absl::StrCat("'", app.id, "': segment '", segment,
                               "' must match [a-z0-9]([-a-z0-9]*[a-z0-9])?, "
                               "with dots between such labels")});
      return;
    }
  }
  if (IsOneOf(segments.back(), "restart", "tasks", "versions")) {
    found->push_back(
        {"/id", absl::StrCat("may not end with '", segments.back(), "'")});
  }
}

void CheckCommand(const MarathonApp& app, Violations* found) {
  if (app.cmd.has_value() && app.args.has_value()) {
    found->push_back(
        {"/", "must have one of 'cmd' and 'args', not both of them"});
  } else if (!app.cmd.has_value() && !app.args.has_value() && !app.HasImage()) {
    found->push_back(
        {"/", "must have 'cmd' or 'args', or a container with an image"});
  }
  if (app.cmd.has_value() && app.cmd->size() <= 1) {
    found->push_back({"/cmd", "must have more than one character"});
  }
}

void CheckVolumes(const MarathonApp& app, Violations* found) {
  for (size_t i = 0; i < app.container->volumes.size(); ++i) {
    const AppVolume& volume = app.container->volumes[i];
    const std::string path = absl::StrCat("/container/volumes(", i, ")");
    if (volume.secret) continue;
    if (volume.container_path.empty()) {
      found->push_back({absl::StrCat(path, "/containerPath"), "undefined"});
    }
    if (!volume.mode.empty() && !IsOneOf(volume.mode, "RW", "RO")) {
      found->push_back({absl::StrCat(path, "/mode"), "must be RW or RO"});
    }
    if (volume.external) continue;
    if (!volume.persistent) {
      if (!volume.host_path.has_value()) {
        found->push_back({absl::StrCat(path, "/hostPath"), "undefined"});
      }
      continue;
    }
    if (absl::StrContains(volume.container_path, "/")) {
      found->push_back(
          {absl::StrCat(path, "/containerPath"), "must not contain '/'"});
    }
    if (volume.mode == "RO") {
      found->push_back(
          {absl::StrCat(path, "/mode"), "must be RW for a persistent volume"});
    }
    if (volume.persistent_size.value_or(0) <= 0) {
      found->push_back(
          {absl::StrCat(path, "/persistent/size"), "must be greater than 0"});
    }
  }
}

void CheckContainer(const MarathonApp& app, const MarathonFeatures& features,
                    Violations* found) {
  if (!app.container.has_value()) return;
  const AppContainer& container = *app.container;
  if (!IsOneOf(container.type, "DOCKER", "MESOS")) {
    found->push_back({"/container/type", "must be DOCKER or MESOS"});
    return;
  }
  const bool docker_engine = container.type == "DOCKER";
  if (docker_engine && !container.docker.has_value()) {
    found->push_back({"/container/docker", "not defined"});
  }
  if (container.docker.has_value()) {
    const AppDocker& docker = *container.docker;
    if (docker.image.empty()) {
      found->push_back({"/container/docker/image", "undefined"});
    }
    if (docker.has_credential) {
      found->push_back({"/container/docker/credential",
                        "must be empty; the engine's own credentials count"});
    }
    if (docker.has_pull_config && (docker_engine || !features.secrets)) {
      found->push_back({"/container/docker/pullConfig",
                        "needs the container type MESOS and secrets"});
    }
    if (!docker_engine &&
        (!docker.network.empty() || docker.has_port_mappings ||
         !docker.parameters.empty())) {
      found->push_back({"/container/docker",
                        "network, portMappings and parameters are for the "
                        "container type DOCKER only"});
    }
  }
  CheckVolumes(app, found);
}

// Empty when the constraint is right.
std::string ConstraintFault(const std::vector<std::string>& parts) {
  if (parts.size() < 2 || parts.size() > 3) return "must have 2 or 3 texts";
  const std::string& operation = parts[1];
  const bool has_value = parts.size() == 3;
  const std::string value = has_value ? parts[2] : "";
  int number = 0;
  if (operation == "UNIQUE") {
    return has_value ? "UNIQUE takes no value" : "";
  }
  if (operation == "CLUSTER") return "";
  if (operation == "MAX_PER") {
    return absl::SimpleAtoi(value, &number) ? "" : "MAX_PER wants a number";
  }
  if (operation == "GROUP_BY") {
    return !has_value || absl::SimpleAtoi(value, &number)
               ? ""
               : "GROUP_BY wants a number or nothing";
  }
  if (IsOneOf(operation, "LIKE", "UNLIKE")) {
    if (!has_value) return absl::StrCat(operation, " wants a pattern");
    const RE2 pattern(value, RE2::Quiet);
    return pattern.ok()
               ? ""
               : absl::StrCat("'", value, "' is no pattern: ", pattern.error());
  }
  if (operation == "IS") {
    static const RE2& pattern = *new RE2("[a-zA-Z0-9_/.-]*");
    return has_value && RE2::FullMatch(value, pattern)
               ? ""
               : "IS wants a value of letters, digits and _/.-";
  }
  return absl::StrCat("'", operation,
                      "' must be one of: UNIQUE, CLUSTER, GROUP_BY, LIKE, "
                      "UNLIKE, MAX_PER, IS");
}

void CheckUpgradeStrategy(const MarathonApp& app, Violations* found) {
  if (!app.upgrade_strategy.has_value()) return;
  const AppUpgradeStrategy& strategy = *app.upgrade_strategy;
  const std::array<std::pair<const char*, std::optional<double>>, 2> members = {
      std::pair("minimumHealthCapacity", strategy.minimum_health_capacity),
      std::pair("maximumOverCapacity", strategy.maximum_over_capacity)};
  for (const auto& [name, value] : members) {
    const std::string path = absl::StrCat("/upgradeStrategy/", name);
    if (!value.has_value()) {
      found->push_back({path, "undefined"});
    } else if (*value < 0 || *value > 1) {
      found->push_back({path, "must be from 0.0 to 1.0"});
    }
  }
  const double over = strategy.maximum_over_capacity.value_or(0);
  if (app.Resident() && over != 0) {
    found->push_back({"/upgradeStrategy/maximumOverCapacity",
                      "must be 0 with persistent volumes"});
  }
  const std::string* const single = app.Label("MARATHON_SINGLE_INSTANCE_APP");
  if (single == nullptr || *single != "true") return;
  if (app.instances > 1) {
    found->push_back({"/instances",
                      "must be 0 or 1 with the label "
                      "MARATHON_SINGLE_INSTANCE_APP"});
  }
  if (over != 0 || strategy.minimum_health_capacity.value_or(0) != 0) {
    found->push_back({"/upgradeStrategy",
                      "must be {0, 0} with the label "
                      "MARATHON_SINGLE_INSTANCE_APP"});
  }
}

void CheckNumbers(const MarathonApp& app, Violations* found) {
  const std::array<std::pair<const char*, double>, 5> numbers = {
      std::pair("/instances", static_cast<double>(app.instances)),
      std::pair("/cpus", app.cpus), std::pair("/mem", app.mem),
      std::pair("/disk", app.disk),
      std::pair("/gpus", static_cast<double>(app.gpus))};
  for (const auto& [path, number] : numbers) {
    if (number < 0) {
      found->push_back({path, "must be greater than or equal to 0"});
    }
  }
  if (app.inactive_after_seconds.value_or(0) >
      app.expunge_after_seconds.value_or(
          app.inactive_after_seconds.value_or(0))) {
    found->push_back({"/unreachableStrategy/inactiveAfterSeconds",
                      "must not be more than expungeAfterSeconds"});
  }
}

void CheckSecretsAndLabels(const MarathonApp& app,
                           const MarathonFeatures& features,
                           Violations* found) {
  for (const auto& [name, value] : app.env) {
    if (name.empty()) found->push_back({"/env", "a name must not be empty"});
  }
  for (const std::string& secret : app.env_secrets) {
    if (std::find(app.secrets.begin(), app.secrets.end(), secret) ==
        app.secrets.end()) {
      found->push_back(
          {"/env", absl::StrCat("the secret '", secret, "' is not declared")});
    }
  }
  if (!features.secrets && !(app.secrets.empty() && app.env_secrets.empty())) {
    found->push_back({"/secrets", "needs the feature 'secrets'"});
  }
  if (!features.gpu_resources && app.gpus > 0) {
    found->push_back({"/gpus", "needs the feature 'gpu_resources'"});
  }
  if (app.gpus > 0 && app.container.has_value() &&
      app.container->type == "DOCKER") {
    found->push_back({"/gpus", "needs the container type MESOS"});
  }
  const std::string* const version = app.Label("DCOS_MIGRATION_API_VERSION");
  if (version == nullptr) return;
  if (*version != "v1" || app.Label("DCOS_PACKAGE_FRAMEWORK_NAME") == nullptr ||
      app.Label("DCOS_MIGRATION_API_PATH") == nullptr) {
    found->push_back({"/labels",
                      "DCOS_MIGRATION_API_VERSION must be v1 and needs "
                      "DCOS_PACKAGE_FRAMEWORK_NAME and "
                      "DCOS_MIGRATION_API_PATH"});
  }
}

void CheckResident(const MarathonApp& app, Violations* found) {
  if (!app.Resident()) return;
  if (app.role == "*") {
    found->push_back({"/role", "must not be '*' with persistent volumes"});
  }
  if (app.inactive_after_seconds.has_value() ||
      app.expunge_after_seconds.has_value()) {
    found->push_back(
        {"/unreachableStrategy", "must be 'disabled' with persistent volumes"});
  }
}

}  // namespace

std::vector<Violation> ValidateMarathonApp(const MarathonApp& app,
                                           const MarathonFeatures& features) {
  Violations found;
  CheckId(app, &found);
  CheckCommand(app, &found);
  CheckNumbers(app, &found);
  CheckContainer(app, features, &found);
  CheckNetworks(app, &found);
  CheckPorts(app, &found);
  CheckHealthChecks(app, &found);
  CheckReadiness(app, &found);
  for (size_t i = 0; i < app.constraints.size(); ++i) {
    std::string fault = ConstraintFault(app.constraints[i]);
    if (!fault.empty()) {
      found.push_back({absl::StrCat("/constraints(", i, ")"), fault});
    }
  }
  CheckUpgradeStrategy(app, &found);
  CheckResident(app, &found);
  CheckSecretsAndLabels(app, features, &found);
  if (std::find(app.dependencies.begin(), app.dependencies.end(), app.id) !=
      app.dependencies.end()) {
    found.push_back(
        {"/dependencies", "Dependency graph has cyclic dependencies."});
  }
  return found;
}

CheckedApp CheckMarathonApp(const registry::JsonValue& root,
                            const MarathonFeatures& features) {
  AppReading reading = ReadMarathonApp(root);
  if (root.is_object() && reading.app.id.empty() &&
      (root.Find("apps") != nullptr || root.Find("groups") != nullptr)) {
    return {std::move(reading.app),
            {{"/", "is a group of apps; one app is wanted"}}};
  }
  if (!reading.violations.empty()) {
    return {std::move(reading.app), std::move(reading.violations)};
  }
  Violations conflicts = FindFormConflicts(reading.app);
  if (!conflicts.empty()) {
    return {std::move(reading.app), std::move(conflicts)};
  }
  CheckedApp checked;
  checked.app = NormalizeMarathonApp(std::move(reading.app));
  checked.violations = ValidateMarathonApp(checked.app, features);
  return checked;
}

}  // namespace orrery::catalog
