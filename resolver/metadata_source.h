// The solver's only door to what there is.

#ifndef RESOLVER_METADATA_SOURCE_H_
#define RESOLVER_METADATA_SOURCE_H_

#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "resolver/relations.h"

namespace orrery::resolver {

// A release the solver may look at. Its place in the list of its package is
// its rank.
struct Candidate {
  // The version label; for messages.
  std::string label;
  // The release number; for messages, where releases share a label.
  uint64_t release = 0;
  // Ranked after all others (resolver.md §9.4).
  bool prerelease = false;
  // Why it is never chosen anew; empty if it may be. What a node runs stays
  // possible for that node.
  std::string barred = {};
  // Releases of different slots may be chosen side by side. A package numbers
  // its slots from 0 on, by their first releases; those of Orrery have one.
  uint32_t slot = 0;
};

// What is not so of any candidate of a package, nobody needs to look for.
struct CandidateTraits {
  bool has_prereleases = true;
  bool has_barred = true;
  bool has_slots = true;
};

// A place for one release: the package and the service id. An empty id is that
// of the package's own name.
struct Node {
  PackageId package{};
  std::string instance = {};

  bool operator==(const Node&) const = default;

  template <typename H>
  friend H AbslHashValue(H h, const Node& node) {
    return H::combine(std::move(h), node.package, node.instance);
  }
};

// Calls come from the thread of Resolve alone. What is returned stays valid and
// unchanged for as long as the answer is used.
class MetadataSource {
 public:
  virtual ~MetadataSource() = default;

  // The name people use. Distinct for distinct packages.
  virtual absl::string_view Name(PackageId package) = 0;

  virtual CandidateTraits Traits(PackageId) { return {}; }

  // In rank order; empty if there is no such package. Called for packages that
  // the request or loaded relations name.
  virtual absl::StatusOr<std::span<const Candidate>> Candidates(
      PackageId package) = 0;

  // Never null. Called at most once for each node in a solve, for packages that
  // must be there or are being tried. By node, because relations depend on the
  // options of the instance.
  virtual absl::StatusOr<const PackageRelations*> Load(const Node& node) = 0;
};

// `kafka`, or `kafka@prod`.
std::string NodeText(const Node& node, MetadataSource& source);

}  // namespace orrery::resolver

#endif  // RESOLVER_METADATA_SOURCE_H_
