#include "catalog/manifest/marathon_app_reader.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

#include "catalog/manifest/json_fields.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

AppVolume ReadVolume(const JsonFields& fields) {
  AppVolume volume;
  fields.Read("containerPath", &volume.container_path);
  fields.Read("hostPath", &volume.host_path);
  fields.Read("mode", &volume.mode);
  volume.persistent =
      fields.ReadObject("persistent", [&volume](const JsonFields& persistent) {
        persistent.Read("size", &volume.persistent_size);
      });
  volume.external = fields.Has("external");
  volume.secret = fields.Has("secret");
  return volume;
}

AppPortMapping ReadPortMapping(const JsonFields& fields) {
  AppPortMapping mapping;
  fields.Read("containerPort", &mapping.container_port);
  fields.Read("hostPort", &mapping.host_port);
  fields.Read("name", &mapping.name);
  fields.Read("protocol", &mapping.protocol);
  fields.Read("labels", &mapping.labels);
  fields.Read("networkNames", &mapping.network_names);
  return mapping;
}

AppDocker ReadDocker(const JsonFields& fields,
                     std::vector<AppPortMapping>* port_mappings) {
  AppDocker docker;
  fields.Read("image", &docker.image);
  fields.Read("privileged", &docker.privileged);
  fields.Read("forcePullImage", &docker.force_pull_image);
  docker.has_credential = fields.Has("credential");
  docker.has_pull_config = fields.Has("pullConfig");
  fields.Read("network", &docker.network);
  docker.has_port_mappings = fields.ReadObjects(
      "portMappings", [port_mappings](const JsonFields& mapping) {
        port_mappings->push_back(ReadPortMapping(mapping));
      });
  fields.ReadObjects("parameters", [&docker](const JsonFields& parameter) {
    std::string key;
    std::string value;
    parameter.Read("key", &key);
    parameter.Read("value", &value);
    docker.parameters.emplace_back(std::move(key), std::move(value));
  });
  return docker;
}

AppContainer ReadContainer(const JsonFields& fields) {
  AppContainer container;
  fields.Read("type", &container.type);
  std::vector<AppPortMapping> docker_mappings;
  fields.ReadObject("docker",
                    [&container, &docker_mappings](const JsonFields& docker) {
                      container.docker = ReadDocker(docker, &docker_mappings);
                    });
  fields.ReadObjects("volumes", [&container](const JsonFields& volume) {
    container.volumes.push_back(ReadVolume(volume));
  });
  container.has_port_mappings = fields.ReadObjects(
      "portMappings", [&container](const JsonFields& mapping) {
        container.port_mappings.push_back(ReadPortMapping(mapping));
      });
  if (!container.has_port_mappings) {
    container.port_mappings = std::move(docker_mappings);
  }
  return container;
}

AppHealthCheck ReadHealthCheck(const JsonFields& fields) {
  AppHealthCheck check;
  fields.Read("protocol", &check.protocol);
  fields.Read("portIndex", &check.port_index);
  fields.Read("port", &check.port);
  fields.Read("path", &check.path);
  fields.Read("ipProtocol", &check.ip_protocol);
  fields.Read("ignoreHttp1xx", &check.ignore_http_1xx);
  fields.ReadObject("command", [&check](const JsonFields& command) {
    command.Read("value", &check.command);
  });
  fields.ReadSeconds("gracePeriodSeconds", &check.grace_period);
  fields.ReadSeconds("intervalSeconds", &check.interval);
  fields.ReadSeconds("timeoutSeconds", &check.timeout);
  fields.ReadSeconds("delaySeconds", &check.delay);
  fields.Read("maxConsecutiveFailures", &check.max_consecutive_failures);
  return check;
}

