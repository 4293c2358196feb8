// How many installed nodes may be removed, or changed.

#ifndef RESOLVER_INTERNAL_CHANGE_LIMIT_H_
#define RESOLVER_INTERNAL_CHANGE_LIMIT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"

#include "resolver/internal/nogoods.h"
#include "resolver/internal/propagation.h"

namespace orrery::resolver::internal {

// Counts things that happened. The limit is the highest value left to a place
// of its own, so what is learned under a limit names the limit
// (docs/solver.md#least-change-first).
class ChangeLimit {
 public:
  // `reason` marks what is removed for this limit; distinct for distinct limits
  // and below kDecision. `propagation` must outlive this.
  ChangeLimit(Reason reason, Propagation* propagation)
      : reason_(reason), propagation_(*propagation) {}

  // One more thing, which has happened as soon as the term is satisfied.
  void AddItem(const Term& term);
  // Another way in which an item happens.
  void AddWay(size_t item, const Term& term);
  // Makes the place of the limit. Requires: all items are added.
  void Close();

  // Counts. Removes what would be one too many. Returns a violated nogood if
  // too much has happened already, else kNoNogood.
  NogoodId Apply();

  void BackjumpTo(Position end);

  // Why an entry with this limit's reason was made.
  Terms ReasonOf(Position position) const;

  Place place() const { return place_; }
  // How many have, on the trail as it is.
  uint32_t happened() const { return static_cast<uint32_t>(happened_.size()); }
  size_t items() const { return items_.size(); }

 private:
  struct Happened {
    size_t item = 0;
    Term term;
    Position position = 0;
  };

  void Count();
  void Happen(size_t item, const Term& term, Position position);
  uint32_t Limit() const;
  Term UpTo(uint32_t limit) const;

  Reason reason_;
  Propagation& propagation_;
  Place place_ = kNoPlace;
  // The ways of each.
  std::vector<absl::InlinedVector<Term, 1>> items_;
  std::vector<bool> has_happened_;
  // Place to the ways that look at it: item and index.
  std::vector<absl::InlinedVector<std::pair<size_t, size_t>, 1>> ways_at_;
  std::vector<Happened> happened_;
  Position counted_ = 0;
  // How long the trail was when everything that had not happened was removed.
  std::optional<Position> closed_;
};

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_CHANGE_LIMIT_H_
