#include "resolver/check.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"

#include "third_party/absl/status_macros.h"

namespace orrery::resolver {
namespace {

// A release of the assignment, with what it says.
struct Held {
  ChosenRelease release;
  Candidate candidate;
  const PackageRelations* relations = nullptr;
  std::string text;
  bool is_fact = false;
  // What runs there, if anything does.
  std::optional<Rank> running = {};
  // What something asks for: the release, and features of it.
  bool reached = false;
  std::set<std::string> reached_features = {};
};

class Checker {
 public:
  Checker(const Request& request, MetadataSource& source)
      : request_(request), source_(source) {}

  absl::Status Hold(std::span<const ChosenRelease> chosen) {
    for (const auto& [node, rank] : request_.facts) {
      ORRERY_RETURN_IF_ERROR(HoldOne({node, rank}, /*is_fact=*/true));
    }
    for (const ChosenRelease& release : chosen) {
      ORRERY_RETURN_IF_ERROR(HoldOne(release, /*is_fact=*/false));
    }
    return absl::OkStatus();
  }

  std::vector<Violation> Run() {
    for (const Held& held : held_) {
      if (held.is_fact) continue;
      CheckPlace(held);
      CheckKeptFeatures(held);
      CheckRelations(held);
    }
    CheckClaims();
    CheckRequest();
    CheckTight();
    return std::move(violations_);
  }

 private:
  absl::Status HoldOne(const ChosenRelease& release, bool is_fact) {
    ORRERY_ASSIGN_OR_RETURN(const auto candidates,
                            source_.Candidates(release.node.package));
    if (release.rank >= candidates.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat(source_.Name(release.node.package), " has no release ",
                       release.rank));
    }
    Held held;
    held.release = release;
    held.candidate = candidates[release.rank];
    held.text = std::string(source_.Name(release.node.package));
    if (!release.node.instance.empty()) {
      absl::StrAppend(&held.text, "@", release.node.instance);
    }
    held.is_fact = is_fact;
    if (const InstalledNode* installed = Installed(release.node)) {
      held.running = installed->rank;
    }
    if (!is_fact) {
      ORRERY_ASSIGN_OR_RETURN(held.relations, source_.Load(release.node));
    }
    held_.push_back(std::move(held));
    return absl::OkStatus();
  }

  void Report(absl::string_view rule, absl::string_view node,
              absl::string_view text) {
    violations_.push_back(
        {std::string(rule), std::string(node), std::string(text)});
  }

  const InstalledNode* Installed(const Node& node) const {
    for (const InstalledNode& installed : request_.installed) {
      if (installed.node == node) return &installed;
    }
    return nullptr;
  }

  std::string IdOf(const Node& node) const {
    return node.instance.empty() ? std::string(source_.Name(node.package))
                                 : node.instance;
  }

  static std::string GroupOf(const std::string& id) {
    const size_t slash = id.rfind('/');
    return slash == std::string::npos ? std::string() : id.substr(0, slash + 1);
  }

  // resolver.md §1.4, rules 1 to 6.
  Node Meant(const Node& consumer, PackageId package, bool own) const {
    for (const Binding& binding : request_.bindings) {
      if (binding.consumer == consumer && binding.provider.package == package) {
        return binding.provider;
      }
    }
    if (const InstalledNode* installed = Installed(consumer)) {
      for (const Node& bound : installed->bindings) {
        if (bound.package == package) return bound;
      }
    }
    if (own) {
      return {package,
              absl::StrCat(IdOf(consumer), "-", source_.Name(package))};
    }
    std::map<std::string, Node> instances;
    for (const InstalledNode& installed : request_.installed) {
      if (installed.node.package == package) {
        instances.emplace(IdOf(installed.node), installed.node);
      }
    }
    const std::string group = GroupOf(IdOf(consumer));
    for (const auto& [id, node] : instances) {
      if (!group.empty() && GroupOf(id) == group) return node;
    }
    if (instances.size() == 1) return instances.begin()->second;
    return {package};
  }

  // Whether the alternative may be met by that node. `consumer` is null for the
  // request.
  bool MayMeet(const Alternative& alternative, const Node* consumer,
               const Node& node) const {
    if (alternative.target.is_capability && Installed(node) != nullptr) {
      return true;
    }
    return consumer == nullptr
               ? node.instance == alternative.instance
               : Meant(*consumer, node.package, alternative.own) == node;
  }

  static bool Inside(const Target& target, const Held& held) {
    for (const PackageRanks& member : target.members) {
      if (member.package == held.release.node.package &&
          member.Contains(held.release.rank, held.running)) {
        return true;
      }
    }
    return false;
  }

