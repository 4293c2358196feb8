#include "resolver/internal/resolution.h"

#include <algorithm>
#include <utility>

namespace orrery::resolver::internal {

Lesson Resolution::Learn(NogoodId violated) {
  index_.resize(propagation_.trail().place_count(), kNotOpen);
  parents_ = {violated};
  places_.clear();
  level_ = 0;
  at_level_ = 0;
  Merge(propagation_.nogoods().terms(violated), kNoPlace);
  Position position = propagation_.trail().end() - 1;
  while (!open_.empty()) {
    const Trail::Entry& entry = propagation_.trail().entry(position);
    if (IsOpen(entry.place) && OpenAt(entry.place).since == position) {
      if (at_level_ == 1) return Finish();
      Resolve(position);
    }
    --position;
  }
  return Finish();
}

void Resolution::Merge(std::span<const Term> terms, Place except) {
  for (const Term& term : terms) {
    if (term.place != except) MergeTerm(term);
  }
}

void Resolution::MergeTerm(const Term& term) {
  const Trail& trail = propagation_.trail();
  const Word* set = propagation_.sets().words(term.set);
  if (IsOpen(term.place)) {
    Open& open = OpenAt(term.place);
    at_level_ -= trail.LevelAt(open.since) == level_ ? 1 : 0;
    open.set = Intersection(std::move(open.set), set);
    Settle(&open);
    return;
  }
  places_.push_back(term.place);
  index_[term.place] = static_cast<uint32_t>(open_.size());
  open_.push_back({term.place, Row(set, set + trail.width(term.place))});
  Settle(&open_.back());
}

void Resolution::Settle(Open* open) {
  const Trail& trail = propagation_.trail();
  open->since = trail.SatisfiedSince(open->place, open->set.data());
  const uint32_t level = trail.LevelAt(open->since);
  if (level == 0) {
    AddGround(open->place, open->since);
    Drop(open->place);
    return;
  }
  if (level > level_) {
    level_ = level;
    at_level_ = 0;
  }
  at_level_ += level == level_ ? 1 : 0;
}

void Resolution::AddGround(Place place, Position since) {
  if (since == kInitially) {
    const auto cuts = propagation_.cuts(place);
    parents_.insert(parents_.end(), cuts.begin(), cuts.end());
  } else {
    parents_.push_back(~since);
  }
}

void Resolution::Drop(Place place) {
  const uint32_t index = index_[place];
  index_[place] = kNotOpen;
  if (index + 1 != open_.size()) {
    open_[index] = std::move(open_.back());
    index_[open_[index].place] = index;
  }
  open_.pop_back();
}

void Resolution::Resolve(Position position) {
  ++steps_;
  const Trail& trail = propagation_.trail();
  const auto [place, reason, level, previous, words] = trail.entry(position);
  Terms lazy;
  std::span<const Term> terms;
  if (reason >= 0) {
    parents_.push_back(reason);
    terms = propagation_.nogoods().terms(reason);
  } else {
    lazy = lazy_reason_(position);
    terms = lazy;
  }
  Open& pivot = OpenAt(place);
  --at_level_;
  const auto own =
      std::find_if(terms.begin(), terms.end(),
                   [p = place](const Term& term) { return term.place == p; });
  const Word* removed = propagation_.sets().words(own->set);
  const Word* full = propagation_.sets().words(propagation_.full(place));
  for (size_t i = 0; i < pivot.set.size(); ++i) pivot.set[i] |= removed[i];
  if (IsSubset(full, pivot.set.data(), trail.width(place))) {
    Drop(place);
  } else {
    Settle(&pivot);
  }
  Merge(terms, place);
}

void Resolution::DropImplied() {
  const Trail& trail = propagation_.trail();
  std::vector<Place> implied;
  for (const Open& open : open_) {
    if (trail.LevelAt(open.since) == level_) continue;
    const size_t parents = parents_.size();
    if (IsImplied(open)) {
      implied.push_back(open.place);
    } else {
      parents_.resize(parents);
    }
  }
  for (const Place place : implied) Drop(place);
}

bool Resolution::IsImplied(const Open& open) {
  const Trail& trail = propagation_.trail();
  const Word* full = propagation_.sets().words(propagation_.full(open.place));
  const uint32_t width = trail.width(open.place);
  Row set = open.set;
  for (Position since = open.since; trail.LevelAt(since) > 0;
       since = trail.SatisfiedSince(open.place, set.data())) {
    const Reason reason = trail.entry(since).reason;
    if (reason < 0) return false;
    for (const Term& term : propagation_.nogoods().terms(reason)) {
      if (term.place == open.place) {
        const Word* removed = propagation_.sets().words(term.set);
        for (size_t i = 0; i < set.size(); ++i) set[i] |= removed[i];
      } else if (!IsCovered(term, since)) {
        return false;
      }
    }
    ++steps_;
    parents_.push_back(reason);
    if (IsSubset(full, set.data(), width)) return true;
  }
  AddGround(open.place, trail.SatisfiedSince(open.place, set.data()));
  return true;
}

bool Resolution::IsCovered(const Term& term, Position before) {
  const Trail& trail = propagation_.trail();
  const Word* set = propagation_.sets().words(term.set);
  if (IsOpen(term.place)) {
    const Open& open = OpenAt(term.place);
    if (open.since < before &&
        IsSubset(open.set.data(), set, trail.width(term.place))) {
      return true;
    }
  }
  const Position since = trail.SatisfiedSince(term.place, set);
  if (trail.LevelAt(since) > 0) return false;
  AddGround(term.place, since);
  return true;
}

Lesson Resolution::Finish() {
  DropImplied();
  Lesson lesson;
  lesson.parents = std::move(parents_);
  const Trail& trail = propagation_.trail();
  std::sort(open_.begin(), open_.end(),
            [](const Open& a, const Open& b) { return a.since > b.since; });
  for (const Open& open : open_) {
    index_[open.place] = kNotOpen;
    lesson.terms.push_back({open.place, propagation_.sets().Intern(open.set)});
  }
  if (open_.size() > 1) lesson.level = trail.LevelAt(open_[1].since);
  open_.clear();
  return lesson;
}

}  // namespace orrery::resolver::internal
