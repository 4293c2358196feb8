#include "resolver/links.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"

#include "resolver/internal/instances.h"
#include "third_party/absl/status_macros.h"

namespace orrery::resolver {
namespace {

using internal::Instances;
using internal::MeantNodes;

class Linker {
 public:
  Linker(const Request& request, std::span<const ChosenRelease> chosen,
         MetadataSource& source)
      : request_(request), source_(source), instances_(request, source) {
    for (const auto& [node, rank] : request.facts) {
      held_[node] = ChosenRelease{node, rank};
    }
    for (const ChosenRelease& release : chosen) held_[release.node] = release;
    for (const auto& [node, rank] : request.prefer) preferred_.insert(node);
    for (const InstalledNode& node : request.installed) {
      preferred_.insert(node.node);
      running_[node.node] = node.rank;
    }
  }

  absl::Status LinkRelease(const ChosenRelease& release) {
    ORRERY_ASSIGN_OR_RETURN(const PackageRelations* relations,
                            source_.Load(release.node));
    LinkTable(release, "", relations->requirements);
    for (const std::string& name : release.features) {
      const FeatureRelations* feature = relations->FindFeature(name);
      if (feature != nullptr) LinkTable(release, name, feature->requirements);
    }
    return absl::OkStatus();
  }

  void LinkRequest() {
    for (uint32_t i = 0; i < request_.items.size(); ++i) {
      Add({std::nullopt, "", i, 0, {}}, request_.items[i]);
    }
  }

  std::vector<Link> Take() { return std::move(links_); }

 private:
  void LinkTable(const ChosenRelease& release, const std::string& feature,
                 const RequirementTable& table) {
    const auto places = table.OfRank(release.rank);
    for (uint32_t i = 0; i < places.size(); ++i) {
      Add({release.node, feature, i, 0, {}}, table.distinct()[places[i]].what);
    }
  }

  void Add(Link link, const Requirement& requirement) {
    for (const Alternative& condition : requirement.conditions) {
      if (!Holds(condition)) return;
    }
    std::optional<Link> first;
    for (uint32_t i = 0; i < requirement.any_of.size(); ++i) {
      for (const Node& node : Candidates(link, requirement.any_of[i])) {
        if (!Meets(requirement.any_of[i], node)) continue;
        link.alternative = i;
        link.provider = node;
        if (link.consumer.has_value() &&
            instances_.IsRecorded(*link.consumer, node)) {
          links_.push_back(link);
          return;
        }
        if (!first.has_value()) first = link;
        break;
      }
    }
    if (first.has_value()) links_.push_back(*first);
  }

  // Installed and preferred ones first.
  MeantNodes Candidates(const Link& link,
                        const Alternative& alternative) const {
    MeantNodes nodes = link.consumer.has_value()
                           ? instances_.Meant(*link.consumer, alternative)
                           : instances_.Asked(alternative);
    std::stable_partition(nodes.begin(), nodes.end(), [this](const Node& node) {
      return preferred_.contains(node);
    });
    return nodes;
  }

  bool Meets(const Alternative& alternative, const Node& node) const {
    const auto held = held_.find(node);
    if (held == held_.end()) return false;
    const std::vector<std::string>& features = held->second.features;
    for (const std::string& feature : alternative.features) {
      if (std::find(features.begin(), features.end(), feature) ==
          features.end()) {
        return false;
      }
    }
    return Contains(alternative.target, held->second);
  }

  bool Holds(const Alternative& condition) const {
    return std::any_of(held_.begin(), held_.end(), [&](const auto& entry) {
      return Meets(condition, entry.first);
    });
  }

  bool Contains(const Target& target, const ChosenRelease& release) const {
    std::optional<Rank> running;
    const auto runs = running_.find(release.node);
    if (runs != running_.end()) running = runs->second;
    return std::any_of(target.members.begin(), target.members.end(),
                       [&](const PackageRanks& member) {
                         return member.package == release.node.package &&
                                member.Contains(release.rank, running);
                       });
  }

  const Request& request_;
  MetadataSource& source_;
  Instances instances_;
  absl::flat_hash_map<Node, ChosenRelease> held_;
  absl::flat_hash_set<Node> preferred_;
  absl::flat_hash_map<Node, Rank> running_;
  std::vector<Link> links_;
};

}  // namespace

absl::StatusOr<std::vector<Link>> LinksOf(const Request& request,
                                          std::span<const ChosenRelease> chosen,
                                          MetadataSource& source) {
  Linker linker(request, chosen, source);
  linker.LinkRequest();
  for (const ChosenRelease& release : chosen) {
    ORRERY_RETURN_IF_ERROR(linker.LinkRelease(release));
  }
  return linker.Take();
}

}  // namespace orrery::resolver