AppReadinessCheck ReadReadinessCheck(const JsonFields& fields) {
  AppReadinessCheck check;
  fields.Read("name", &check.name);
  fields.Read("protocol", &check.protocol);
  fields.Read("path", &check.path);
  fields.Read("portName", &check.port_name);
  fields.ReadSeconds("intervalSeconds", &check.interval);
  fields.ReadSeconds("timeoutSeconds", &check.timeout);
  const JsonValue* const codes = fields.Find("httpStatusCodesForReady");
  if (codes == nullptr) return check;
  check.status_codes.clear();
  for (const JsonValue& code : codes->items()) {
    if (const auto number = code.AsInteger(); number.has_value()) {
      check.status_codes.push_back(static_cast<int>(*number));
    } else {
      fields.Fault("httpStatusCodesForReady", "error.expected.int");
    }
  }
  return check;
}

// `env` holds texts and references to secrets.
void ReadEnvironment(const JsonFields& fields, MarathonApp* app) {
  const JsonValue* const env = fields.Find("env");
  if (env == nullptr) return;
  if (!env->is_object()) return fields.Fault("env", "error.expected.jsobject");
  for (const JsonValue::Member& member : env->members()) {
    const std::string name = absl::StrCat("env/", member.name);
    if (member.value.is_string()) {
      app->env.emplace_back(member.name, member.value.text());
    } else if (member.value.is_object() &&
               !member.value.FindString("secret").empty()) {
      app->env_secrets.emplace_back(member.value.FindString("secret"));
    } else {
      fields.Fault(name, "error.expected.jsstring");
    }
  }
}

void ReadConstraints(const JsonFields& fields, MarathonApp* app) {
  const JsonValue* const constraints = fields.Find("constraints");
  if (constraints == nullptr) return;
  if (!constraints->is_array()) {
    return fields.Fault("constraints", "error.expected.jsarray");
  }
  for (size_t i = 0; i < constraints->items().size(); ++i) {
    const JsonValue& item = constraints->items()[i];
    const std::string name = absl::StrCat("constraints(", i, ")");
    if (!item.is_array()) {
      fields.Fault(name, "error.expected.jsarray");
      continue;
    }
    std::vector<std::string>& constraint = app->constraints.emplace_back();
    for (const JsonValue& part : item.items()) {
      if (!part.is_string()) fields.Fault(name, "error.expected.jsstring");
      constraint.push_back(part.text());
    }
  }
}

void ReadPorts(const JsonFields& fields, MarathonApp* app) {
  fields.Read("requirePorts", &app->require_ports);
  app->has_port_definitions =
      fields.ReadObjects("portDefinitions", [app](const JsonFields& item) {
        AppPort& port = app->port_definitions.emplace_back();
        item.Read("port", &port.port);
        item.Read("name", &port.name);
        item.Read("protocol", &port.protocol);
        item.Read("labels", &port.labels);
      });
  const JsonValue* const ports = fields.Find("ports");
  if (ports == nullptr) return;
  if (!ports->is_array()) {
    return fields.Fault("ports", "error.expected.jsarray");
  }
  app->ports.emplace();
  for (const JsonValue& port : ports->items()) {
    const auto number = port.AsInteger();
    if (!number.has_value()) fields.Fault("ports", "error.expected.int");
    app->ports->push_back(static_cast<int>(number.value_or(0)));
  }
}

void ReadNetworks(const JsonFields& fields, MarathonApp* app) {
  app->has_ip_address = fields.Has("ipAddress");
  app->has_networks =
      fields.ReadObjects("networks", [app](const JsonFields& item) {
        AppNetwork& network = app->networks.emplace_back();
        item.Read("mode", &network.mode);
        item.Read("name", &network.name);
      });
}

void ReadFetch(const JsonFields& fields, MarathonApp* app) {
  app->has_fetch = fields.ReadObjects("fetch", [app](const JsonFields& item) {
    AppFetch& fetch = app->fetch.emplace_back();
    item.Read("uri", &fetch.uri);
    item.Read("extract", &fetch.extract);
    item.Read("executable", &fetch.executable);
    item.Read("destPath", &fetch.dest_path);
  });
  if (!fields.Has("uris")) return;
  app->uris.emplace();
  fields.Read("uris", &*app->uris);
}

