// Changes of a request that may be enough for it to be met.

#ifndef RESOLVER_RELAXATIONS_H_
#define RESOLVER_RELAXATIONS_H_

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "resolver/fact.h"
#include "resolver/metadata_source.h"
#include "resolver/relations.h"
#include "resolver/request.h"

namespace orrery::resolver {

enum class FixKind {
  kName,
  kPrerelease,
  kRange,
  kUnlock,
  kSteps,
  kDowngrade,
  kPlatform,
  kRemove,
  kDrop,
};

// `name`, `prerelease`, … as in resolver.md §11.5.
absl::string_view FixKindName(FixKind kind);

// A change that may be enough.
struct Relaxation {
  FixKind kind = FixKind::kDrop;
  // What is changed: an item, a node, a package, or a fact of the cluster. Of
  // several of one kind and subject the first that is enough becomes a fix.
  std::string subject;
  std::string text;
  // The place among the facts of the explanation of the one that suggests it.
  size_t fact = 0;
  // What would be asked then, of what. Null: the same source.
  Request request;
  MetadataSource* source = nullptr;
};

// An item of a request as people write it: `kafka@prod[tls] >=2.0`.
std::string ItemText(const Requirement& item, MetadataSource& source);

// Asking for something else in place of the item that `facts[fact]`, of kind
// kRequest, speaks of: for kName and kRange, which only a caller can make, who
// knows all names and reads ranges.
Relaxation AskInstead(FixKind kind, const Request& request,
                      std::span<const Fact> facts, size_t fact,
                      Requirement item, MetadataSource& source);

// What the facts of an explanation suggest by themselves, in their order:
// kUnlock, kSteps, kDowngrade, kPlatform, kRemove, kDrop. The text of kSteps
// has no path, which depends on the answer; that there is one is not known yet.
absl::StatusOr<std::vector<Relaxation>> RelaxationsOf(
    const Request& request, std::span<const Fact> facts,
    MetadataSource& source);

// `go in 2 steps: 2.0 -> 3.0`, for releases of the package.
absl::StatusOr<std::string> StepsText(PackageId package,
                                      std::span<const Rank> path,
                                      MetadataSource& source);

}  // namespace orrery::resolver

#endif  // RESOLVER_RELAXATIONS_H_
