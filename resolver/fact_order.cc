#include "resolver/fact_order.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/string_view.h"

namespace orrery::resolver {
namespace {

absl::string_view WithoutFeatures(absl::string_view text) {
  return text.substr(0, text.find('['));
}

// Names in the order in which they were mentioned first.
class Mentions {
 public:
  void Add(absl::string_view text) {
    const absl::string_view name = WithoutFeatures(text);
    if (PlaceOf(name) == names_.size()) names_.emplace_back(name);
  }

  // The place of the name; one past the last if it was not mentioned.
  size_t PlaceOf(absl::string_view text) const {
    const absl::string_view name = WithoutFeatures(text);
    return std::find(names_.begin(), names_.end(), name) - names_.begin();
  }

  void AddAllOf(const Fact& fact) {
    if (!fact.subject.empty()) Add(fact.subject);
    for (const Fact::Targeted& target : fact.targets) Add(target.text);
  }

  // That of the first name the fact speaks of itself.
  size_t PlaceOf(const Fact& fact) const {
    size_t place = names_.size();
    if (!fact.subject.empty()) place = PlaceOf(fact.subject);
    if (fact.kind == Fact::Kind::kClaim || fact.kind == Fact::Kind::kKeep) {
      for (const Fact::Targeted& target : fact.targets) {
        place = std::min(place, PlaceOf(target.text));
      }
    }
    return place;
  }

 private:
  std::vector<std::string> names_;
};

}  // namespace

std::vector<size_t> OrderOfFacts(std::span<const Fact> facts) {
  std::vector<size_t> open(facts.size());
  for (size_t i = 0; i < open.size(); ++i) open[i] = i;
  std::vector<size_t> order;
  Mentions mentions;
  while (!open.empty()) {
    const auto key = [&](size_t index) {
      const Fact& fact = facts[index];
      const bool is_request = fact.kind == Fact::Kind::kRequest;
      return std::tuple(!is_request, is_request ? fact.index : 0,
                        mentions.PlaceOf(fact), fact.kind, TargetNames(fact),
                        fact.subject, fact.text);
    };
    const auto next = std::min_element(
        open.begin(), open.end(),
        [&key](size_t a, size_t b) { return key(a) < key(b); });
    mentions.AddAllOf(facts[*next]);
    order.push_back(*next);
    open.erase(next);
  }
  return order;
}

void OrderFacts(std::vector<Fact>* facts) {
  std::vector<Fact> ordered;
  for (const size_t index : OrderOfFacts(*facts)) {
    ordered.push_back(std::move((*facts)[index]));
  }
  *facts = std::move(ordered);
}

}  // namespace orrery::resolver
