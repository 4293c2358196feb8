#include "resolver/internal/merged_fact.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

#include "resolver/rank_set.h"

namespace orrery::resolver::internal {
namespace {

using Kind = Fact::Kind;
using Targeted = Fact::Targeted;

// As many as a range can have (resolver.md §3.1).
constexpr size_t kMaxConjunctions = 16;

std::vector<std::string> ConjunctionsOf(absl::string_view range) {
  return absl::StrSplit(range, " || ");
}

void AddNew(std::string text, std::vector<std::string>* texts) {
  if (std::find(texts->begin(), texts->end(), text) == texts->end()) {
    texts->push_back(std::move(text));
  }
}

// Any, where there would be too much to say.
std::string EitherRange(const std::string& a, const std::string& b) {
  if (a == "*" || b == "*") return "*";
  std::vector<std::string> all = ConjunctionsOf(a);
  for (std::string& text : ConjunctionsOf(b)) AddNew(std::move(text), &all);
  return all.size() > kMaxConjunctions ? "*" : absl::StrJoin(all, " || ");
}

// The first of them, where there would be too much to say.
std::string BothRanges(const std::string& a, const std::string& b) {
  if (a == b || b == "*") return a;
  if (a == "*") return b;
  std::vector<std::string> all;
  for (const std::string& first : ConjunctionsOf(a)) {
    for (const std::string& second : ConjunctionsOf(b)) {
      AddNew(first == second ? first : absl::StrCat(first, " ", second), &all);
    }
  }
  return all.size() > kMaxConjunctions ? a : absl::StrJoin(all, " || ");
}

void AddEither(const Targeted& other, Targeted* target) {
  target->releases = Union(target->releases, other.releases);
  target->range = EitherRange(target->range, other.range);
}

void AddBoth(const Targeted& other, Targeted* target) {
  if (!target->is_capability) {
    target->releases = Intersection(target->releases, other.releases);
  } else if (other.releases.empty()) {
    // Those of one provider say nothing of the others.
    target->releases = other.releases;
  }
  target->range = BothRanges(target->range, other.range);
}

void AddEither(const std::vector<Targeted>& others,
               std::vector<Targeted>* targets) {
  for (size_t i = 0; i < targets->size(); ++i) {
    AddEither(others[i], &(*targets)[i]);
  }
}

// (a or b) and (a or c) is a or (b and c); if more differs, there is no such
// form.
void AddBoth(const std::vector<Targeted>& others,
             std::vector<Targeted>* targets) {
  size_t different = 0;
  for (size_t i = 0; i < targets->size(); ++i) {
    different += others[i].releases == (*targets)[i].releases &&
                         others[i].range == (*targets)[i].range
                     ? 0
                     : 1;
  }
  if (different > 1) return AddEither(others, targets);
  for (size_t i = 0; i < targets->size(); ++i) {
    AddBoth(others[i], &(*targets)[i]);
  }
}

RankSet AllReleases(const std::vector<Fact>& facts) {
  RankSet all;
  for (const Fact& fact : facts) all = Union(all, fact.releases);
  return all;
}

// The facts, by index, that speak of one release; each such set once.
std::set<std::vector<size_t>> Overlaps(const std::vector<Fact>& facts,
                                       const RankSet& all) {
  std::set<std::vector<size_t>> overlaps;
  for (const auto& [first, last] : all.intervals()) {
    for (Rank rank = first; rank <= last; ++rank) {
      std::vector<size_t> own;
      for (size_t i = 0; i < facts.size(); ++i) {
        if (facts[i].releases.Contains(rank)) own.push_back(i);
      }
      overlaps.insert(std::move(own));
    }
  }
  return overlaps;
}

std::vector<Targeted> NeededBy(const std::vector<Fact>& facts,
                               const RankSet& all) {
  std::vector<Targeted> needed;
  for (const std::vector<size_t>& own : Overlaps(facts, all)) {
    std::vector<Targeted> together = facts[own.front()].targets;
    for (size_t i = 1; i < own.size(); ++i) {
      AddBoth(facts[own[i]].targets, &together);
    }
    if (needed.empty()) {
      needed = std::move(together);
    } else {
      AddEither(together, &needed);
    }
  }
  return needed;
}

// All that want it, each once.
std::vector<Targeted> Holders(const std::vector<Fact>& facts,
                              std::string* first) {
  std::set<std::string> names;
  for (const Fact& fact : facts) {
    names.insert(fact.subject);
    for (const Targeted& other : fact.targets) names.insert(other.text);
  }
  *first = *names.begin();
  names.erase(names.begin());
  std::vector<Targeted> others;
  for (const std::string& name : names) others.emplace_back().text = name;
  return others;
}

}  // namespace

Fact MergedFact(std::vector<Fact> facts) {
  Fact merged = facts.front();
  if (facts.size() == 1) return merged;
  merged.releases = AllReleases(facts);
  switch (merged.kind) {
    case Kind::kNeeds:
    case Kind::kBound:
      merged.targets = NeededBy(facts, merged.releases);
      break;
    case Kind::kClaim:
      merged.targets = Holders(facts, &merged.subject);
      break;
    case Kind::kExcluded: {
      std::vector<std::string> reasons;
      for (Fact& fact : facts) AddNew(std::move(fact.text), &reasons);
      merged.text = absl::StrJoin(reasons, "; ");
      break;
    }
    case Kind::kLocked:
    case Kind::kEdge:
    case Kind::kLimit:
      for (const Fact& fact : facts) {
        merged.releases = Intersection(merged.releases, fact.releases);
      }
      break;
    case Kind::kRequest:
    case Kind::kConflict:
    case Kind::kKeep:
    case Kind::kFact:
      for (const Fact& fact : facts) AddEither(fact.targets, &merged.targets);
      break;
  }
  return merged;
}

}  // namespace orrery::resolver::internal
