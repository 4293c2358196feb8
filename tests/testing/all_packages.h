#ifndef TESTS_TESTING_ALL_PACKAGES_H_
#define TESTS_TESTING_ALL_PACKAGES_H_

#include <string>
#include <vector>

#include "registry/snapshot.h"

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

}  // namespace orrery::tests

#endif  // TESTS_TESTING_ALL_PACKAGES_H_
