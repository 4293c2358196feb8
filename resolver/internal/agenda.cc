#include "resolver/internal/agenda.h"

#include <algorithm>
#include <string>
#include <utility>

namespace orrery::resolver::internal {

Agenda::Agenda(const Request& request, const Encoding& encoding,
               const Propagation& propagation)
    : request_(request), encoding_(encoding), propagation_(propagation) {
  fixed_.reserve(kRoom);
  value_of_.reserve(kRoom);
}

const std::vector<NodeIndex>& Agenda::InstalledByName() {
  if (!installed_.empty() || request_.installed.empty()) return installed_;
  const Nodes& nodes = encoding_.nodes();
  std::vector<std::pair<std::string, NodeIndex>> by_name;
  for (NodeIndex node = 0; node < nodes.size(); ++node) {
    if (!nodes.state(node).installed.has_value()) continue;
    by_name.emplace_back(nodes.TextOf(node), node);
  }
  std::sort(by_name.begin(), by_name.end());
  for (const auto& [text, node] : by_name) installed_.push_back(node);
  return installed_;
}

void Agenda::Restart(Order order, const std::vector<Place>& first) {
  keep_first_ = order == Order::kKeepFirst;
  points_.clear();
  cursor_ = {};
  of_fixed_ = kNone;
  fixed_.clear();
  dormant_.clear();
  marks_.clear();
  value_of_.clear();
  for (const Place place : first) {
    points_.push_back({Point::Kind::kPlace, place});
  }
  const Nodes& nodes = encoding_.nodes();
  const std::vector<NodeIndex>& installed = InstalledByName();
  const auto add_installed = [&](bool updated_only) {
    for (const NodeIndex node : installed) {
      if (updated_only && !nodes.state(node).updated) continue;
      points_.push_back({Point::Kind::kNode, node});
    }
  };
  const auto add_clauses = [&](const std::vector<ClauseId>& clauses) {
    for (const ClauseId id : clauses) {
      points_.push_back({Point::Kind::kClause, id});
    }
  };
  if (keep_first_) {
    add_installed(/*updated_only=*/false);
  } else {
    for (const Node& node : request_.update) {
      if (!nodes.IsInstalled(node)) continue;
      points_.push_back({Point::Kind::kNode, nodes.KnownIndexOf(node)});
    }
    add_installed(/*updated_only=*/true);
  }
  add_clauses(encoding_.items());
  if (!keep_first_) add_installed(/*updated_only=*/false);
  add_clauses(encoding_.keep());
  FixFacts();
}

void Agenda::FixFacts() {
  const Nodes& nodes = encoding_.nodes();
  for (NodeIndex node = 0; node < nodes.size(); ++node) {
    if (!nodes.state(node).is_fact) continue;
    for (const Place place : nodes.state(node).places) {
      const Value value = OnlyValue(propagation_.trail().Domain(place),
                                    propagation_.trail().width(place));
      if (value_of_.size() <= place) value_of_.resize(place + 1, kNoValue);
      value_of_[place] = value;
    }
  }
}

std::optional<Decision> Agenda::Next() {
  while (true) {
    Outcome outcome = Outcome::kSettled;
    // Dormant clauses stand before the cursor.
    for (size_t i = 0; i < dormant_.size(); ++i) {
      outcome = SettleClause(dormant_[i]);
      if (outcome == Outcome::kFixed || outcome == Outcome::kDecided) break;
      outcome = Outcome::kSettled;
    }
    if (outcome == Outcome::kSettled) {
      SkipMetClauses();
      const std::optional<Point> point = PointAtCursor();
      if (!point.has_value()) return std::nullopt;
      outcome = Settle(*point);
      if (outcome == Outcome::kDormant) dormant_.push_back(point->index);
      if (outcome == Outcome::kSettled || outcome == Outcome::kDormant) {
        AdvanceCursor();
      }
    }
    if (outcome == Outcome::kDecided) return decision_;
  }
}

void Agenda::BackjumpTo(uint32_t level) {
  if (level >= marks_.size()) return;
  const Mark& mark = marks_[level];
  cursor_ = mark.cursor;
  of_fixed_ = kNone;
  dormant_.resize(mark.dormant);
  while (fixed_.size() > mark.fixed) {
    value_of_[fixed_.back().place] = kNoValue;
    fixed_.pop_back();
  }
  marks_.resize(level);
}

void Agenda::SkipMetClauses() {
  if (cursor_.point < points_.size()) return;
  const Clauses& clauses = encoding_.clauses();
  for (; cursor_.fixed < fixed_.size(); ++cursor_.fixed, cursor_.clause = 0) {
    ReadClausesAtCursor();
    for (; cursor_.clause < clauses_.of_rank.size(); ++cursor_.clause) {
      const uint32_t index = clauses_.of_rank[cursor_.clause];
      const Clause& clause = clauses[(*clauses_.all)[clauses_.first + index]];
      if (clause.is_left_out) continue;
      if (clause.place == kNoPlace) return;
      const Value value = FixedValue(clause.place);
      if (value == kNoValue ||
          HasValue(propagation_.sets().words(clause.others), value)) {
        return;
      }
    }
  }
}

void Agenda::ReadClausesAtCursor() {
  if (of_fixed_ == cursor_.fixed) return;
  of_fixed_ = cursor_.fixed;
  clauses_ = ClausesOf(fixed_[cursor_.fixed]);
}

std::optional<Agenda::Point> Agenda::PointAtCursor() {
  if (cursor_.point < points_.size()) return points_[cursor_.point];
  for (; cursor_.fixed < fixed_.size(); ++cursor_.fixed, cursor_.clause = 0) {
    ReadClausesAtCursor();
    if (cursor_.clause == clauses_.of_rank.size()) continue;
    const uint32_t index = clauses_.of_rank[cursor_.clause];
    return Point{Point::Kind::kClause, (*clauses_.all)[clauses_.first + index]};
  }
  return std::nullopt;
}

void Agenda::AdvanceCursor() {
  if (cursor_.point < points_.size()) {
    ++cursor_.point;
  } else {
    ++cursor_.clause;
  }
}

Agenda::ClauseList Agenda::ClausesOf(const Fixed& fixed) const {
  const PlaceUse use = encoding_.nodes().use(fixed.place);
  if (use.node == PlaceUse::kNoNode) return {};
  const NodeState& state = encoding_.nodes().state(use.node);
  const Window window = encoding_.nodes().window(fixed.place);
  if (fixed.value == window.absent || state.relations == nullptr) return {};
  const Rank rank = window.first + fixed.value;
  const PackageRelations& relations = *state.relations;
  if (use.features < 0) {
    return {relations.requirements.OfRank(rank), &encoding_.clause_ids(),
            state.clauses};
  }
  const FeatureRelations* feature =
      relations.FindFeature(state.features[use.features].names.front());
  if (feature == nullptr) return {};
  return {feature->requirements.OfRank(rank),
          &state.extras->feature_clauses[feature - relations.features.data()]};
}

Agenda::Outcome Agenda::Settle(const Point& point) {
  switch (point.kind) {
    case Point::Kind::kNode:
      return SettleNode(encoding_.nodes().state(point.index));
    case Point::Kind::kPlace:
      return SettlePlace(point.index);
    case Point::Kind::kClause:
      return SettleClause(point.index);
  }
  return Outcome::kSettled;
}

Agenda::Outcome Agenda::SettleNode(const NodeState& state) {
  const Trail& trail = propagation_.trail();
  for (const Place place : state.places) {
    // Of several slots, that of what runs.
    if (!encoding_.nodes().IsFor(place, *state.installed)) continue;
    if (FixedValue(place) != kNoValue) return Outcome::kSettled;
    const Value best = OrderOf(state).Best(trail.Domain(place),
                                           encoding_.nodes().window(place));
    return Take(place, best == kNoValue ? trail.absent(place) : best);
  }
  return Outcome::kSettled;
}

Agenda::Outcome Agenda::SettlePlace(Place place) {
  if (FixedValue(place) != kNoValue) return Outcome::kSettled;
  const Word* domain = propagation_.trail().Domain(place);
  Value value = 0;
  while (!HasValue(domain, value)) ++value;
  return Take(place, value);
}

Agenda::Outcome Agenda::SettleClause(ClauseId id) {
  const Clause& clause = encoding_.clauses()[id];
  if (clause.is_left_out) return Outcome::kSettled;
  if (clause.place != kNoPlace) return SettlePlain(clause);
  const std::span<const Option> options = encoding_.clauses().options(clause);
  if (!ConditionsHold(clause)) return Outcome::kDormant;
  if (clause.met_by_fact) return Outcome::kSettled;
  for (const Option& option : options) {
    if (!option.is_fact && Holds(option)) return Outcome::kSettled;
  }
  for (const Option& option : options) {
    if (option.is_fact) {
      if (Holds(option)) return Outcome::kSettled;
      continue;
    }
    Value value = kNoValue;
    const Choice* choice = BestChoice(option, &value);
    if (choice != nullptr) return SettleChoice(*choice, value);
  }
  // Only an assignment that propagation has not finished gets here.
  return Outcome::kSettled;
}

Agenda::Outcome Agenda::SettlePlain(const Clause& clause) {
  const Word* others = propagation_.sets().words(clause.others);
  if (const Value value = FixedValue(clause.place); value != kNoValue) {
    if (!HasValue(others, value)) return Outcome::kSettled;
  }
  const PlaceUse use = encoding_.nodes().use(clause.place);
  const NodeState& state = encoding_.nodes().state(use.node);
  if (state.is_fact) return Outcome::kSettled;
  const Trail& trail = propagation_.trail();
  const Word* domain = trail.Domain(clause.place);
  const Row possible =
      Difference(Row(domain, domain + trail.width(clause.place)), others);
  const Value value = OrderOf(state).Best(
      possible.data(), {use.first, trail.absent(clause.place)});
  return value == kNoValue ? Outcome::kSettled : Take(clause.place, value);
}

Value Agenda::BestOf(const NodeState& state, Place place,
                     const Word* set) const {
  const Word* domain = propagation_.trail().Domain(place);
  const uint32_t width = propagation_.trail().width(place);
  const Row possible = Intersection(Row(domain, domain + width), set);
  return OrderOf(state).Best(possible.data(), encoding_.nodes().window(place));
}

const Choice* Agenda::BestChoice(const Option& option, Value* value) const {
  const NodeState& state = encoding_.nodes().state(option.node);
  const ValueOrder& order = OrderOf(state);
  const Choice* best = nullptr;
  std::pair<int, int64_t> best_key;
  for (const Choice& choice : encoding_.clauses().choices(option)) {
    const Value found =
        BestOf(state, choice.decide, propagation_.sets().words(choice.set));
    if (found == kNoValue) continue;
    if (option.choices.end - option.choices.begin == 1) {
      *value = found;
      return &choice;
    }
    const auto key =
        order.Key(encoding_.nodes().use(choice.place).first + found);
    if (best == nullptr || key < best_key) {
      best = &choice;
      best_key = key;
      *value = found;
    }
  }
  return best;
}

Agenda::Outcome Agenda::SettleChoice(const Choice& choice, Value value) {
  const Outcome outcome = Take(choice.decide, value);
  if (outcome != Outcome::kFixed) return outcome;
  if (FixedValue(choice.place) == kNoValue) Fix(choice.place, value);
  for (const Place feature : encoding_.clauses().features(choice)) {
    if (FixedValue(feature) == kNoValue) Fix(feature, value);
  }
  return Outcome::kFixed;
}

Agenda::Outcome Agenda::Take(Place place, Value value) {
  const Trail& trail = propagation_.trail();
  if (OnlyValue(trail.Domain(place), trail.width(place)) != value) {
    decision_ = {place, value};
    return Outcome::kDecided;
  }
  const PlaceUse use = encoding_.nodes().use(place);
  // The features of a choice follow the release they belong to.
  if (use.node == PlaceUse::kNoNode || use.features < 0) Fix(place, value);
  return Outcome::kFixed;
}

void Agenda::Fix(Place place, Value value) {
  fixed_.push_back({place, value});
  if (value_of_.size() <= place) value_of_.resize(place + 1, kNoValue);
  value_of_[place] = value;
  FixKeptFeatures(place, value);
}

void Agenda::FixKeptFeatures(Place place, Value value) {
  const PlaceUse use = encoding_.nodes().use(place);
  if (use.node == PlaceUse::kNoNode || use.features >= 0) return;
  const NodeState& state = encoding_.nodes().state(use.node);
  if (state.extras == nullptr || value == propagation_.trail().absent(place)) {
    return;
  }
  const size_t slot =
      std::find(state.places.begin(), state.places.end(), place) -
      state.places.begin();
  for (const size_t feature : state.extras->kept_features) {
    const Place on = state.features[feature].places[slot];
    if (FixedValue(on) == kNoValue) Fix(on, value);
  }
}

bool Agenda::Holds(const Option& option) const {
  for (const Choice& choice : encoding_.clauses().choices(option)) {
    const Value value = FixedValue(choice.place);
    if (value == kNoValue) continue;
    if (!HasValue(propagation_.sets().words(choice.set), value)) continue;
    const std::span<const Place> features =
        encoding_.clauses().features(choice);
    const bool all_on = std::all_of(
        features.begin(), features.end(),
        [&](Place feature) { return FixedValue(feature) == value; });
    if (all_on) return true;
  }
  return false;
}

bool Agenda::ConditionsHold(const Clause& clause) const {
  const auto conditions = encoding_.clauses().conditions(clause);
  return std::all_of(
      conditions.begin(), conditions.end(), [this](uint32_t index) {
        const auto& options = encoding_.condition(index).options;
        return std::any_of(
            options.begin(), options.end(),
            [this](const Option& option) { return Holds(option); });
      });
}

}  // namespace orrery::resolver::internal
