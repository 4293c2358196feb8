// A Marathon app as typed values. Reading is in marathon_app_reader, what
// Marathon makes of it in marathon_normalization, its rules in
// marathon_validation (orchestrators.md §4.2, §4.3).

#ifndef CATALOG_MANIFEST_MARATHON_APP_H_
#define CATALOG_MANIFEST_MARATHON_APP_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace orrery::catalog {

// Names and values in the order they were written.
using NamedTexts = std::vector<std::pair<std::string, std::string>>;

struct AppPort {
  // Host port, or service port; 0 asks for any.
  int port = 0;
  std::string name;
  // "tcp", "udp" or "udp,tcp".
  std::string protocol = "tcp";
  NamedTexts labels;
};

struct AppPortMapping {
  int container_port = 0;
  std::optional<int> host_port;
  std::string name;
  std::string protocol = "tcp";
  NamedTexts labels;
  std::vector<std::string> network_names;
};

struct AppVolume {
  std::string container_path;
  std::optional<std::string> host_path;
  // "RW" or "RO"; empty when not given.
  std::string mode;
  bool persistent = false;
  bool external = false;
  bool secret = false;
  // MiB, of a persistent one.
  std::optional<int64_t> persistent_size;
};

struct AppDocker {
  std::string image;
  bool privileged = false;
  bool force_pull_image = false;
  bool has_credential = false;
  bool has_pull_config = false;
  // "BRIDGE", "HOST", "USER", "NONE"; the old form of `networks`.
  std::string network;
  bool has_port_mappings = false;
  // Keys and values.
  NamedTexts parameters;
};

struct AppContainer {
  // "DOCKER" or "MESOS".
  std::string type = "DOCKER";
  std::optional<AppDocker> docker;
  std::vector<AppVolume> volumes;
  std::vector<AppPortMapping> port_mappings;
  bool has_port_mappings = false;
};

struct AppNetwork {
  // "host", "container", "container/bridge".
  std::string mode = "container";
  std::string name;
};

struct AppHealthCheck {
  // "HTTP", "HTTPS", "TCP", "COMMAND", "MESOS_HTTP", "MESOS_HTTPS",
  // "MESOS_TCP".
  std::string protocol = "HTTP";
  std::optional<int> port_index;
  std::optional<int> port;
  std::string path;
  // Of COMMAND; given when `command` is.
  std::optional<std::string> command;
  std::string ip_protocol = "IPv4";
  bool ignore_http_1xx = false;
  absl::Duration grace_period = absl::Seconds(300);
  absl::Duration interval = absl::Seconds(60);
  absl::Duration timeout = absl::Seconds(20);
  absl::Duration delay = absl::Seconds(15);
  int max_consecutive_failures = 3;
};

struct AppReadinessCheck {
  std::string name;
  std::string protocol = "HTTP";
  std::string path = "/";
  std::string port_name;
  absl::Duration interval = absl::Seconds(30);
  absl::Duration timeout = absl::Seconds(10);
  std::vector<int> status_codes = {200};
};

struct AppFetch {
  std::string uri;
  bool extract = true;
  bool executable = false;
  std::string dest_path;
};

struct AppUpgradeStrategy {
  std::optional<double> minimum_health_capacity;
  std::optional<double> maximum_over_capacity;
};

struct MarathonApp {
  // Absolute once normalized.
  std::string id;
  std::optional<std::string> cmd;
  std::optional<std::vector<std::string>> args;
  std::string user;
  NamedTexts env;
  // Names of secrets that `env` refers to.
  std::vector<std::string> env_secrets;
  std::vector<std::string> secrets;
  NamedTexts labels;

  int64_t instances = 1;
  double cpus = 1;
  // MiB.
  double mem = 128;
  double disk = 0;
  int64_t gpus = 0;

  std::optional<AppContainer> container;
  std::vector<AppNetwork> networks;
  bool has_networks = false;
  bool has_ip_address = false;
  std::vector<AppPort> port_definitions;
  bool has_port_definitions = false;
  // The old form of `portDefinitions`.
  std::optional<std::vector<int>> ports;
  bool require_ports = false;

  std::vector<AppHealthCheck> health_checks;
  std::vector<AppReadinessCheck> readiness_checks;
  bool has_check = false;
  std::vector<std::vector<std::string>> constraints;
  std::vector<AppFetch> fetch;
  bool has_fetch = false;
  std::optional<std::vector<std::string>> uris;
  std::optional<AppUpgradeStrategy> upgrade_strategy;
  bool has_residency = false;
  std::vector<std::string> dependencies;
  std::vector<std::string> accepted_resource_roles;
  std::string role;
  std::string executor;
  std::string kill_selection = "YOUNGEST_FIRST";
  // "disabled", or the two times of it.
  bool unreachable_disabled = false;
  std::optional<int64_t> inactive_after_seconds;
  std::optional<int64_t> expunge_after_seconds;

  absl::Duration backoff = absl::Seconds(1);
  double backoff_factor = 1.15;
  absl::Duration max_launch_delay = absl::Seconds(300);
  std::optional<absl::Duration> kill_grace_period;

  // Between SIGTERM and SIGKILL.
  absl::Duration KillGrace() const {
    return kill_grace_period.value_or(absl::Seconds(3));
  }
  // Whether a volume is persistent (Marathon calls the app resident).
  bool Resident() const;
  bool HasImage() const;
  // Null when there is none.
  const std::string* Label(absl::string_view name) const;
};

inline bool MarathonApp::Resident() const {
  if (!container.has_value()) return false;
  for (const AppVolume& volume : container->volumes) {
    if (volume.persistent) return true;
  }
  return false;
}

inline bool MarathonApp::HasImage() const {
  return container.has_value() && container->docker.has_value() &&
         !container->docker->image.empty();
}

inline const std::string* MarathonApp::Label(absl::string_view name) const {
  for (const auto& [label, value] : labels) {
    if (label == name) return &value;
  }
  return nullptr;
}

}  // namespace orrery::catalog

#endif  // CATALOG_MANIFEST_MARATHON_APP_H_
