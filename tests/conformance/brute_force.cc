#include "tests/conformance/brute_force.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace orrery::tests {
namespace {

using resolver::Alternative;
using resolver::PackageRelations;
using resolver::Rank;
using resolver::Requirement;
using resolver::Target;

// Of each package its release, or kAbsent, and whether its feature is on.
constexpr int kAbsent = -1;
struct Choice {
  int8_t rank = kAbsent;
  bool feature = false;
};
using Assignment = std::array<Choice, RandomProblem::kMostPackages>;

// Something that must hold.
using Rule = std::function<bool(const Assignment&)>;

// The last package that is named, by which an assignment in order decides.
size_t LastNamed(const Target& target) {
  size_t last = 0;
  for (const auto& member : target.members) {
    last = std::max(last, static_cast<size_t>(member.package));
  }
  return last;
}

size_t LastNamed(const Requirement& requirement) {
  size_t last = 0;
  for (const auto* list : {&requirement.any_of, &requirement.conditions}) {
    for (const Alternative& alternative : *list) {
      last = std::max(last, LastNamed(alternative.target));
    }
  }
  return last;
}

bool Holds(const Alternative& alternative, const Assignment& all) {
  for (const auto& [package, ranks, if_running] : alternative.target.members) {
    const Choice& choice = all[static_cast<size_t>(package)];
    if (choice.rank == kAbsent || !ranks.Contains(choice.rank)) continue;
    if (alternative.features.empty() || choice.feature) return true;
  }
  return false;
}

bool Applies(const Requirement& requirement, const Assignment& all) {
  return std::all_of(
      requirement.conditions.begin(), requirement.conditions.end(),
      [&all](const Alternative& condition) { return Holds(condition, all); });
}

bool IsMet(const Requirement& requirement, const Assignment& all) {
  return !Applies(requirement, all) ||
         std::any_of(
             requirement.any_of.begin(), requirement.any_of.end(),
             [&all](const Alternative& each) { return Holds(each, all); });
}

class Oracle {
 public:
  explicit Oracle(const RandomProblem& problem)
      : problem_(problem), request_(problem.request()) {
    for (const resolver::InstalledNode& each : request_.installed) {
      installed_[static_cast<size_t>(each.node.package)] =
          static_cast<int>(each.rank);
    }
    for (const resolver::NodeRelease& fact : request_.facts) {
      facts_[static_cast<size_t>(fact.node.package)] =
          static_cast<int>(fact.rank);
    }
    for (const resolver::PackageId fact : request_.absent_facts) {
      facts_[static_cast<size_t>(fact)] = kAbsent;
    }
    for (size_t package = 0; package < problem.size(); ++package) {
      relations_.push_back(Counted(problem.relations(package)));
    }
    for (auto* list : {&request_.items, &request_.keep}) {
      for (Requirement& requirement : *list) {
        requirement = Counted(std::move(requirement));
      }
    }
    AddRequestRules();
    for (size_t package = 0; package < problem.size(); ++package) {
      AddRules(package);
    }
  }

  resolver::Answer Run() {
    Assignment all;
    Enumerate(0, &all);
    if (solutions_.empty()) {
      resolver::Answer answer;
      answer.status = resolver::Status::kUnsatisfiable;
      return answer;
    }
    KeepLeast([this](const Assignment& each) { return Removed(each); });
    KeepLeast([this](const Assignment& each) { return Changed(each); });
    removed_ = Removed(solutions_[0]);
    changed_ = Changed(solutions_[0]);
    while (Step()) {
    }
    return Result();
  }

 private:
  struct Fixed {
    size_t package;
    // kFeature instead of a rank: its feature.
    int rank;
  };
  static constexpr int kFeature = -2;

