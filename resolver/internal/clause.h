// Requirements as the agenda sees them.

#ifndef RESOLVER_INTERNAL_CLAUSE_H_
#define RESOLVER_INTERNAL_CLAUSE_H_

#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include "resolver/internal/nogoods.h"
#include "resolver/internal/trail.h"
#include "resolver/internal/value_sets.h"

namespace orrery::resolver::internal {

using NodeIndex = uint32_t;

// Some elements of one of the lists of Clauses.
struct Slice {
  uint32_t begin = 0;
  uint32_t end = 0;
};

// Releases of one slot of a node, with features.
struct Choice {
  // What is fixed.
  Place place = kNoPlace;
  // What is decided: `place`, or the place of the node with all the features.
  Place decide = kNoPlace;
  SetId set = 0;
  // The place of each feature, in written order.
  Slice features = {};
};

// One candidate of a clause: a node at any value of its choices, one a slot.
struct Option {
  NodeIndex node = 0;
  bool is_fact = false;
  // A fact that meets the clause whatever else could: the first alternative, or
  // the recorded one.
  bool closes = false;
  // Its node is installed or preferred, so it is tried before others.
  bool is_first = false;
  Slice choices = {};
};

// A condition: one of the options must hold. `holds` has the values 0, which
// is forced as soon as one does, and absent.
struct ConditionState {
  Place holds = kNoPlace;
  std::vector<Option> options;
};

using ClauseId = uint32_t;
inline constexpr ClauseId kNoClause = ~ClauseId{0};

// Most clauses can be met at one place alone, whatever else holds.
struct Clause {
  // The place, and its values that do not meet it; kNoPlace if there is more
  // to it.
  Place place = kNoPlace;
  SetId others = 0;
  // Otherwise the index of its parts.
  uint32_t parts = 0;
  // The first alternative is a fact, and the cluster has it.
  bool met_by_fact = false;
  // Its fact does not matter in this solve.
  bool is_left_out = false;
};

struct ClauseParts {
  // In the order in which they are tried.
  Slice options = {};
  // Indices of ConditionState; all must hold for the clause to matter.
  Slice conditions = {};
};

// All clauses of a solve, and their parts.
class Clauses {
 public:
  Clauses() { clauses_.reserve(2 * kRoom); }

  const Clause& operator[](ClauseId id) const { return clauses_[id]; }
  std::span<const Option> options(const Clause& clause) const {
    return In(options_, parts_[clause.parts].options);
  }
  std::span<const uint32_t> conditions(const Clause& clause) const {
    return In(conditions_, parts_[clause.parts].conditions);
  }
  std::span<const Choice> choices(const Option& option) const {
    return In(choices_, option.choices);
  }
  std::span<const Place> features(const Choice& choice) const {
    return In(features_, choice.features);
  }

  ClauseId Add(const Clause& clause) { return Append(clause, &clauses_); }
  uint32_t AddParts(std::span<const Option> options,
                    std::span<const uint32_t> conditions) {
    return Append(
        {AppendAll(options, &options_), AppendAll(conditions, &conditions_)},
        &parts_);
  }
  Slice AddChoices(std::span<const Choice> choices) {
    return AppendAll(choices, &choices_);
  }
  Slice AddFeatures(std::span<const Place> features) {
    return AppendAll(features, &features_);
  }

 private:
  template <typename T>
  static std::span<const T> In(const std::vector<T>& list, Slice slice) {
    return {list.data() + slice.begin, list.data() + slice.end};
  }
  template <typename T>
  static uint32_t Append(const std::type_identity_t<T>& item,
                         std::vector<T>* list) {
    list->push_back(item);
    return static_cast<uint32_t>(list->size() - 1);
  }
  template <typename T>
  static Slice AppendAll(std::span<const T> items, std::vector<T>* list) {
    const auto begin = static_cast<uint32_t>(list->size());
    list->insert(list->end(), items.begin(), items.end());
    return {begin, static_cast<uint32_t>(list->size())};
  }

  std::vector<Clause> clauses_;
  std::vector<ClauseParts> parts_;
  std::vector<Option> options_;
  std::vector<uint32_t> conditions_;
  std::vector<Choice> choices_;
  std::vector<Place> features_;
};

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_CLAUSE_H_
