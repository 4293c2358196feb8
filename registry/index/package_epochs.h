#ifndef REGISTRY_INDEX_PACKAGE_EPOCHS_H_
#define REGISTRY_INDEX_PACKAGE_EPOCHS_H_

#include <cstdint>
#include <set>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace orrery::registry {

// Counts the changes of what is served, and knows which was the last one of
// each package, so that what was made of a package is good until that package
// changes. Who shows a change advances it under the lock under which that
// change is seen. Not thread-safe.
class PackageEpochs {
 public:
  // Grows with every change of the package, and now and then without one. For
  // an empty name, with every change of anything.
  uint64_t Of(absl::string_view package) const;

  void Advance(const std::set<std::string>& packages);
  void AdvanceAll();

 private:
  // Of packages whose last change is known; the change with which they become
  // more counts for all.
  static constexpr size_t kMaxPackages = 10'000;

  uint64_t last_ = 0;
  // The last change of packages that are not in `of_`, at most.
  uint64_t of_others_ = 0;
  absl::flat_hash_map<std::string, uint64_t> of_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_INDEX_PACKAGE_EPOCHS_H_