  // With what counts only where it runs among the ranks of those that run it.
  Target Counted(Target target) const {
    for (resolver::PackageRanks& member : target.members) {
      const int runs = InstalledRank(static_cast<size_t>(member.package));
      if (runs != kAbsent && member.if_running.Contains(runs)) {
        const auto rank = static_cast<Rank>(runs);
        member.ranks = Union(member.ranks, {{rank, rank}});
      }
    }
    return target;
  }
  Requirement Counted(Requirement requirement) const {
    for (auto* list : {&requirement.any_of, &requirement.conditions}) {
      for (Alternative& alternative : *list) {
        alternative.target = Counted(std::move(alternative.target));
      }
    }
    return requirement;
  }
  resolver::RequirementTable Counted(
      const resolver::RequirementTable& table) const {
    resolver::RequirementTable counted;
    for (Rank rank = 0; rank < RandomProblem::kMostReleases; ++rank) {
      for (const Requirement& requirement : InOrder(table, rank)) {
        counted.Add(rank, Counted(requirement));
      }
    }
    return counted;
  }
  PackageRelations Counted(PackageRelations relations) const {
    relations.requirements = Counted(relations.requirements);
    for (auto& feature : relations.features) {
      feature.requirements = Counted(feature.requirements);
    }
    for (auto* list : {&relations.conflicts, &relations.bounds}) {
      for (auto& shared : *list) shared.what = Counted(std::move(shared.what));
    }
    return relations;
  }

  // Every solution with the packages below `package` as they are in `all`.
  void Enumerate(size_t package, Assignment* all) {
    if (package == problem_.size()) {
      solutions_.push_back(*all);
      return;
    }
    if (IsFact(package)) {
      Try(package, {static_cast<int8_t>(facts_.at(package)), false}, all);
      return;
    }
    Try(package, {}, all);
    const auto& features = relations_[package].features;
    for (Rank rank = 0; rank < problem_.candidates(package).size(); ++rank) {
      if (!MayBe(package, rank)) continue;
      const auto value = static_cast<int8_t>(rank);
      if (!KeepsFeature(package)) Try(package, {value, false}, all);
      if (features.empty() || !features[0].ranks.Contains(rank)) continue;
      Try(package, {value, true}, all);
    }
  }

  // Goes on unless a rule is broken whatever the packages above are.
  void Try(size_t package, Choice choice, Assignment* all) {
    (*all)[package] = choice;
    const auto holds = [all](const Rule& rule) { return rule(*all); };
    if (std::all_of(rules_[package].begin(), rules_[package].end(), holds)) {
      Enumerate(package + 1, all);
    }
  }

  void AddRule(size_t last, Rule rule) {
    rules_[last].push_back(std::move(rule));
  }

  void AddRequestRules() {
    const auto& request = request_;
    for (const Requirement& item : request.items) {
      AddRule(LastNamed(item),
              [&item](const auto& all) { return IsMet(item, all); });
    }
    for (const Requirement& keep : request.keep) {
      AddRule(LastNamed(keep),
              [this, &keep](const auto& all) { return IsKept(keep, all); });
    }
  }

  // Those of the releases of `package`.
  void AddRules(size_t package) {
    const PackageRelations& relations = relations_[package];
    AddClauseRules(package, relations.requirements, /*of_feature=*/false);
    for (const auto& feature : relations.features) {
      AddClauseRules(package, feature.requirements, /*of_feature=*/true);
    }
    for (const auto& shared : relations.conflicts) {
      AddRule(std::max(package, LastNamed(shared.what)),
              [package, &shared](const auto& all) {
                return !Has(shared.ranks, all[package]) ||
                       !Conflicts(shared.what, package, all);
              });
    }
    for (const auto& shared : relations.bounds) {
      AddRule(std::max(package, LastNamed(shared.what)), [package, &shared](
                                                             const auto& all) {
        return !Has(shared.ranks, all[package]) || Bounded(shared.what, all);
      });
    }
    AddRule(package, [this, package](const auto& all) {
      return !Claims(package, all) || !IsClaimedBelow(package, all);
    });
  }

  void AddClauseRules(size_t package, const resolver::RequirementTable& table,
                      bool of_feature) {
    for (const auto& shared : table.distinct()) {
      AddRule(std::max(package, LastNamed(shared.what)),
              [package, &shared, of_feature](const auto& all) {
                const bool is_on = !of_feature || all[package].feature;
                return !is_on || !Has(shared.ranks, all[package]) ||
                       IsMet(shared.what, all);
              });
    }
  }

  static bool Has(const resolver::RankSet& ranks, const Choice& choice) {
    return choice.rank != kAbsent && ranks.Contains(choice.rank);
  }

