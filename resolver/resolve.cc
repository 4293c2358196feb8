#include "resolver/resolve.h"

#include <optional>
#include <span>
#include <utility>

#include "absl/strings/string_view.h"

#include "resolver/internal/agenda.h"
#include "resolver/internal/search.h"
#include "resolver/internal/straight_walk.h"
#include "third_party/absl/status_macros.h"

namespace orrery::resolver {
namespace {

using internal::Agenda;
using internal::Search;
using internal::StraightWalk;

// Of the attempt to find the answer in one walk.
constexpr uint64_t kFewConflicts = 16;

// What the search has, `best` if it has anything, when the budget ends.
Answer Unfinished(const std::optional<Answer>& best, const Search& search,
                  Search::Outcome outcome, Stage stage) {
  const bool has_time = outcome != Search::Outcome::kOutOfTime;
  Answer answer;
  if (best.has_value() && has_time) answer = *best;
  answer.unfinished = best.has_value() ? stage : Stage::kSolution;
  answer.limit = has_time ? Limit::kSteps : Limit::kTime;
  answer.statistics = search.statistics();
  return answer;
}

// Of a run that is the first to look for a model.
Answer WithoutModel(const Search& search, Search::Outcome outcome,
                    Stage stage) {
  if (outcome != Search::Outcome::kNoModel) {
    return Unfinished(search.found(), search, outcome, stage);
  }
  Answer answer;
  answer.status = Status::kUnsatisfiable;
  answer.statistics = search.statistics();
  return answer;
}

// Does not load again what the walk has.
class SourceAfterWalk : public MetadataSource {
 public:
  // Both must outlive this.
  SourceAfterWalk(const StraightWalk& walk, MetadataSource& source)
      : walk_(walk), source_(source) {}

  absl::string_view Name(PackageId package) override {
    return source_.Name(package);
  }
  CandidateTraits Traits(PackageId package) override {
    return source_.Traits(package);
  }
  absl::StatusOr<std::span<const Candidate>> Candidates(
      PackageId package) override {
    return source_.Candidates(package);
  }
  absl::StatusOr<const PackageRelations*> Load(const Node& node) override {
    const PackageRelations* known =
        node.instance.empty() ? walk_.RelationsOf(node.package) : nullptr;
    if (known != nullptr) return known;
    return source_.Load(node);
  }

 private:
  const StraightWalk& walk_;
  MetadataSource& source_;
};

absl::StatusOr<Answer> SearchFor(const Request& request,
                                 MetadataSource& source) {
  using Outcome = Search::Outcome;
  Search search(request, source);
  ORRERY_RETURN_IF_ERROR(search.Begin());
  Answer best;
  if (search.has_installed()) {
    // Its first model is the answer. But what cannot stay is met late.
    ORRERY_ASSIGN_OR_RETURN(Outcome outcome,
                            search.Run(Agenda::Order::kCanonical,
                                       /*least_change=*/true, kFewConflicts));
    if (outcome == Outcome::kModel) return search.Model();
    if (outcome != Outcome::kTooHard) {
      return WithoutModel(search, outcome, Stage::kSolution);
    }
    ORRERY_ASSIGN_OR_RETURN(
        outcome, search.Run(Agenda::Order::kKeepFirst, /*least_change=*/false));
    if (outcome != Outcome::kModel) {
      return WithoutModel(search, outcome, Stage::kLeastChange);
    }
    best = search.Model();
    if (best.removed > 0 || best.changed > 0) {
      ORRERY_ASSIGN_OR_RETURN(outcome, search.Run(Agenda::Order::kKeepFirst,
                                                  /*least_change=*/true));
      if (outcome != Outcome::kModel) {
        return Unfinished(best, search, outcome, Stage::kLeastChange);
      }
      best = search.Model();
    }
    search.LimitChange(best);
  }
  ORRERY_ASSIGN_OR_RETURN(
      const Outcome outcome,
      search.Run(Agenda::Order::kCanonical, /*least_change=*/false));
  if (outcome == Outcome::kModel) return search.Model();
  if (search.has_installed()) {
    return Unfinished(best, search, outcome, Stage::kCanonical);
  }
  return WithoutModel(search, outcome, Stage::kCanonical);
}

}  // namespace

absl::StatusOr<Answer> Resolve(const Request& request, MetadataSource& source) {
  StraightWalk walk(request, source);
  ORRERY_ASSIGN_OR_RETURN(std::optional<Answer> answer, walk.Run());
  if (answer.has_value()) return *std::move(answer);
  SourceAfterWalk rest(walk, source);
  return SearchFor(request, rest);
}

}  // namespace orrery::resolver
