// package.json as typed values (universe-format §4).

#ifndef REGISTRY_FORMAT_PACKAGE_DOCUMENT_H_
#define REGISTRY_FORMAT_PACKAGE_DOCUMENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "registry/format/finding.h"
#include "registry/format/json_value.h"

namespace orrery::registry {

enum class PackagingVersion : uint8_t {
  k20 = 20,
  k30 = 30,
  k40 = 40,
  k50 = 50
};

struct License {
  std::string name;
  std::string url;
};

// Another package that must install, update and uninstall this one.
struct PackageManager {
  std::string package_name;
  std::optional<std::string> min_package_version;
};

struct PackageDocument {
  PackagingVersion packaging_version = PackagingVersion::k40;
  std::string name;
  // Label; opaque.
  std::string version;
  std::string maintainer;
  std::string description;
  std::vector<std::string> tags;
  std::optional<std::string> scm;
  std::optional<std::string> website;
  bool framework = false;
  bool selected = false;
  std::optional<std::string> pre_install_notes;
  std::optional<std::string> post_install_notes;
  std::optional<std::string> post_uninstall_notes;
  std::vector<License> licenses;
  std::optional<std::string> min_dcos_release_version;
  bool has_known_issues = false;
  // Unix seconds.
  std::optional<double> last_updated;
  std::vector<std::string> upgrades_from;
  std::vector<std::string> downgrades_to;
  std::optional<PackageManager> manager;

  // A minimum of 999 or more hides a release (universe-format §12).
  bool hidden() const;
};

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_PACKAGE_DOCUMENT_H_
