#include "resolver/internal/change_limit.h"

#include <algorithm>
#include <utility>

namespace orrery::resolver::internal {

void ChangeLimit::AddItem(const Term& term) {
  items_.emplace_back();
  has_happened_.push_back(false);
  AddWay(items_.size() - 1, term);
}

void ChangeLimit::AddWay(size_t item, const Term& term) {
  if (ways_at_.size() <= term.place) ways_at_.resize(term.place + 1);
  ways_at_[term.place].emplace_back(item, items_[item].size());
  items_[item].push_back(term);
  closed_.reset();
}

void ChangeLimit::Close() {
  const auto most = static_cast<Value>(items_.size());
  place_ = propagation_.AddPlace(RowUpTo(most), most, {});
  const Trail& trail = propagation_.trail();
  for (size_t item = 0; item < items_.size(); ++item) {
    const Term& term = items_[item].front();
    if (IsSubset(trail.DomainAt(term.place, kInitially),
                 propagation_.sets().words(term.set),
                 trail.width(term.place))) {
      Happen(item, term, kInitially);
    }
  }
}

void ChangeLimit::Happen(size_t item, const Term& term, Position position) {
  has_happened_[item] = true;
  happened_.push_back({item, term, position});
}

uint32_t ChangeLimit::Limit() const {
  const Trail& trail = propagation_.trail();
  return HighestValue(trail.Domain(place_), trail.width(place_));
}

Term ChangeLimit::UpTo(uint32_t limit) const {
  Row row = RowUpTo(limit);
  row.resize(propagation_.trail().width(place_), 0);
  return {place_, propagation_.sets().Intern(row)};
}

void ChangeLimit::Count() {
  const Trail& trail = propagation_.trail();
  for (; counted_ < trail.end(); ++counted_) {
    const Place place = trail.entry(counted_).place;
    if (place >= ways_at_.size()) continue;
    for (const auto& [item, way] : ways_at_[place]) {
      if (has_happened_[item]) continue;
      const Term& term = items_[item][way];
      if (!IsSubset(trail.DomainAt(place, counted_),
                    propagation_.sets().words(term.set), trail.width(place))) {
        continue;
      }
      Happen(item, term, counted_);
    }
  }
}

NogoodId ChangeLimit::Apply() {
  Count();
  const uint32_t limit = Limit();
  if (happened_.size() < limit) return kNoNogood;
  if (happened_.size() > limit) {
    Terms terms = {UpTo(limit)};
    for (size_t i = 0; i <= limit; ++i) terms.push_back(happened_[i].term);
    return propagation_.AddGiven(std::move(terms), kNoLeaf);
  }
  if (closed_.has_value()) return kNoNogood;
  const Trail& trail = propagation_.trail();
  closed_ = trail.end();
  for (size_t item = 0; item < items_.size(); ++item) {
    if (has_happened_[item]) continue;
    for (const Term& term : items_[item]) {
      if (Meets(trail.Domain(term.place), propagation_.sets().words(term.set),
                trail.width(term.place))) {
        propagation_.RemoveFor(reason_, term.place, term.set);
      }
    }
  }
  return kNoNogood;
}

void ChangeLimit::BackjumpTo(Position end) {
  while (!happened_.empty() && happened_.back().position >= end) {
    has_happened_[happened_.back().item] = false;
    happened_.pop_back();
  }
  counted_ = std::min(counted_, end);
  if (closed_.has_value() && *closed_ >= end) closed_.reset();
}

Terms ChangeLimit::ReasonOf(Position position) const {
  Terms terms;
  for (const Happened& happened : happened_) {
    if (happened.position < position) terms.push_back(happened.term);
  }
  terms.push_back(UpTo(static_cast<uint32_t>(terms.size())));
  const Place place = propagation_.trail().entry(position).place;
  // The way that was closed: the one whose set this entry removed.
  for (const auto& [item, way] : ways_at_[place]) {
    const Term& term = items_[item][way];
    const Trail& trail = propagation_.trail();
    const Position before = trail.entry(position).previous;
    const uint32_t width = trail.width(place);
    if (Meets(trail.DomainAt(place, before),
              propagation_.sets().words(term.set), width) &&
        !Meets(trail.DomainAt(place, position),
               propagation_.sets().words(term.set), width)) {
      terms.push_back(term);
      break;
    }
  }
  return terms;
}

}  // namespace orrery::resolver::internal
