#include "resolver/internal/proof.h"

#include <algorithm>

namespace orrery::resolver::internal {
namespace {

class Walk {
 public:
  explicit Walk(const Propagation& propagation)
      : propagation_(propagation),
        seen_nogoods_(propagation.nogoods().size(), false),
        seen_entries_(propagation.trail().end(), false) {}

  void Visit(int32_t parent) {
    if (parent >= 0) {
      if (seen_nogoods_[parent]) return;
      seen_nogoods_[parent] = true;
    } else {
      if (seen_entries_[~parent]) return;
      seen_entries_[~parent] = true;
    }
    open_.push_back(parent);
  }

  std::vector<LeafId> Run() {
    while (!open_.empty()) {
      const int32_t parent = open_.back();
      open_.pop_back();
      if (parent >= 0) {
        VisitNogood(parent);
      } else {
        VisitEntry(~parent);
      }
    }
    std::sort(leaves_.begin(), leaves_.end());
    leaves_.erase(std::unique(leaves_.begin(), leaves_.end()), leaves_.end());
    return std::move(leaves_);
  }

 private:
  void VisitNogood(NogoodId nogood) {
    const LeafId leaf = propagation_.nogoods().leaf(nogood);
    if (leaf != kNoLeaf) leaves_.push_back(leaf);
    for (const int32_t parent : propagation_.nogoods().parents(nogood)) {
      Visit(parent);
    }
  }

  // What made the domain at level 0 what it is from that entry on.
  void VisitEntry(Position position) {
    const Trail& trail = propagation_.trail();
    const Trail::Entry& entry = trail.entry(position);
    VisitDomain(entry.place, entry.previous);
    if (entry.reason < 0) return;
    Visit(entry.reason);
    for (const Term& term : propagation_.nogoods().terms(entry.reason)) {
      if (term.place == entry.place) continue;
      VisitDomain(term.place,
                  trail.SatisfiedSince(term.place,
                                       propagation_.sets().words(term.set)));
    }
  }

  void VisitDomain(Place place, Position position) {
    if (position != kInitially) {
      Visit(~position);
      return;
    }
    for (const NogoodId cut : propagation_.cuts(place)) Visit(cut);
  }

  const Propagation& propagation_;
  std::vector<bool> seen_nogoods_;
  std::vector<bool> seen_entries_;
  std::vector<int32_t> open_;
  std::vector<LeafId> leaves_;
};

}  // namespace

std::vector<LeafId> LeavesOf(std::span<const int32_t> parents,
                             const Propagation& propagation) {
  Walk walk(propagation);
  for (const int32_t parent : parents) walk.Visit(parent);
  return walk.Run();
}

}  // namespace orrery::resolver::internal
