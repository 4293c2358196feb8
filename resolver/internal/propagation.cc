#include "resolver/internal/propagation.h"

#include <algorithm>
#include <bit>
#include <tuple>
#include <utility>

namespace orrery::resolver::internal {

Place Propagation::AddPlace(Row values, Value absent,
                            std::span<const Cut> cuts) {
  const auto place = static_cast<Place>(trail_.place_count());
  full_.push_back(sets_.Intern(values));
  watches_.AddPlace(absent);
  for (const Cut& cut : cuts) {
    if (!Meets(values.data(), cut.set.data(), WidthFor(absent))) continue;
    const Term term{place, sets_.Intern(cut.set)};
    cuts_[place].push_back(nogoods_.AddGiven({&term, 1}, cut.leaf));
    values = Difference(std::move(values), cut.set.data());
  }
  return trail_.AddPlace(values, absent);
}

Place Propagation::AddFullPlace(Value absent) {
  watches_.AddPlace(absent);
  if (absent < kWordBits) {
    const Word all = ~Word{0} >> (kWordBits - 1 - absent);
    full_.push_back(sets_.InternWord(all));
    return trail_.AddPlace({&all, 1}, absent);
  }
  const Row all = RowUpTo(absent);
  full_.push_back(sets_.Intern(all));
  return trail_.AddPlace(all, absent);
}

SetId Propagation::SetOutside(Place place, SetId set) {
  const Word* full = sets_.words(full_[place]);
  const Word* words = sets_.words(set);
  const uint32_t width = trail_.width(place);
  if (width == 1) return sets_.InternWord(*full & ~*words);
  return sets_.Intern(Difference(Row(full, full + width), words));
}

bool Propagation::IsSatisfied(const Term& term) const {
  return IsSubset(trail_.Domain(term.place), sets_.words(term.set),
                  trail_.width(term.place));
}

bool Propagation::IsContradicted(const Term& term) const {
  return !Meets(trail_.Domain(term.place), sets_.words(term.set),
                trail_.width(term.place));
}

Value Propagation::WitnessAgainst(const Term& term) const {
  return HighestOutside(trail_.Domain(term.place), sets_.words(term.set),
                        trail_.width(term.place));
}

void Propagation::AddWatch(const Term& term, NogoodId nogood,
                           const Term& other) {
  Value witness = WitnessAgainst(term);
  if (witness == kNoValue) {
    const Word* set = sets_.words(term.set);
    const Position since = trail_.SatisfiedSince(term.place, set);
    const Word* before =
        since == kInitially
            ? sets_.words(full(term.place))
            : trail_.DomainAt(term.place, trail_.entry(since).previous);
    witness = HighestOutside(before, set, trail_.width(term.place));
  }
  watches_.Add(term.place, witness, nogood, other);
}

Terms Propagation::Normalized(Terms terms) {
  const bool is_plain = terms.size() == 2 && terms[0].place != terms[1].place &&
                        terms[0].set != full(terms[0].place) &&
                        terms[1].set != full(terms[1].place);
  if (is_plain) return terms;
  std::stable_sort(
      terms.begin(), terms.end(),
      [](const Term& a, const Term& b) { return a.place < b.place; });
  Terms result;
  for (const Term& term : terms) {
    if (term.set == full(term.place)) continue;
    if (result.empty() || result.back().place != term.place) {
      result.push_back(term);
      continue;
    }
    const Word* other = sets_.words(result.back().set);
    const Row both = Intersection(Row(other, other + trail_.width(term.place)),
                                  sets_.words(term.set));
    result.back().set = sets_.Intern(both);
  }
  return result;
}

NogoodId Propagation::AddGiven(Terms terms, LeafId leaf) {
  terms = Normalized(std::move(terms));
  for (const Term& term : terms) {
    if (IsEmpty(sets_.words(term.set), trail_.width(term.place))) {
      return kNoNogood;
    }
  }
  return Attach(nogoods_.AddGiven(terms, leaf), /*is_watched=*/false);
}

NogoodId Propagation::AddGivenPair(const Term& first, const Term& second,
                                   LeafId leaf) {
  const bool is_first = IsSatisfied(first);
  const bool is_second = IsSatisfied(second);
  Term terms[] = {first, second};
  if (is_first && !is_second) std::swap(terms[0], terms[1]);
  const NogoodId nogood = nogoods_.AddGiven(terms, leaf);
  if (is_first && is_second) return Attach(nogood, /*is_watched=*/false);
  // At level 0 what follows is so for good, and nobody has to watch it.
  if (trail_.level() > 0 || is_first == is_second) {
    AddWatch(terms[0], nogood, terms[1]);
    AddWatch(terms[1], nogood, terms[0]);
  }
  if (is_first == is_second) return kNoNogood;
  RemoveTerm(terms[0], nogood);
  if (trail_.LevelAt(SatisfiedSince(terms[1])) < trail_.level()) {
    unsettled_.push_back(nogood);
  }
  return kNoNogood;
}

Position Propagation::SatisfiedSince(const Term& term) const {
  if (!IsSatisfied(term)) return trail_.end();
  return trail_.SatisfiedSince(term.place, sets_.words(term.set));
}

NogoodId Propagation::Attach(NogoodId nogood, bool is_watched) {
  const std::span<Term> terms = nogoods_.terms(nogood);
  absl::InlinedVector<Place, 2> watched;
  for (size_t i = 0; is_watched && i < 2 && i < terms.size(); ++i) {
    watched.push_back(terms[i].place);
  }
  // Those satisfied last to the front; what is not satisfied is so at the end.
  absl::InlinedVector<Position, 8> since;
  for (const Term& term : terms) since.push_back(SatisfiedSince(term));
  for (size_t front = 0; front < 2 && front < terms.size(); ++front) {
    const auto last = std::max_element(since.begin() + front, since.end());
    const auto index = last - since.begin();
    std::swap(since[front], since[index]);
    std::swap(terms[front], terms[index]);
  }
  if (terms.size() >= 2) {
    for (size_t i = 0; i < 2; ++i) {
      if (std::find(watched.begin(), watched.end(), terms[i].place) ==
          watched.end()) {
        AddWatch(terms[i], nogood, terms[1 - i]);
      }
    }
    if (since[1] == trail_.end()) return kNoNogood;
  }
  const bool violated = terms.empty() || !RemoveTerm(terms[0], nogood);
  const uint32_t matters_since =
      terms.size() < 2 ? 0 : trail_.LevelAt(since[1]);
  if (violated || matters_since < trail_.level()) unsettled_.push_back(nogood);
  return violated ? nogood : kNoNogood;
}

NogoodId Propagation::Recheck() {
  NogoodId violated = kNoNogood;
  for (const NogoodId nogood : std::exchange(unsettled_, {})) {
    const NogoodId found = Attach(nogood, /*is_watched=*/true);
    if (violated == kNoNogood) violated = found;
  }
  return violated;
}

void Propagation::AddLearned(std::span<const Term> terms,
                             std::span<const int32_t> parents) {
  const NogoodId id = nogoods_.AddLearned(terms, parents);
  learned_.push_back(id);
  ++all_learned_;
  nogoods_.SetUsed(id, all_learned_);
  for (const int32_t parent : parents) {
    if (parent >= 0) nogoods_.SetUsed(parent, all_learned_);
  }
  if (terms.size() >= 2) {
    AddWatch(terms[0], id, terms[1]);
    AddWatch(terms[1], id, terms[0]);
  }
  RemoveTerm(terms[0], id);
}

void Propagation::ForgetSome() {
  constexpr size_t kAtLeast = 2000;
  const size_t given = nogoods_.size() - all_learned_;
  if (learned_.size() < std::max(kAtLeast, given)) return;
  std::vector<bool> is_reason(nogoods_.size(), false);
  for (Position i = 0; i < trail_.end(); ++i) {
    const Reason reason = trail_.entry(i).reason;
    if (reason >= 0) is_reason[reason] = true;
  }
  const auto middle =
      learned_.begin() + static_cast<std::ptrdiff_t>(learned_.size() / 2);
  const auto key = [this](NogoodId id) {
    return std::tuple(nogoods_.terms(id).size(), ~nogoods_.used(id), id);
  };
  std::nth_element(learned_.begin(), middle, learned_.end(),
                   [key](NogoodId a, NogoodId b) { return key(a) < key(b); });
  const auto forgotten =
      std::partition(middle, learned_.end(),
                     [&](NogoodId nogood) { return is_reason[nogood]; });
  for (auto nogood = forgotten; nogood != learned_.end(); ++nogood) {
    nogoods_.Forget(*nogood);
  }
  learned_.erase(forgotten, learned_.end());
}

void Propagation::Decide(Place place, Value value) {
  trail_.OpenLevel();
  const Row others = Difference(RowUpTo(trail_.absent(place)),
                                RowOfValue(value, trail_.width(place)).data());
  trail_.Remove(place, others.data(), kDecision);
}

void Propagation::RemoveFor(Reason reason, Place place, SetId set) {
  trail_.Remove(place, sets_.words(set), reason);
  ++shrinkings_;
}

bool Propagation::RemoveTerm(const Term& term, NogoodId nogood) {
  const Word* set = sets_.words(term.set);
  const Word* domain = trail_.Domain(term.place);
  const uint32_t width = trail_.width(term.place);
  if (!Meets(domain, set, width)) return true;
  if (IsSubset(domain, set, width)) return false;
  RemoveFor(nogood, term.place, term.set);
  return true;
}

NogoodId Propagation::Propagate() {
  while (next_ < trail_.end()) {
    const NogoodId violated = VisitWatches(trail_.entry(next_++));
    if (violated != kNoNogood) return violated;
  }
  return kNoNogood;
}

NogoodId Propagation::VisitWatches(const Trail::Entry& entry) {
  // Entries move when others are added.
  const Place place = entry.place;
  const Word* after = trail_.words(entry);
  const Word* before = trail_.DomainAt(place, entry.previous);
  const uint32_t width = trail_.width(place);
  const Word* watched = watches_.Watched(place);
  if (watched == nullptr) return kNoNogood;
  Row left = Difference(Row(before, before + width), after);
  left = Intersection(std::move(left), watched);
  for (uint32_t i = 0; i < width; ++i) {
    for (Word rest = left[i]; rest != 0; rest &= rest - 1) {
      const Value value = i * kWordBits + std::countr_zero(rest);
      const NogoodId violated = VisitWatches(place, value);
      if (violated != kNoNogood) return violated;
    }
  }
  return kNoNogood;
}

NogoodId Propagation::VisitWatches(Place place, Value value) {
  NogoodId violated = kNoNogood;
  Watches::Link next = watches_.Take(place, value);
  while (next != Watches::kEnd) {
    const Watches::Link link = std::exchange(next, watches_.next(next));
    const NogoodId nogood = watches_.nogood(link);
    if (violated != kNoNogood || IsContradicted(watches_.other(link))) {
      watches_.Put(link, place, value);
      continue;
    }
    const std::span<Term> terms = nogoods_.terms(nogood);
    if (terms.size() > 1 && terms[0].place == place) {
      std::swap(terms[0], terms[1]);
    }
    // Forgotten, or attached again since, at other terms.
    if (nogoods_.is_forgotten(nogood) || terms.size() < 2 ||
        terms[1].place != place) {
      watches_.Drop(link);
      continue;
    }
    const Value witness = WitnessAgainst(terms[1]);
    if (witness != kNoValue) {
      watches_.Put(link, place, witness);
      continue;
    }
    watches_.SetOther(link, terms[0]);
    const bool is_safe = IsContradicted(terms[0]);
    if (!is_safe && MoveWatch(link, terms)) continue;
    watches_.Put(link, place, value);
    if (!is_safe && !RemoveTerm(terms[0], nogood)) violated = nogood;
  }
  return violated;
}

bool Propagation::MoveWatch(Watches::Link link, std::span<Term> terms) {
  for (size_t i = 2; i < terms.size(); ++i) {
    const Value witness = WitnessAgainst(terms[i]);
    if (witness == kNoValue) continue;
    std::swap(terms[1], terms[i]);
    watches_.Put(link, terms[1].place, witness);
    return true;
  }
  return false;
}

void Propagation::BackjumpTo(uint32_t level) {
  trail_.BackjumpTo(level);
  next_ = std::min(next_, trail_.end());
}

}  // namespace orrery::resolver::internal
