#include "catalog/orchestrator/local/local_rules.h"

#include <unistd.h>

#include <algorithm>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "catalog/orchestrator/task/task_launch.h"
#include "catalog/orchestrator/task/task_user.h"
#include "re2/re2.h"
#include "registry/format/artifact_uri.h"
#include "registry/format/json_parse.h"
#include "signing/digest.h"

namespace orrery::catalog {
namespace {

using Violations = std::vector<Violation>;

std::string Hostname() {
  char name[256] = "";
  gethostname(name, sizeof(name) - 1);
  return name;
}

// Whether a relative path stays below where it starts.
bool IsPlainRelative(absl::string_view path) {
  if (path.empty() || absl::StartsWith(path, "/")) return false;
  for (const absl::string_view part : absl::StrSplit(path, '/')) {
    if (part.empty() || part == "." || part == "..") return false;
  }
  return true;
}

void CheckDriver(const MarathonApp& app, Violations* found) {
  if (app.HasImage()) {
    found->push_back(
        {"/container/docker/image",
         absl::StrCat("'", app.container->docker->image,
                      "' needs a container engine, and this cluster runs "
                      "plain processes only")});
  }
  if (app.networks[0].mode != "host") {
    found->push_back({"/networks",
                      "a plain process has the network of the host; other "
                      "networks need a container engine"});
  }
  if (app.gpus > 0) {
    found->push_back({"/gpus", "gpus are not handed out on this cluster"});
  }
  if (!app.executor.empty() && app.executor != "//cmd") {
    found->push_back(
        {"/executor", absl::StrCat("'", app.executor,
                                   "' needs Mesos; only the default "
                                   "executor runs here")});
  }
  if (const std::string* const name =
          app.Label("DCOS_PACKAGE_FRAMEWORK_NAME")) {
    found->push_back({"/labels/DCOS_PACKAGE_FRAMEWORK_NAME",
                      absl::StrCat("'", *name,
                                   "' is a Mesos framework: its scheduler "
                                   "needs a Mesos master")});
  }
}

void CheckVolumes(const MarathonApp& app, const LocalConfig& config,
                  Violations* found) {
  if (!app.container.has_value()) return;
  for (size_t i = 0; i < app.container->volumes.size(); ++i) {
    const AppVolume& volume = app.container->volumes[i];
    const std::string path = absl::StrCat("/container/volumes(", i, ")");
    if (volume.external || volume.secret) {
      found->push_back(
          {path, volume.external
                     ? "external volumes are not there on this cluster"
                     : "secret volumes are not there on this cluster"});
      continue;
    }
    if (volume.persistent) {
      if (!IsPlainRelative(volume.container_path)) {
        found->push_back({absl::StrCat(path, "/containerPath"),
                          "must be a name below the sandbox"});
      }
      continue;
    }
    const std::string host_path = volume.host_path.value_or("");
    if (!IsBelow(host_path, config.allow_host_paths)) {
      found->push_back({absl::StrCat(path, "/hostPath"),
                        absl::StrCat("'", host_path,
                                     "' is not below allow_host_paths of the "
                                     "cluster")});
    }
    if (volume.container_path != host_path &&
        !IsPlainRelative(volume.container_path)) {
      found->push_back({absl::StrCat(path, "/containerPath"),
                        "must be relative, or equal to hostPath: a plain "
                        "process has no file system of its own"});
    }
  }
}

// Empty when one host meets the constraint.
std::string ConstraintFault(const MarathonApp& app,
                            const std::vector<std::string>& parts) {
  const std::string& field = parts[0];
  const std::string& operation = parts[1];
  const std::string value = parts.size() > 2 ? parts[2] : "";
  if (operation == "UNIQUE") {
    return app.instances > 1
               ? absl::StrCat("UNIQUE with ", app.instances,
                              " instances needs several hosts; this is one")
               : "";
  }
  if (operation == "MAX_PER") {
    int most = 0;
    if (absl::SimpleAtoi(value, &most) && most >= app.instances) return "";
    return absl::StrCat("MAX_PER ", value, " with ", app.instances,
                        " instances needs several hosts; this is one");
  }
  if (operation == "GROUP_BY") return "";
  const bool known = field == "hostname" || field == "@hostname";
  if (operation == "UNLIKE") {
    if (!known || !RE2::FullMatch(Hostname(), value)) return "";
  } else if (operation == "LIKE") {
    if (known && RE2::FullMatch(Hostname(), value)) return "";
  } else if (value.empty() || (known && value == Hostname())) {
    return "";
  }
  return known ? absl::StrCat("this host is '", Hostname(), "'")
               : absl::StrCat("this host has no attribute '", field, "'");
}

void CheckPlacement(const MarathonApp& app, Violations* found) {
  for (size_t i = 0; i < app.constraints.size(); ++i) {
    std::string fault = ConstraintFault(app, app.constraints[i]);
    if (!fault.empty()) {
      found->push_back({absl::StrCat("/constraints(", i, ")"), fault});
    }
  }
  const bool fixed =
      app.require_ports &&
      std::any_of(app.port_definitions.begin(), app.port_definitions.end(),
                  [](const AppPort& port) { return port.port != 0; });
  if (fixed && app.instances > 1) {
    found->push_back(
        {"/requirePorts", absl::StrCat(app.instances,
                                       " instances cannot share fixed ports on "
                                       "one host")});
  }
}

void CheckFetch(const MarathonApp& app, const std::vector<ArtifactPin>& pins,
                const ArtifactFetcher& fetcher,
                const registry::ArtifactStore& store, Violations* found) {
  for (size_t i = 0; i < app.fetch.size(); ++i) {
    const AppFetch& fetch = app.fetch[i];
    const std::string path = absl::StrCat("/fetch(", i, ")");
    const std::string uri_path = absl::StrCat(path, "/uri");
    if (!fetch.dest_path.empty() && !IsPlainRelative(fetch.dest_path)) {
      found->push_back({absl::StrCat(path, "/destPath"),
                        "must be relative and stay in the sandbox"});
    }
    const absl::Status usable = fetcher.CheckUri(fetch.uri);
    if (!usable.ok()) {
      found->push_back({uri_path, std::string(usable.message())});
      continue;
    }
    const std::optional<signing::Digest> digest = PinOf(pins, fetch.uri);
    if (!digest.has_value()) {
      found->push_back(
          {uri_path,
           absl::StrCat("'", fetch.uri,
                        "' has no digest, and nothing runs unchecked; pin it "
                        "in artifacts.json, or add the file with 'orrery "
                        "artifact add' and use what that prints")});
    } else if (registry::IsArtifactUri(fetch.uri) && !store.Contains(*digest)) {
      found->push_back(
          {uri_path, absl::StrCat("'", fetch.uri,
                                  "' is not in the artifact store; add the "
                                  "file with 'orrery artifact add'")});
    } else if (const auto stored = store.Get(*digest); stored.ok()) {
      const absl::Status fits =
          CheckPinnedSize(pins, fetch.uri, stored->size());
      if (fits.ok()) continue;
      found->push_back(
          {uri_path,
           absl::StrCat(fits.message(),
                        "; if that is right, the stored file is damaged: "
                        "'orrery artifact remove' it and add it again")});
    }
  }
}

bool NamesDcosHosts(absl::string_view text) {
  static const RE2& pattern = *new RE2(
      R"([a-z0-9-]\.(mesos|thisdcos\.(directory|containerip))([^a-zA-Z0-9.-]|$))");
  return RE2::PartialMatch({text.data(), text.size()}, pattern);
}

bool UsesDcosNames(const MarathonApp& app) {
  if (NamesDcosHosts(app.cmd.value_or(""))) return true;
  if (app.args.has_value()) {
    for (const std::string& argument : *app.args) {
      if (NamesDcosHosts(argument)) return true;
    }
  }
  return std::any_of(app.env.begin(), app.env.end(), [](const auto& variable) {
    return NamesDcosHosts(variable.second);
  });
}

// A process gets its words as C strings, in UTF-8.
void CheckWord(absl::string_view word, const std::string& path,
               Violations* found) {
  if (word.find('\0') != absl::string_view::npos) {
    found->push_back({path, "holds a NUL, which no process can be given"});
  } else if (!registry::IsUtf8(word)) {
    found->push_back({path, "holds a lone surrogate, which is no UTF-8"});
  }
}

void CheckWords(const MarathonApp& app, Violations* found) {
  CheckWord(app.cmd.value_or(""), "/cmd", found);
  if (app.args.has_value()) {
    for (size_t i = 0; i < app.args->size(); ++i) {
      CheckWord((*app.args)[i], absl::StrCat("/args(", i, ")"), found);
    }
  }
  for (const auto& [name, value] : app.env) {
    CheckWord(name, "/env", found);
    CheckWord(value, absl::StrCat("/env/", name), found);
  }
}

bool HasVirtualIp(const MarathonApp& app) {
  for (const AppPort& port : app.port_definitions) {
    for (const auto& [label, value] : port.labels) {
      if (absl::StartsWith(label, "VIP_")) return true;
    }
  }
  return false;
}

}  // namespace

std::vector<Violation> FindLocalViolations(
    const MarathonApp& app, const std::vector<ArtifactPin>& pins,
    const LocalConfig& config, const ArtifactFetcher& fetcher,
    const registry::ArtifactStore& store) {
  Violations found;
  CheckDriver(app, &found);
  CheckWords(app, &found);
  CheckVolumes(app, config, &found);
  CheckPlacement(app, &found);
  CheckFetch(app, pins, fetcher, store, &found);
  const absl::Status user = FindTaskUser(app.user, config.allow_root).status();
  if (!user.ok()) found.push_back({"/user", std::string(user.message())});
  return found;
}

std::vector<std::string> FindLocalLosses(const MarathonApp& app,
                                         const LocalConfig& config) {
  std::vector<std::string> losses;
  if (app.user.empty() && geteuid() == 0) {
    losses.push_back(
        "it runs as root: the app names no user, and orreryd runs as root");
  }
  if (config.cgroup.empty()) {
    losses.push_back("its limits of cpus and mem are not enforced");
  }
  if (app.disk > 0) losses.push_back("its limit of disk is not enforced");
  if (app.Resident()) {
    losses.push_back(
        "its volume is a folder of this host and is lost with the disk");
  }
  if (HasVirtualIp(app)) {
    losses.push_back("it gets no virtual IP: use host and port");
  }
  if (UsesDcosNames(app)) {
    losses.push_back(
        "it uses names of DC/OS hosts (*.mesos, *.thisdcos.*), which are not "
        "there");
  }
  if (!app.accepted_resource_roles.empty()) {
    losses.push_back("acceptedResourceRoles has no meaning here");
  }
  return losses;
}

}  // namespace orrery::catalog
