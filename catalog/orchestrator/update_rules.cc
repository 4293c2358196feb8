#include "catalog/orchestrator/update_rules.h"

#include <cstdint>
#include <map>
#include <set>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "registry/format/json_parse.h"
#include "registry/format/json_value.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

std::string Text(absl::string_view text) { return std::string(text); }
std::string Text(double number) { return absl::StrCat(number); }
std::string Text(const std::set<int>& ports) {
  return absl::StrCat("[", absl::StrJoin(ports, ", "), "]");
}

// Sizes in MiB by path in the sandbox.
std::map<std::string, int64_t> PersistentVolumes(const MarathonApp& app) {
  std::map<std::string, int64_t> volumes;
  if (!app.container.has_value()) return volumes;
  for (const AppVolume& volume : app.container->volumes) {
    if (!volume.persistent) continue;
    volumes[volume.container_path] = volume.persistent_size.value_or(0);
  }
  return volumes;
}

std::set<int> FixedPorts(const MarathonApp& app) {
  std::set<int> ports;
  if (!app.require_ports) return ports;
  for (const AppPort& port : app.port_definitions) {
    if (port.port != 0) ports.insert(port.port);
  }
  return ports;
}

// Labels that tell of an installation and not of the app.
bool IsBookkeeping(absl::string_view label) {
  return label == "DCOS_PACKAGE_OPTIONS" || label == "ORRERY_PLAN" ||
         label == "ORRERY_STEP" || label == "ORRERY_DIGEST";
}

class ChangeList {
 public:
  template <typename T>
  void Compare(absl::string_view path, const T& running, const T& wanted) {
    if (running != wanted) Add(path, Text(running), Text(wanted));
  }
  void Add(absl::string_view path, absl::string_view running,
           absl::string_view wanted) {
    found_.push_back(
        {std::string(path),
         absl::StrCat("is ", running, " and is to be ", wanted,
                      ", which may not change on update; keep it, or install "
                      "a new service")});
  }
  std::vector<Violation> Take() { return std::move(found_); }

 private:
  std::vector<Violation> found_;
};

void CompareVolumes(const MarathonApp& running, const MarathonApp& wanted,
                    ChangeList* changes) {
  const std::map<std::string, int64_t> before = PersistentVolumes(running);
  const std::map<std::string, int64_t> after = PersistentVolumes(wanted);
  const auto describe = [](const std::map<std::string, int64_t>& volumes,
                           const std::string& path) {
    const auto place = volumes.find(path);
    return place == volumes.end() ? std::string("missing")
                                  : absl::StrCat(place->second, " MiB");
  };
  std::set<std::string> paths;
  for (const auto& [path, size] : before) paths.insert(path);
  for (const auto& [path, size] : after) paths.insert(path);
  for (const std::string& path : paths) {
    changes->Compare(absl::StrCat("/container/volumes/", path),
                     absl::string_view(describe(before, path)),
                     absl::string_view(describe(after, path)));
  }
}

// What a task notices of the manifest; null when the text is no object.
JsonValue WhatTasksSee(absl::string_view manifest) {
  absl::StatusOr<registry::JsonDocument> document =
      registry::ParseJson(manifest);
  if (!document.ok() || !document->root.is_object()) return JsonValue();
  JsonValue seen = std::move(document->root);
  std::erase_if(seen.members(), [](const JsonValue::Member& member) {
    return member.name == "instances";
  });
  for (JsonValue::Member& member : seen.members()) {
    if (member.name != "labels") continue;
    std::erase_if(member.value.members(), [](const JsonValue::Member& label) {
      return IsBookkeeping(label.name);
    });
  }
  return seen;
}

}  // namespace

std::vector<Violation> FindUpdateViolations(const MarathonApp& running,
                                            const MarathonApp& wanted) {
  ChangeList changes;
  changes.Compare("/id", absl::string_view(running.id),
                  absl::string_view(wanted.id));
  if (!running.Resident() && !wanted.Resident()) return changes.Take();
  CompareVolumes(running, wanted, &changes);
  changes.Compare("/cpus", running.cpus, wanted.cpus);
  changes.Compare("/mem", running.mem, wanted.mem);
  changes.Compare("/disk", running.disk, wanted.disk);
  changes.Compare("/portDefinitions", FixedPorts(running), FixedPorts(wanted));
  return changes.Take();
}

bool DifferOnlyInInstances(absl::string_view running,
                           absl::string_view wanted) {
  return WhatTasksSee(running) == WhatTasksSee(wanted);
}

}  // namespace orrery::catalog