  static bool HasFeatures(const Alternative& alternative, const Held& held) {
    const auto& on = held.release.features;
    return std::all_of(alternative.features.begin(), alternative.features.end(),
                       [&on](const std::string& feature) {
                         return std::find(on.begin(), on.end(), feature) !=
                                on.end();
                       });
  }

  // The releases that meet the alternative.
  std::vector<Held*> Meeting(const Alternative& alternative,
                             const Node* consumer) {
    std::vector<Held*> meeting;
    for (Held& held : held_) {
      if (Inside(alternative.target, held) && HasFeatures(alternative, held) &&
          (held.is_fact || MayMeet(alternative, consumer, held.release.node))) {
        meeting.push_back(&held);
      }
    }
    return meeting;
  }

  bool Applies(const Requirement& requirement) const {
    return std::all_of(
        requirement.conditions.begin(), requirement.conditions.end(),
        [this](const Alternative& condition) {
          return std::any_of(held_.begin(), held_.end(),
                             [&condition](const Held& held) {
                               return Inside(condition.target, held) &&
                                      HasFeatures(condition, held);
                             });
        });
  }

  bool IsMet(const Requirement& requirement, const Node* consumer) {
    if (!Applies(requirement)) return true;
    return std::any_of(requirement.any_of.begin(), requirement.any_of.end(),
                       [&](const Alternative& alternative) {
                         return !Meeting(alternative, consumer).empty();
                       });
  }

  static std::string TextOf(const Requirement& requirement) {
    std::string text;
    for (const Alternative& alternative : requirement.any_of) {
      absl::StrAppend(&text, text.empty() ? "" : " | ", alternative.target.name,
                      " ", alternative.target.range);
    }
    return text;
  }

  void CheckPlace(const Held& held) {
    const auto& [node, rank, features] = held.release;
    for (const Held& other : held_) {
      if (&other != &held && other.release.node == node &&
          other.candidate.slot == held.candidate.slot) {
        Report("R1", held.text, "two releases");
      }
    }
    const InstalledNode* installed = Installed(node);
    const bool runs = installed != nullptr && installed->rank == rank;
    const bool is_allowed =
        std::any_of(request_.allowed.begin(), request_.allowed.end(),
                    [&held](const NodeRelease& allowed) {
                      return allowed.node == held.release.node &&
                             allowed.rank == held.release.rank;
                    });
    if (!held.candidate.barred.empty() && !runs && !is_allowed) {
      Report("R8", held.text, held.candidate.barred);
    }
    for (const PackageId package : request_.exclude) {
      if (package == node.package && !runs) {
        Report("R8", held.text, "you exclude it");
      }
    }
    for (const Node& removed : request_.remove) {
      if (removed == node) Report("R8", held.text, "you remove it");
    }
    for (const auto& [locked, locked_rank] : request_.locked) {
      if (locked == node && locked_rank != rank) {
        Report("R9", held.text, "it is locked to another release");
      }
    }
    if (installed != nullptr && installed->reachable.has_value() &&
        !installed->reachable->Contains(rank)) {
      Report("R10", held.text, "cannot be reached from what runs");
    }
    for (const PackageRanks& limit : request_.limits) {
      if (limit.package == node.package && !limit.ranks.Contains(rank)) {
        Report("R7", held.text, "outside a limit of the request");
      }
    }
  }

  // Those that are on and that what runs has.
  static std::vector<std::string> KeptFeatures(const InstalledNode& installed,
                                               const Held& held) {
    std::vector<std::string> kept;
    for (const std::string& name : installed.features) {
      const FeatureRelations* feature = held.relations->FindFeature(name);
      if (feature != nullptr && feature->ranks.Contains(installed.rank)) {
        kept.push_back(name);
      }
    }
    return kept;
  }

  void CheckKeptFeatures(const Held& held) {
    const InstalledNode* installed = Installed(held.release.node);
    if (installed == nullptr) return;
    for (const std::string& name : KeptFeatures(*installed, held)) {
      const auto& on = held.release.features;
      if (std::find(on.begin(), on.end(), name) != on.end()) continue;
      Report("R4", held.text, absl::StrCat("its feature ", name, " stays on"));
    }
  }

