#include "resolver/explain.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"

#include "resolver/fact_order.h"
#include "resolver/internal/agenda.h"
#include "resolver/internal/leaf_facts.h"
#include "resolver/internal/search.h"
#include "third_party/absl/status_macros.h"

namespace orrery::resolver {
namespace {

using internal::Agenda;
using internal::FactKeys;
using internal::KeyedFact;
using internal::Search;

class Reduction {
 public:
  Reduction(const Request& request, MetadataSource& source, uint64_t max_steps)
      : request_(request), source_(source), max_steps_(max_steps) {}

  absl::StatusOr<Explanation> Run() {
    ORRERY_ASSIGN_OR_RETURN(auto facts, Contradiction(nullptr));
    if (!facts.has_value()) return Explanation{};
    facts_ = *std::move(facts);
    ORRERY_RETURN_IF_ERROR(DropAll());
    // Once more, for facts of exactly these leaves.
    const FactKeys keys = Keys(nullptr);
    ORRERY_ASSIGN_OR_RETURN(facts, Contradiction(&keys));
    if (facts.has_value()) facts_ = *std::move(facts);
    Explanation explanation;
    for (KeyedFact& keyed : facts_) {
      explanation.facts.push_back(std::move(keyed.fact));
    }
    OrderFacts(&explanation.facts);
    explanation.reduced = !is_cut_short_;
    explanation.steps = steps_;
    return explanation;
  }

 private:
  // The facts of a proof that uses none but those with these keys; nothing if
  // they can all be met, or if steps or time end before that is known.
  absl::StatusOr<std::optional<std::vector<KeyedFact>>> Contradiction(
      const FactKeys* only) {
    if (only != nullptr && (is_cut_short_ || steps_ >= max_steps_)) {
      is_cut_short_ = true;
      return std::nullopt;
    }
    // The proof that there is something to explain has the steps of a solve.
    if (only != nullptr) request_.max_steps = max_steps_ - steps_;
    Search search(request_, source_, only);
    ORRERY_RETURN_IF_ERROR(search.Begin());
    ORRERY_ASSIGN_OR_RETURN(
        const Search::Outcome outcome,
        search.Run(Agenda::Order::kKeepFirst, /*least_change=*/false));
    if (only != nullptr) steps_ += search.steps();
    is_cut_short_ |= outcome == Search::Outcome::kOutOfBudget ||
                     outcome == Search::Outcome::kOutOfTime;
    if (outcome != Search::Outcome::kNoModel) return std::nullopt;
    return search.Facts();
  }

  // All keys but that one.
  FactKeys Keys(const std::string* without) const {
    FactKeys keys;
    for (const KeyedFact& keyed : facts_) {
      if (without == nullptr || keyed.key != *without) keys.insert(keyed.key);
    }
    return keys;
  }

  absl::Status DropAll() {
    for (const std::string& key : DropOrder()) {
      const FactKeys keys = Keys(&key);
      if (keys.size() == facts_.size()) continue;
      ORRERY_ASSIGN_OR_RETURN(auto rest, Contradiction(&keys));
      if (rest.has_value()) facts_ = *std::move(rest);
    }
    return absl::OkStatus();
  }

  // Those of most leaves first, then those that would be said last.
  std::vector<std::string> DropOrder() const {
    std::vector<Fact> facts;
    for (const KeyedFact& keyed : facts_) facts.push_back(keyed.fact);
    const std::vector<size_t> said = OrderOfFacts(facts);
    std::vector<const KeyedFact*> order;
    for (const size_t index : said) order.push_back(&facts_[index]);
    std::reverse(order.begin(), order.end());
    std::stable_sort(order.begin(), order.end(),
                     [](const KeyedFact* a, const KeyedFact* b) {
                       return a->leaves > b->leaves;
                     });
    std::vector<std::string> keys;
    for (const KeyedFact* keyed : order) keys.push_back(keyed->key);
    return keys;
  }

  Request request_;
  MetadataSource& source_;
  const uint64_t max_steps_;
  uint64_t steps_ = 0;
  bool is_cut_short_ = false;
  std::vector<KeyedFact> facts_;
};

}  // namespace

absl::StatusOr<Explanation> Explain(const Request& request,
                                    MetadataSource& source,
                                    uint64_t max_steps) {
  return Reduction(request, source, max_steps).Run();
}

}  // namespace orrery::resolver
