#ifndef REGISTRY_INDEX_DEPENDENTS_H_
#define REGISTRY_INDEX_DEPENDENTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/index/snapshot.h"

namespace orrery::registry {

// A requirement of a package that names something.
struct Dependent {
  std::string package;
  // Source of the releases.
  std::string source;
  // As people read it (resolver.md §5.5).
  std::string requirement;
  // That have it, newest first.
  std::vector<int64_t> releases;
};

// Who requires a package, also through a capability that it provides, a
// capability (`cap:sql`) or a fact (`@dcos`), in an alternative, a condition or
// a demand on the platform. By package, source and requirement.
absl::StatusOr<std::vector<Dependent>> FindDependents(const Snapshot& snapshot,
                                                      absl::string_view name);

}  // namespace orrery::registry

#endif  // REGISTRY_INDEX_DEPENDENTS_H_
