// What given nogoods say.

#ifndef RESOLVER_INTERNAL_LEAF_H_
#define RESOLVER_INTERNAL_LEAF_H_

#include <cstdint>
#include <string>
#include <vector>

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
  // Borrowed from the request or the source.
  const RankSet* ranks = nullptr;
  const Requirement* requirement = nullptr;
  const Target* target = nullptr;
  // Of kinds that cut domains: of an exclusion the ranks cut, of others those
  // left.
  RankSet own_ranks = {};
  std::string feature = {};
  std::string text = {};
};

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_LEAF_H_
