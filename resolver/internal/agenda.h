// What is fixed, and what is to be settled next.

#ifndef RESOLVER_INTERNAL_AGENDA_H_
#define RESOLVER_INTERNAL_AGENDA_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "resolver/internal/clause.h"
#include "resolver/internal/encoding.h"
#include "resolver/internal/propagation.h"
#include "resolver/internal/value_order.h"
#include "resolver/request.h"

namespace orrery::resolver::internal {

struct Decision {
  Place place = kNoPlace;
  Value value = 0;
};

// The walk of resolver.md §9.3 (docs/solver.md#the-agenda).
class Agenda {
 public:
  enum class Order {
    // Of the definition.
    kCanonical,
    // Installed nodes first, at what they run.
    kKeepFirst,
  };

  // The encoding has begun. Both must outlive this.
  Agenda(const Request& request, const Encoding& encoding,
         const Propagation& propagation);

  // Forgets what is fixed. Before all other points, each of `first` gets its
  // lowest value. Requires: level 0.
  void Restart(Order order, const std::vector<Place>& first);

  // Fixes what has one value left, up to the first point that has several, and
  // returns the best of those; nothing if no point is open. Requires: nothing
  // is left to propagate or to load.
  std::optional<Decision> Next();

  // Call when the level of a decision is opened, and after a backjump.
  void OpenLevel() {
    marks_.push_back({cursor_, fixed_.size(), dormant_.size()});
  }
  void BackjumpTo(uint32_t level);

  // A place at a value (which may be absent); features follow their release.
  struct Fixed {
    Place place = kNoPlace;
    Value value = 0;
  };
  // In the order in which they were fixed.
  std::span<const Fixed> fixed() const { return fixed_; }

 private:
  // A node, a place that takes its lowest value, or a clause.
  struct Point {
    enum class Kind { kNode, kPlace, kClause } kind = Kind::kClause;
    uint32_t index = 0;
  };
  // The point to look at next: points_ first, then the clauses of each entry of
  // fixed_.
  struct Cursor {
    size_t point = 0;
    size_t fixed = 0;
    size_t clause = 0;
  };
  // What to go back to.
  struct Mark {
    Cursor cursor;
    size_t fixed = 0;
    size_t dormant = 0;
  };
  enum class Outcome { kSettled, kDormant, kFixed, kDecided };

  const std::vector<NodeIndex>& InstalledByName();
  void FixFacts();
  // The clauses of an entry of F, in written order: indices into `all`, from
  // `first` on.
  struct ClauseList {
    std::span<const uint32_t> of_rank = {};
    const std::vector<ClauseId>* all = nullptr;
    uint32_t first = 0;
  };

  // Moves the cursor over clauses of F that what is fixed meets.
  void SkipMetClauses();
  void ReadClausesAtCursor();
  std::optional<Point> PointAtCursor();
  void AdvanceCursor();
  ClauseList ClausesOf(const Fixed& fixed) const;

  Outcome Settle(const Point& point);
  Outcome SettleNode(const NodeState& state);
  Outcome SettleClause(ClauseId id);
  Outcome SettlePlain(const Clause& clause);
  // Of the values of the set that are left at the place, the one to try first.
  Value BestOf(const NodeState& state, Place place, const Word* set) const;
  Outcome SettleChoice(const Choice& choice, Value value);
  Outcome SettlePlace(Place place);
  // Decides the place, or fixes it if it has no other value.
  Outcome Take(Place place, Value value);
  void Fix(Place place, Value value);
  // Those that are on wherever the node of the place is.
  void FixKeptFeatures(Place place, Value value);

  Value FixedValue(Place place) const {
    return place < value_of_.size() ? value_of_[place] : kNoValue;
  }
  bool Holds(const Option& option) const;
  bool ConditionsHold(const Clause& clause) const;
  // The best choice of the option that is still possible; null if none is.
  const Choice* BestChoice(const Option& option, Value* value) const;
  const ValueOrder& OrderOf(const NodeState& state) const {
    return keep_first_ && state.nearest != nullptr ? *state.nearest
                                                   : state.order;
  }

  const Request& request_;
  const Encoding& encoding_;
  const Propagation& propagation_;
  bool keep_first_ = false;
  // All that are installed, by text, once somebody asked.
  std::vector<NodeIndex> installed_;
  std::vector<Point> points_;
  Cursor cursor_;
  std::vector<Fixed> fixed_;
  // That of entry `of_fixed_`, which the cursor is at.
  static constexpr size_t kNone = ~size_t{0};
  ClauseList clauses_;
  size_t of_fixed_ = kNone;
  // Value of each fixed place, kNoValue for others.
  std::vector<Value> value_of_;
  // Clauses before the cursor whose conditions did not hold when it passed.
  std::vector<ClauseId> dormant_;
  std::vector<Mark> marks_;
  Decision decision_;
};

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_AGENDA_H_