  void CheckRelations(const Held& held) {
    const auto& [node, rank, features] = held.release;
    for (const auto& [ranks, requirement] :
         held.relations->requirements.distinct()) {
      if (ranks.Contains(rank) && !IsMet(requirement, &node)) {
        Report("R3", held.text, TextOf(requirement));
      }
    }
    for (const std::string& name : features) {
      const FeatureRelations* feature = held.relations->FindFeature(name);
      if (feature == nullptr || !feature->ranks.Contains(rank)) {
        Report("R4", held.text, absl::StrCat("it has no feature ", name));
        continue;
      }
      for (const auto& [ranks, requirement] :
           feature->requirements.distinct()) {
        if (ranks.Contains(rank) && !IsMet(requirement, &node)) {
          Report("R4", held.text, TextOf(requirement));
        }
      }
    }
    for (const auto& [ranks, target] : held.relations->conflicts) {
      for (const Held& other : held_) {
        const bool itself = other.release.node.package == node.package &&
                            other.release.rank == rank;
        if (ranks.Contains(rank) && !itself && Inside(target, other)) {
          Report("R6", held.text, other.text);
        }
      }
    }
    for (const auto& [ranks, target] : held.relations->bounds) {
      for (const Held& other : held_) {
        for (const PackageRanks& member : target.members) {
          if (ranks.Contains(rank) &&
              member.package == other.release.node.package &&
              !member.Contains(other.release.rank, other.running)) {
            Report("R7", held.text, other.text);
          }
        }
      }
    }
  }

  void CheckClaims() {
    std::map<std::string, const Held*> holders;
    for (const Held& held : held_) {
      if (held.is_fact) continue;
      std::set<std::string> own;
      for (const auto& [ranks, claim] : held.relations->claims) {
        if (ranks.Contains(held.release.rank)) own.insert(claim);
      }
      for (const std::string& claim : own) {
        const auto [holder, is_first] = holders.emplace(claim, &held);
        if (!is_first) Report("R2", held.text, claim);
      }
    }
  }

  // Whether it speaks of nodes alone that are to be removed.
  bool IsVoid(const Requirement& keep) const {
    for (const Alternative& alternative : keep.any_of) {
      for (const PackageRanks& member : alternative.target.members) {
        const Node node{member.package, alternative.instance};
        if (std::find(request_.remove.begin(), request_.remove.end(), node) ==
            request_.remove.end()) {
          return false;
        }
      }
    }
    return true;
  }

  void CheckRequest() {
    for (const Requirement& item : request_.items) {
      if (!IsMet(item, nullptr)) Report("R10", "", TextOf(item));
    }
    for (const Requirement& keep : request_.keep) {
      if (!IsVoid(keep) && !IsMet(keep, nullptr)) {
        Report("R10", "", TextOf(keep));
      }
    }
  }

  // Marks what meets the requirement; whether anything was not marked before.
  bool Reach(const Requirement& requirement, const Node* consumer) {
    if (!Applies(requirement)) return false;
    bool is_new = false;
    for (const Alternative& alternative : requirement.any_of) {
      for (Held* held : Meeting(alternative, consumer)) {
        is_new |= !held->reached;
        held->reached = true;
        for (const std::string& feature : alternative.features) {
          is_new |= held->reached_features.insert(feature).second;
        }
      }
    }
    return is_new;
  }

  bool ReachFrom(const Held& held) {
    const auto& [node, rank, features] = held.release;
    // What is reached of it may grow meanwhile.
    const std::set<std::string> reached = held.reached_features;
    bool is_new = false;
    for (const auto& [ranks, what] : held.relations->requirements.distinct()) {
      if (ranks.Contains(rank)) is_new |= Reach(what, &node);
    }
    for (const std::string& name : reached) {
      const FeatureRelations* feature = held.relations->FindFeature(name);
      if (feature == nullptr) continue;
      for (const auto& [ranks, what] : feature->requirements.distinct()) {
        if (ranks.Contains(rank)) is_new |= Reach(what, &node);
      }
    }
    return is_new;
  }

  void CheckTight() {
    for (Held& held : held_) {
      const InstalledNode* installed = Installed(held.release.node);
      held.reached = held.is_fact || installed != nullptr;
      if (installed == nullptr || held.is_fact) continue;
      for (const std::string& name : KeptFeatures(*installed, held)) {
        held.reached_features.insert(name);
      }
    }
    for (const Requirement& item : request_.items) Reach(item, nullptr);
    for (const Requirement& keep : request_.keep) Reach(keep, nullptr);
    bool is_new = true;
    while (is_new) {
      is_new = false;
      for (const Held& held : held_) {
        if (held.reached && !held.is_fact) is_new |= ReachFrom(held);
      }
    }
    for (const Held& held : held_) {
      if (!held.reached) Report("tight", held.text, "nothing asks for it");
      for (const std::string& name : held.release.features) {
        if (held.reached_features.contains(name)) continue;
        Report("tight", held.text,
               absl::StrCat("nothing asks for its feature ", name));
      }
    }
  }

  const Request& request_;
  MetadataSource& source_;
  std::vector<Held> held_;
  std::vector<Violation> violations_;
};

}  // namespace

absl::StatusOr<std::vector<Violation>> Check(
    const Request& request, std::span<const ChosenRelease> chosen,
    MetadataSource& source) {
  Checker checker(request, source);
  ORRERY_RETURN_IF_ERROR(checker.Hold(chosen));
  return checker.Run();
}

}  // namespace orrery::resolver
