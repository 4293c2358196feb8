#include "resolver/resolve.h"

#include "resolver/internal/agenda.h"
#include "resolver/internal/search.h"
#include "third_party/absl/status_macros.h"

namespace orrery::resolver {
namespace {

using internal::Agenda;
using internal::Search;

Answer Unfinished(Answer best, const Search& search, Stage stage) {
  best.unfinished = stage;
  best.statistics = search.statistics();
  return best;
}

Answer WithoutModel(const Search& search, Search::Outcome outcome,
                    Stage stage) {
  if (outcome == Search::Outcome::kOutOfBudget && search.found().has_value()) {
    return Unfinished(*search.found(), search, stage);
  }
  Answer answer;
  answer.statistics = search.statistics();
  if (outcome == Search::Outcome::kNoModel) {
    answer.status = Status::kUnsatisfiable;
  } else {
    answer.unfinished = Stage::kSolution;
  }
  return answer;
}

}  // namespace

absl::StatusOr<Answer> Resolve(const Request& request, MetadataSource& source) {
  using Outcome = Search::Outcome;
  Search search(request, source);
  ORRERY_RETURN_IF_ERROR(search.Begin());
  Answer best;
  if (search.has_installed()) {
    ORRERY_ASSIGN_OR_RETURN(
        Outcome outcome,
        search.Run(Agenda::Order::kKeepFirst, /*least_change=*/false));
    if (outcome != Outcome::kModel) {
      return WithoutModel(search, outcome, Stage::kLeastChange);
    }
    best = search.Model();
    if (best.removed > 0 || best.changed > 0) {
      ORRERY_ASSIGN_OR_RETURN(outcome, search.Run(Agenda::Order::kKeepFirst,
                                                  /*least_change=*/true));
      if (outcome != Outcome::kModel) {
        return Unfinished(std::move(best), search, Stage::kLeastChange);
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
    return Unfinished(std::move(best), search, Stage::kCanonical);
  }
  return WithoutModel(search, outcome, Stage::kCanonical);
}

}  // namespace orrery::resolver