void ReadStrategies(const JsonFields& fields, MarathonApp* app) {
  fields.ReadObject("upgradeStrategy", [app](const JsonFields& strategy) {
    app->upgrade_strategy.emplace();
    strategy.Read("minimumHealthCapacity",
                  &app->upgrade_strategy->minimum_health_capacity);
    strategy.Read("maximumOverCapacity",
                  &app->upgrade_strategy->maximum_over_capacity);
  });
  const JsonValue* const unreachable = fields.Find("unreachableStrategy");
  if (unreachable != nullptr && unreachable->is_string()) {
    app->unreachable_disabled = unreachable->text() == "disabled";
    return;
  }
  fields.ReadObject("unreachableStrategy", [app](const JsonFields& strategy) {
    strategy.Read("inactiveAfterSeconds", &app->inactive_after_seconds);
    strategy.Read("expungeAfterSeconds", &app->expunge_after_seconds);
  });
}

void ReadResources(const JsonFields& fields, MarathonApp* app) {
  fields.Read("instances", &app->instances);
  fields.Read("cpus", &app->cpus);
  fields.Read("mem", &app->mem);
  fields.Read("disk", &app->disk);
  fields.Read("gpus", &app->gpus);
  fields.ReadSeconds("backoffSeconds", &app->backoff);
  fields.Read("backoffFactor", &app->backoff_factor);
  fields.ReadSeconds("maxLaunchDelaySeconds", &app->max_launch_delay);
  fields.ReadSeconds("taskKillGracePeriodSeconds", &app->kill_grace_period);
}

void ReadCommand(const JsonFields& fields, MarathonApp* app) {
  fields.Read("cmd", &app->cmd);
  std::vector<std::string> args;
  fields.Read("args", &args);
  // To Marathon an empty list is none: Edge-LB has one beside its `cmd`.
  if (!args.empty()) app->args = std::move(args);
}

}  // namespace

AppReading ReadMarathonApp(const JsonValue& root) {
  AppReading reading;
  MarathonApp& app = reading.app;
  if (!root.is_object()) {
    reading.violations.push_back({"/", "error.expected.jsobject"});
    return reading;
  }
  const JsonFields fields(root, "", &reading.violations);
  fields.Read("id", &app.id);
  ReadCommand(fields, &app);
  fields.Read("user", &app.user);
  ReadEnvironment(fields, &app);
  fields.Read("labels", &app.labels);
  ReadResources(fields, &app);
  fields.ReadObject("container", [&app](const JsonFields& container) {
    app.container = ReadContainer(container);
  });
  ReadNetworks(fields, &app);
  ReadPorts(fields, &app);
  fields.ReadObjects("healthChecks", [&app](const JsonFields& check) {
    app.health_checks.push_back(ReadHealthCheck(check));
  });
  fields.ReadObjects("readinessChecks", [&app](const JsonFields& check) {
    app.readiness_checks.push_back(ReadReadinessCheck(check));
  });
  app.has_check = fields.Has("check");
  ReadConstraints(fields, &app);
  ReadFetch(fields, &app);
  ReadStrategies(fields, &app);
  app.has_residency = fields.Has("residency");
  fields.Read("dependencies", &app.dependencies);
  fields.Read("acceptedResourceRoles", &app.accepted_resource_roles);
  fields.Read("role", &app.role);
  fields.Read("executor", &app.executor);
  fields.Read("killSelection", &app.kill_selection);
  const JsonValue* const secrets = fields.Find("secrets");
  if (secrets != nullptr) {
    for (const JsonValue::Member& member : secrets->members()) {
      app.secrets.push_back(member.name);
    }
  }
  return reading;
}

}  // namespace orrery::catalog
