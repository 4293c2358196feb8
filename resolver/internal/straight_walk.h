// The walk of the agenda that never turns back.

#ifndef RESOLVER_INTERNAL_STRAIGHT_WALK_H_
#define RESOLVER_INTERNAL_STRAIGHT_WALK_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "resolver/answer.h"
#include "resolver/internal/releases_left.h"
#include "resolver/internal/value_sets.h"
#include "resolver/metadata_source.h"
#include "resolver/rank_set.h"
#include "resolver/relations.h"
#include "resolver/request.h"

namespace orrery::resolver::internal {

// Takes at every open point the first release that is left. Where that ends
// well, it is the answer (docs/solver.md#the-straight-walk).
class StraightWalk {
 public:
  // Both must outlive this.
  StraightWalk(const Request& request, MetadataSource& source)
      : request_(request), source_(source), releases_(&source) {
    points_.reserve(ReleasesLeft::kRoom);
    fixed_.reserve(ReleasesLeft::kRoom);
  }

  // The answer, solved or unsatisfiable; nothing if it takes a search to know.
  // Errors are those of the source. Call once.
  absl::StatusOr<std::optional<Answer>> Run();

  // Null if they were not loaded.
  const PackageRelations* RelationsOf(PackageId package) const;

 private:
  using Index = ReleasesLeft::Index;
  using Ranks = ReleasesLeft::Ranks;

  // A clause: some releases of one package, or else `whole`.
  struct Point {
    Index package = ReleasesLeft::kNone;
    Ranks ranks;
    const Requirement* whole = nullptr;
  };

  struct Fixed {
    Index package = 0;
    Rank rank = 0;
  };

  // Whether the request has nothing but items and facts.
  bool IsBare() const;
  absl::Status AddFacts();

  // False where the walk ends without an answer.
  absl::StatusOr<bool> Walk();
  absl::StatusOr<bool> AddPoint(const Requirement& requirement);
  absl::StatusOr<bool> AddPoint(PackageId package, Ranks ranks);
  absl::StatusOr<bool> Settle(const Point& point);
  absl::StatusOr<bool> SettleWhole(const Requirement& requirement);
  absl::StatusOr<bool> Fix(Index package, Rank rank);
  bool ExcludeFor(Index package, Rank rank, const PackageRelations& relations);
  // Here it takes a search.
  bool TurnBack() {
    is_forced_ = false;
    return false;
  }

  bool IsOutOfBudget() const;
  // The one to try first (resolver.md §9.4); takes out of the row what comes
  // after it. Requires: there is one.
  Rank BestOf(Index index, Word* row) const;
  Answer Solved() const;

  const Request& request_;
  MetadataSource& source_;
  ReleasesLeft releases_;
  // The agenda.
  std::vector<Point> points_;
  std::vector<Fixed> fixed_;
  // All solutions have what is fixed.
  bool is_forced_ = true;
  uint64_t decisions_ = 0;
};

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_STRAIGHT_WALK_H_