  // There is one claim that any release may make.
  bool Claims(size_t package, const Assignment& all) const {
    const auto& claims = relations_[package].claims;
    return std::any_of(claims.begin(), claims.end(), [&](const auto& claim) {
      return Has(claim.ranks, all[package]);
    });
  }
  bool IsClaimedBelow(size_t end, const Assignment& all) const {
    for (size_t package = 0; package < end; ++package) {
      if (Claims(package, all)) return true;
    }
    return false;
  }

  bool MayBe(size_t package, Rank rank) const {
    if (IsRemoved(package)) return false;
    for (const auto& [node, locked] : request_.locked) {
      if (static_cast<size_t>(node.package) == package && locked != rank) {
        return false;
      }
    }
    return problem_.candidates(package)[rank].barred.empty() ||
           InstalledRank(package) == static_cast<int>(rank);
  }

  bool IsFact(size_t package) const { return facts_.contains(package); }

  const resolver::InstalledNode* Installed(size_t package) const {
    for (const resolver::InstalledNode& each : request_.installed) {
      if (static_cast<size_t>(each.node.package) == package) return &each;
    }
    return nullptr;
  }

  // The feature is on, and what runs has it.
  bool KeepsFeature(size_t package) const {
    const resolver::InstalledNode* installed = Installed(package);
    const auto& features = relations_[package].features;
    return installed != nullptr && !installed->features.empty() &&
           !features.empty() && features[0].ranks.Contains(installed->rank);
  }

  // Whether what runs as `consumer` uses `provider`, which may be a fact.
  bool IsRecorded(size_t consumer, size_t provider) const {
    const resolver::InstalledNode* installed = Installed(consumer);
    return installed != nullptr &&
           std::any_of(installed->bindings.begin(), installed->bindings.end(),
                       [provider](const resolver::Node& node) {
                         return static_cast<size_t>(node.package) == provider;
                       });
  }

  bool IsRemoved(size_t package) const {
    const auto& remove = request_.remove;
    return std::any_of(remove.begin(), remove.end(),
                       [package](const resolver::Node& node) {
                         return static_cast<size_t>(node.package) == package;
                       });
  }

  // Of a package that is to be removed nothing is kept.
  bool IsKept(const Requirement& keep, const Assignment& all) const {
    const auto& members = keep.any_of.front().target.members;
    return IsRemoved(static_cast<size_t>(members.front().package)) ||
           IsMet(keep, all);
  }

  int InstalledRank(size_t package) const {
    const auto found = installed_.find(package);
    return found == installed_.end() ? kAbsent : found->second;
  }

  static bool Conflicts(const Target& target, size_t self,
                        const Assignment& all) {
    for (const auto& [package, ranks, if_running] : target.members) {
      const auto index = static_cast<size_t>(package);
      if (index != self && all[index].rank != kAbsent &&
          ranks.Contains(all[index].rank)) {
        return true;
      }
    }
    return false;
  }

  static bool Bounded(const Target& target, const Assignment& all) {
    for (const auto& [package, ranks, if_running] : target.members) {
      const int rank = all[static_cast<size_t>(package)].rank;
      if (rank != kAbsent && !ranks.Contains(rank)) return false;
    }
    return true;
  }

  static std::vector<Requirement> InOrder(
      const resolver::RequirementTable& table, int rank) {
    std::vector<Requirement> clauses;
    for (const uint32_t index : table.OfRank(rank)) {
      clauses.push_back(table.distinct()[index].what);
    }
    return clauses;
  }
  std::vector<Requirement> Clauses(size_t package, int rank) const {
    return InOrder(relations_[package].requirements, rank);
  }
  std::vector<Requirement> FeatureClauses(size_t package, int rank) const {
    return InOrder(relations_[package].features[0].requirements, rank);
  }

  int Removed(const Assignment& all) const {
    int removed = 0;
    for (const auto& [package, rank] : installed_) {
      removed += all[package].rank == kAbsent ? 1 : 0;
    }
    return removed;
  }

  int Changed(const Assignment& all) const {
    int changed = 0;
    for (const auto& [package, rank] : installed_) {
      if (IsUpdated(package) || IsNamed(package)) continue;
      if (all[package].rank == kAbsent) continue;
      const bool is_new =
          all[package].feature && Installed(package)->features.empty();
      changed += all[package].rank != rank || is_new ? 1 : 0;
    }
    return changed;
  }

