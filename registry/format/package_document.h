// package.json as typed values (universe-format §4).

#ifndef REGISTRY_FORMAT_PACKAGE_DOCUMENT_H_
#define REGISTRY_FORMAT_PACKAGE_DOCUMENT_H_

#include <optional>
#include <string>
#include <vector>

#include "registry/format/document_reader.h"
#include "registry/format/json_value.h"
#include "registry/format/packaging_version.h"

namespace orrery::registry {

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

// The member `packagingVersion` of package.json; nothing when it is missing or
// none of the four known ones.
std::optional<PackagingVersion> ReadPackagingVersion(const JsonValue& root);

// Reads package.json by the schema of its packaging version, 4.0 when that is
// not known. What breaks the schema is a fault and keeps its default in the
// document; a member that the schema does not know is a fault marked as such.
Parsed<PackageDocument> ParsePackageDocument(const JsonValue& root);

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_PACKAGE_DOCUMENT_H_
