#include "resolver/rank_set.h"

#include <algorithm>

namespace orrery::resolver {

RankSet::RankSet(std::initializer_list<RankInterval> intervals) {
  if (intervals.size() == 1) {
    intervals_.push_back(*intervals.begin());
  } else {
    *this = RankSet(std::vector<RankInterval>(intervals));
  }
}

RankSet::RankSet(std::vector<RankInterval> intervals) {
  std::sort(intervals.begin(), intervals.end(),
            [](const RankInterval& a, const RankInterval& b) {
              return a.first < b.first;
            });
  for (const RankInterval& next : intervals) {
    if (intervals_.empty() || next.first > intervals_.back().last + 1) {
      intervals_.push_back(next);
    } else {
      intervals_.back().last = std::max(intervals_.back().last, next.last);
    }
  }
}

RankSet RankSet::All(size_t count) {
  if (count == 0) return {};
  return {{0, static_cast<Rank>(count - 1)}};
}

void RankSet::Append(Rank rank) {
  if (intervals_.empty() || rank > intervals_.back().last + 1) {
    intervals_.push_back({rank, rank});
  } else {
    intervals_.back().last = rank;
  }
}

bool RankSet::Meets(const RankInterval& ranks) const {
  return std::any_of(intervals_.begin(), intervals_.end(),
                     [&ranks](const RankInterval& interval) {
                       return interval.first <= ranks.last &&
                              ranks.first <= interval.last;
                     });
}

bool RankSet::Contains(Rank rank) const {
  const auto next = std::partition_point(
      intervals_.begin(), intervals_.end(),
      [rank](const RankInterval& interval) { return interval.last < rank; });
  return next != intervals_.end() && next->first <= rank;
}

size_t RankSet::size() const {
  size_t size = 0;
  for (const auto& [first, last] : intervals_) size += last - first + 1;
  return size;
}

RankSet RankSet::Complement(size_t count) const {
  RankSet result;
  Rank next = 0;
  for (const auto& [first, last] : intervals_) {
    if (first > next) result.intervals_.push_back({next, first - 1});
    next = last + 1;
  }
  if (next < count) {
    result.intervals_.push_back({next, static_cast<Rank>(count - 1)});
  }
  return result;
}

RankSet Union(const RankSet& a, const RankSet& b) {
  std::vector<RankInterval> both(a.intervals_.begin(), a.intervals_.end());
  both.insert(both.end(), b.intervals_.begin(), b.intervals_.end());
  return RankSet(std::move(both));
}

RankSet Intersection(const RankSet& a, const RankSet& b) {
  RankSet both;
  const auto* other = b.intervals_.begin();
  for (const auto& [first, last] : a.intervals_) {
    while (other != b.intervals_.end() && other->last < first) ++other;
    for (const auto* next = other;
         next != b.intervals_.end() && next->first <= last; ++next) {
      both.intervals_.push_back(
          {std::max(first, next->first), std::min(last, next->last)});
    }
  }
  return both;
}

}  // namespace orrery::resolver