  bool IsUpdated(size_t package) const {
    const auto& update = request_.update;
    return std::any_of(update.begin(), update.end(),
                       [package](const resolver::Node& node) {
                         return static_cast<size_t>(node.package) == package;
                       });
  }
  bool IsNamed(size_t package) const {
    for (const Requirement& item : request_.items) {
      for (const Alternative& alternative : item.any_of) {
        for (const auto& member : alternative.target.members) {
          if (static_cast<size_t>(member.package) == package) return true;
        }
      }
    }
    return false;
  }
  std::optional<Rank> Preferred(size_t package) const {
    for (const auto& [node, rank] : request_.prefer) {
      if (static_cast<size_t>(node.package) == package) return rank;
    }
    return std::nullopt;
  }

  void KeepLeast(const std::function<int(const Assignment&)>& count) {
    int least = std::numeric_limits<int>::max();
    for (const Assignment& each : solutions_) {
      least = std::min(least, count(each));
    }
    std::erase_if(solutions_,
                  [&](const Assignment& each) { return count(each) != least; });
  }

  // §9.4, absent left out.
  std::vector<int> Order(size_t package) const {
    const auto& candidates = problem_.candidates(package);
    std::vector<int> order;
    for (int rank = static_cast<int>(candidates.size()); rank-- > 0;) {
      order.push_back(rank);
    }
    if (request_.oldest_first) std::reverse(order.begin(), order.end());
    std::stable_partition(order.begin(), order.end(), [&](int rank) {
      return !candidates[rank].prerelease;
    });
    const int installed = InstalledRank(package);
    if (installed != kAbsent && IsUpdated(package)) return order;
    int first = installed;
    if (installed == kAbsent && Preferred(package).has_value()) {
      first = static_cast<int>(*Preferred(package));
    }
    if (installed != kAbsent && !IsNamed(package)) {
      std::sort(order.begin(), order.end(), [installed](int a, int b) {
        const auto key = [installed](int rank) {
          return rank >= installed ? std::pair(0, rank - installed)
                                   : std::pair(1, installed - rank);
        };
        return key(a) < key(b);
      });
    }
    std::stable_partition(order.begin(), order.end(),
                          [first](int rank) { return rank == first; });
    return order;
  }

  // Whether any solution that is left agrees; keeps only those if so.
  bool Extends(const std::function<bool(const Assignment&)>& agrees) {
    if (std::none_of(solutions_.begin(), solutions_.end(), agrees)) {
      return false;
    }
    std::erase_if(solutions_,
                  [&agrees](const Assignment& each) { return !agrees(each); });
    return true;
  }

  bool IsFixed(size_t package) const {
    return std::any_of(fixed_.begin(), fixed_.end(), [=](const Fixed& each) {
      return each.package == package && each.rank != kFeature;
    });
  }

  // F as an assignment.
  Assignment AssignmentOfFixed() const {
    Assignment all;
    for (const auto& [package, value] : facts_) {
      all[package].rank = static_cast<int8_t>(value);
    }
    for (const auto& [package, rank] : fixed_) {
      if (rank == kFeature) {
        all[package].feature = true;
      } else {
        all[package].rank = static_cast<int8_t>(rank);
      }
    }
    return all;
  }

  // Settles the first open point; false if there is none.
  bool Step() {
    for (const resolver::Node& node : request_.update) {
      if (StepNode(static_cast<size_t>(node.package))) return true;
    }
    for (const Requirement& item : request_.items) {
      if (StepClause(item)) return true;
    }
    for (const auto& [package, rank] : installed_) {
      if (StepNode(package)) return true;
    }
    for (const Requirement& keep : request_.keep) {
      const auto& members = keep.any_of.front().target.members;
      if (IsRemoved(static_cast<size_t>(members.front().package))) continue;
      if (StepClause(keep)) return true;
    }
    for (const auto& [package, rank] : std::vector<Fixed>(fixed_)) {
      if (rank == kAbsent) continue;
      const int of = AssignmentOfFixed()[package].rank;
      for (const Requirement& clause : rank == kFeature
                                           ? FeatureClauses(package, of)
                                           : Clauses(package, of)) {
        if (StepClause(clause, package)) return true;
      }
    }
    return false;
  }

