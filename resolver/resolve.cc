#include "resolver/resolve.h"

#include <optional>

#include "resolver/internal/agenda.h"
#include "resolver/internal/search.h"
#include "third_party/absl/status_macros.h"

namespace orrery::resolver {
namespace {

using internal::Agenda;
using internal::Search;

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

}  // namespace

absl::StatusOr<Answer> Resolve(const Request& request, MetadataSource& source) {
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

}  // namespace orrery::resolver
