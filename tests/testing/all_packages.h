#ifndef TESTS_TESTING_ALL_PACKAGES_H_
#define TESTS_TESTING_ALL_PACKAGES_H_

#include <string>
#include <vector>

#include "registry/index/snapshot.h"

namespace orrery::tests {

// All packages of a snapshot by name, hidden ones included; those that cannot
// be read are left out.
inline std::vector<registry::PackagePtr> AllPackages(
    const registry::Snapshot& snapshot) {
  std::vector<registry::PackagePtr> packages;
  const auto names = snapshot.PackageNames();
  if (!names.ok()) return packages;
  for (const std::string& name : *names) {
    const auto package = snapshot.FindPackage(name);
    if (package.ok() && *package != nullptr) packages.push_back(*package);
  }
  return packages;
}

// "name/number" of every release of the snapshot, in the order it is served.
inline std::vector<std::string> ServedReleases(
    const registry::Snapshot& snapshot) {
  std::vector<std::string> served;
  for (const registry::PackagePtr& package : AllPackages(snapshot)) {
    for (const registry::ReleasePtr& release : package->releases) {
      served.push_back(release->name + "/" + std::to_string(release->release));
    }
  }
  return served;
}

// "path: rule" of what is refused.
inline std::vector<std::string> RefusedPlaces(
    const registry::SourceContents& contents) {
  std::vector<std::string> refused;
  for (const registry::Finding& finding : contents.refused) {
    refused.push_back(finding.path + ": " + finding.rule);
  }
  return refused;
}

}  // namespace orrery::tests

#endif  // TESTS_TESTING_ALL_PACKAGES_H_
