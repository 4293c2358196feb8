#include "resolver/internal/proof_replay.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"

#include "resolver/internal/nogoods.h"
#include "resolver/internal/trail.h"
#include "resolver/internal/value_sets.h"

namespace orrery::resolver::internal {
namespace {

class Replayer {
 public:
  explicit Replayer(const Propagation& propagation)
      : propagation_(propagation),
        trail_(propagation.trail()),
        seen_nogoods_(propagation.nogoods().size(), false),
        seen_entries_(trail_.end(), false) {}

  Replay Run(std::span<const int32_t> proof) {
    if (!IsContradiction({}, proof)) Fault("nothing follows from the proof");
    for (const int32_t parent : proof) Visit(parent);
    while (!open_.empty()) {
      const int32_t next = open_.back();
      open_.pop_back();
      if (next >= 0) {
        CheckNogood(next);
      } else {
        CheckEntry(~next);
      }
    }
    return std::move(replay_);
  }

 private:
  using Domains = std::map<Place, Row>;

  void Fault(std::string text) { replay_.faults.push_back(std::move(text)); }

  void Visit(int32_t parent) {
    std::vector<bool>& seen = parent >= 0 ? seen_nogoods_ : seen_entries_;
    const auto index = static_cast<size_t>(parent >= 0 ? parent : ~parent);
    if (seen[index]) return;
    seen[index] = true;
    open_.push_back(parent);
  }

  Row RowAt(const Word* words, Place place) const {
    return Row(words, words + trail_.width(place));
  }
  Row& DomainOf(Place place, Domains* domains) const {
    const Word* full = propagation_.sets().words(propagation_.full(place));
    return domains->try_emplace(place, RowAt(full, place)).first->second;
  }
  void Restrict(Place place, const Word* set, Domains* domains) const {
    Row& domain = DomainOf(place, domains);
    domain = Intersection(std::move(domain), set);
  }

  // The last learned nogood that the entries up to this one may rest on.
  NogoodId LatestReason(Position position) {
    for (auto next = static_cast<Position>(latest_.size()); next <= position;
         ++next) {
      const NogoodId before = next == 0 ? kNoNogood : latest_.back();
      const Reason reason = trail_.entry(next).reason;
      const bool is_learned =
          reason >= 0 && !propagation_.nogoods().parents(reason).empty();
      latest_.push_back(is_learned ? std::max(before, reason) : before);
    }
    return latest_[position];
  }

  void CheckNogood(NogoodId nogood) {
    const auto parents = propagation_.nogoods().parents(nogood);
    // A given one needs no reason.
    if (parents.empty()) return;
    ++replay_.steps;
    for (const int32_t parent : parents) {
      const NogoodId latest = parent >= 0 ? parent : LatestReason(~parent);
      if (latest >= nogood) Fault(absl::StrCat(nogood, " rests on ", latest));
      Visit(parent);
    }
    if (!IsContradiction(propagation_.nogoods().terms(nogood), parents)) {
      Fault(absl::StrCat("nogood ", nogood, " does not follow"));
    }
  }

  // Whether the terms cannot all be satisfied, by the parents alone.
  bool IsContradiction(std::span<const Term> terms,
                       std::span<const int32_t> parents) const {
    Domains domains;
    for (const Term& term : terms) {
      Restrict(term.place, propagation_.sets().words(term.set), &domains);
    }
    for (const int32_t parent : parents) {
      if (parent >= 0) continue;
      const Place place = trail_.entry(~parent).place;
      Restrict(place, trail_.DomainAt(place, ~parent), &domains);
    }
    bool has_shrunk = true;
    while (has_shrunk) {
      has_shrunk = false;
      for (const int32_t parent : parents) {
        if (parent < 0) continue;
        if (!Apply(parent, &domains, &has_shrunk)) return true;
      }
    }
    return false;
  }

  // Removes what follows from one nogood. False if all its terms are satisfied.
  bool Apply(NogoodId nogood, Domains* domains, bool* has_shrunk) const {
    const Term* undecided = nullptr;
    for (const Term& term : propagation_.nogoods().terms(nogood)) {
      const Word* set = propagation_.sets().words(term.set);
      const Row& domain = DomainOf(term.place, domains);
      const auto width = static_cast<uint32_t>(domain.size());
      if (IsSubset(domain.data(), set, width)) continue;
      if (undecided != nullptr || !Meets(domain.data(), set, width)) {
        return true;
      }
      undecided = &term;
    }
    if (undecided == nullptr) return false;
    Row& domain = DomainOf(undecided->place, domains);
    domain = Difference(std::move(domain),
                        propagation_.sets().words(undecided->set));
    *has_shrunk = true;
    return true;
  }

  void CheckEntry(Position position) {
    ++replay_.steps;
    const Trail::Entry& entry = trail_.entry(position);
    if (entry.level != 0 || entry.reason < 0) {
      Fault(absl::StrCat("entry ", position, " has no reason"));
      return;
    }
    Visit(entry.reason);
    VisitDomain(entry.place, entry.previous);
    Row domain =
        RowAt(trail_.DomainAt(entry.place, entry.previous), entry.place);
    for (const Term& term : propagation_.nogoods().terms(entry.reason)) {
      const Word* set = propagation_.sets().words(term.set);
      if (term.place == entry.place) {
        domain = Difference(std::move(domain), set);
        continue;
      }
      const bool holds =
          IsSubset(trail_.Domain(term.place), set, trail_.width(term.place));
      const Position since =
          holds ? trail_.SatisfiedSince(term.place, set) : position;
      if (since >= position) {
        Fault(absl::StrCat("entry ", position, " came before its reason"));
        continue;
      }
      VisitDomain(term.place, since);
    }
    if (domain != RowAt(trail_.DomainAt(entry.place, position), entry.place)) {
      Fault(absl::StrCat("entry ", position, " does not follow"));
    }
  }

  void VisitDomain(Place place, Position position) {
    if (position != kInitially) {
      Visit(~position);
      return;
    }
    Row domain =
        RowAt(propagation_.sets().words(propagation_.full(place)), place);
    for (const NogoodId cut : propagation_.cuts(place)) {
      for (const Term& term : propagation_.nogoods().terms(cut)) {
        domain =
            Difference(std::move(domain), propagation_.sets().words(term.set));
      }
    }
    if (domain != RowAt(trail_.DomainAt(place, kInitially), place)) {
      Fault(absl::StrCat("place ", place, " begins with less"));
    }
  }

  const Propagation& propagation_;
  const Trail& trail_;
  std::vector<bool> seen_nogoods_;
  std::vector<bool> seen_entries_;
  std::vector<int32_t> open_;
  std::vector<NogoodId> latest_;
  Replay replay_;
};

}  // namespace

Replay ReplayProof(std::span<const int32_t> proof,
                   const Propagation& propagation) {
  return Replayer(propagation).Run(proof);
}

}  // namespace orrery::resolver::internal
