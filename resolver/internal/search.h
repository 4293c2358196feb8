// The loop: load, propagate, resolve, decide.

#ifndef RESOLVER_INTERNAL_SEARCH_H_
#define RESOLVER_INTERNAL_SEARCH_H_

#include <cstdint>
#include <optional>
#include <queue>
#include <span>
#include <tuple>
#include <vector>

#include "absl/status/statusor.h"

#include "resolver/answer.h"
#include "resolver/internal/agenda.h"
#include "resolver/internal/change_limit.h"
#include "resolver/internal/encoding.h"
#include "resolver/internal/hard_mode.h"
#include "resolver/internal/leaf_facts.h"
#include "resolver/internal/propagation.h"
#include "resolver/internal/resolution.h"
#include "resolver/metadata_source.h"
#include "resolver/request.h"

namespace orrery::resolver::internal {

// One solve (docs/solver.md). Not to be moved: its parts know each other.
class Search {
 public:
  // kTooHard: the conflicts of the run ended.
  enum class Outcome { kModel, kNoModel, kOutOfBudget, kOutOfTime, kTooHard };

  // All must outlive this. If `only` is not null, of all that could be said of
  // the world only the facts with these keys hold.
  Search(const Request& request, MetadataSource& source,
         const FactKeys* only = nullptr);
  Search(const Search&) = delete;
  Search& operator=(const Search&) = delete;

  // Encodes the request. Errors are those of the source.
  absl::Status Begin();

  // Walks the agenda in that order to the first model. What was learned in
  // earlier runs holds. `least_change` makes the numbers of removed and changed
  // nodes the first points. At most so many conflicts.
  static constexpr uint64_t kAnyNumber = ~uint64_t{0};
  absl::StatusOr<Outcome> Run(Agenda::Order order, bool least_change,
                              uint64_t most_conflicts = kAnyNumber);

  // Of the last model.
  Answer Model() const;

  // A solution that need not be the first one in the order of the run, if one
  // was met before the run came to an end.
  const std::optional<Answer>& found() const { return found_; }

  // From now on no more may be removed and changed than in `answer`, which is
  // proved to be the least.
  void LimitChange(const Answer& answer);

  // After kNoModel: why.
  std::vector<KeyedFact> Facts() const;
  // The same as parents of what nothing is left of.
  std::span<const int32_t> proof() const { return proof_; }
  const Propagation& propagation() const { return propagation_; }

  bool has_installed() const { return removed_.items() > 0; }
  Statistics statistics() const;
  uint64_t steps() const;

 private:
  // Encodes what has to hold now of what is loaded; if there is nothing, loads
  // a node. Whether there was anything to do.
  absl::StatusOr<bool> Extend();
  absl::StatusOr<bool> LoadOne();
  bool IsRelease(Place place) const;
  // So many clauses of a package may be encoded to see further, which costs
  // less then than to run into more conflicts.
  size_t LookAhead() const {
    return conflicts_ < kManyConflicts ? 0 : kClausesAConflict * conflicts_;
  }
  bool NeedsLoad(Place place) const;
  absl::Status Load(NodeIndex node);
  size_t ReleasesAt(Place place) const;
  void AddLimits();
  void WatchNewFeatures();
  NogoodId ApplyLimits();
  // False if nothing is left of the conflict. Otherwise `violated` becomes what
  // is violated after the backjump.
  bool Learn(NogoodId* violated);
  void BackjumpTo(uint32_t level);
  // Asks the request now and then.
  bool IsOutOfTime();
  // From level 0.
  void BeginAnew();
  absl::StatusOr<NogoodId> PropagateAndLoad();
  // Nothing if there is a model.
  std::optional<Decision> Decide();

  static constexpr uint64_t kManyConflicts = 16;
  static constexpr uint64_t kClausesAConflict = 8;
  static constexpr Reason kRemovedLimit = kDecision - 1;
  static constexpr Reason kChangedLimit = kDecision - 2;

  const Request& request_;
  Propagation propagation_;
  Encoding encoding_;
  Agenda agenda_;
  ChangeLimit removed_;
  ChangeLimit changed_;
  Resolution resolution_;
  HardMode hard_mode_;
  std::optional<Answer> found_;
  // Of each installed node: its item of changed_, if changes of it count, and
  // how many of its feature places are watched.
  struct Watched {
    NodeIndex node = 0;
    std::optional<size_t> item;
    size_t features = 0;
    const InstalledNode* installed = nullptr;
  };
  std::vector<Watched> watched_;
  size_t watched_features_ = 0;
  // Places of entries before `load_next_` whose node may have to be loaded.
  // The fewest releases come first: what they need, all answers need. Of
  // equals the newest, which follows from those that are loaded.
  struct ToLoad {
    size_t releases = 0;
    uint64_t number = 0;
    Place place = kNoPlace;

    bool operator<(const ToLoad& other) const {
      return std::tie(other.releases, number) <
             std::tie(releases, other.number);
    }
  };
  std::priority_queue<ToLoad> to_load_;
  uint64_t to_load_count_ = 0;
  uint64_t turns_ = 0;
  bool is_out_of_time_ = false;
  Position load_next_ = 0;
  NogoodId violated_ = kNoNogood;
  // Of the lesson that nothing was left of.
  std::vector<int32_t> proof_;
  uint64_t decisions_ = 0;
  uint64_t conflicts_ = 0;
};

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_SEARCH_H_