  void Fix(size_t package, int rank) {
    fixed_.push_back({package, rank});
    if (rank != kAbsent && KeepsFeature(package)) {
      fixed_.push_back({package, kFeature});
    }
  }

  bool StepNode(size_t package) {
    if (IsFixed(package) || InstalledRank(package) == kAbsent) return false;
    std::vector<int> order = Order(package);
    order.push_back(kAbsent);
    for (const int rank : order) {
      if (Extends([=](const Assignment& each) {
            return each[package].rank == rank;
          })) {
        Fix(package, rank);
        return true;
      }
    }
    return false;
  }

  // Whether an alternative holds in F. One on a fact counts at the first place
  // or if it is recorded for the consumer.
  bool IsClosed(const Requirement& clause, const Assignment& fixed,
                std::optional<size_t> consumer) const {
    for (const Alternative& alternative : clause.any_of) {
      if (!Holds(alternative, fixed)) continue;
      const auto package =
          static_cast<size_t>(alternative.target.members[0].package);
      if (!IsFact(package) || &alternative == &clause.any_of.front() ||
          (consumer.has_value() && IsRecorded(*consumer, package))) {
        return true;
      }
    }
    return false;
  }

  // Of the request, or of a release of `consumer`.
  bool StepClause(const Requirement& clause,
                  std::optional<size_t> consumer = std::nullopt) {
    const Assignment fixed = AssignmentOfFixed();
    if (!Applies(clause, fixed) || IsClosed(clause, fixed, consumer)) {
      return false;
    }
    struct Option {
      size_t package;
      const Alternative* alternative;
      const resolver::RankSet* ranks;
    };
    std::vector<Option> options;
    for (const Alternative& alternative : clause.any_of) {
      for (const auto& [package, ranks, if_running] :
           alternative.target.members) {
        options.push_back({static_cast<size_t>(package), &alternative, &ranks});
      }
    }
    std::stable_partition(options.begin(), options.end(),
                          [this](const Option& option) {
                            return InstalledRank(option.package) != kAbsent ||
                                   Preferred(option.package).has_value();
                          });
    for (const Option& option : options) {
      if (IsFact(option.package)) {
        if (Holds(*option.alternative, fixed)) return false;
        continue;
      }
      const bool feature = !option.alternative->features.empty();
      for (const int rank : Order(option.package)) {
        if (!option.ranks->Contains(rank)) continue;
        if (!Extends([&](const Assignment& each) {
              const Choice& choice = each[option.package];
              return choice.rank == rank && (!feature || choice.feature);
            })) {
          continue;
        }
        if (!IsFixed(option.package)) Fix(option.package, rank);
        if (feature) fixed_.push_back({option.package, kFeature});
        return true;
      }
    }
    return false;
  }

  resolver::Answer Result() const {
    resolver::Answer answer;
    answer.status = resolver::Status::kSolved;
    const Assignment all = AssignmentOfFixed();
    for (uint32_t package = 0; package < problem_.size(); ++package) {
      if (all[package].rank == kAbsent || IsFact(package)) continue;
      resolver::ChosenRelease chosen{{resolver::PackageId{package}},
                                     static_cast<Rank>(all[package].rank)};
      if (all[package].feature) chosen.features = {"f"};
      answer.chosen.push_back(std::move(chosen));
    }
    answer.removed = removed_;
    answer.changed = changed_;
    return answer;
  }

  const RandomProblem& problem_;
  resolver::Request request_;
  std::vector<PackageRelations> relations_;
  std::map<size_t, int> installed_;
  // Their values.
  std::map<size_t, int> facts_;
  // By the last package that each names.
  std::array<std::vector<Rule>, RandomProblem::kMostPackages> rules_;
  std::vector<Assignment> solutions_;
  std::vector<Fixed> fixed_;
  int removed_ = 0;
  int changed_ = 0;
};

}  // namespace

resolver::Answer BruteForce(const RandomProblem& problem) {
  return Oracle(problem).Run();
}

}  // namespace orrery::tests
