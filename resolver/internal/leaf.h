// What given nogoods say.

#ifndef RESOLVER_INTERNAL_LEAF_H_
#define RESOLVER_INTERNAL_LEAF_H_

#include <cstdint>

#include "absl/strings/string_view.h"

#include "resolver/internal/clause.h"
#include "resolver/rank_set.h"
#include "resolver/relations.h"

namespace orrery::resolver::internal {

struct Leaf {
  // As those of Fact.
  enum class Kind {
    kRequest,   // item `index` of the request
    kNeeds,     // `node` at `ranks`, with `feature`: `requirement`
    kConflict,  // `node` at `ranks`: not `target`
    kBound,     // `node` at `ranks`: only `target`
    kClaim,     // `text`: not both `node` and `other`
    kKeep,      // item `index` of keep
    kLocked,    // `node`
    kEdge,      // `node`, which runs `text`
    kLimit,     // `node`
    kExcluded,  // `node`, because of `text`
    kFact,      // `node`
  };

  Kind kind = Kind::kRequest;
  NodeIndex node = 0;
  NodeIndex other = 0;
  uint32_t index = 0;
  // Pointers and texts are borrowed from the request, the source or Nodes.
  // `ranks` are, of kinds that cut domains, those left; of an exclusion those
  // cut.
  const RankSet* ranks = nullptr;
  const Requirement* requirement = nullptr;
  const Target* target = nullptr;
  absl::string_view feature = {};
  absl::string_view text = {};
};

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_LEAF_H_
