#include "catalog/resolution/resolver_request.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "catalog/resolution/cluster_facts.h"
#include "catalog/resolution/lost_release.h"
#include "catalog/resolution/named_snapshot.h"
#include "catalog/resolution/package_facts.h"
#include "registry/format/json_parse.h"
#include "registry/status/error_details.h"
#include "resolver/edges.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using resolver::Alternative;
using resolver::Downgrades;
using resolver::Node;
using resolver::PackageId;
using resolver::PackageRanks;
using resolver::Rank;
using resolver::RankInterval;
using resolver::RankSet;
using resolver::Requirement;

std::string InstanceOf(const RunningService& service) {
  return service.name == service.package ? std::string() : service.name;
}

bool IsNamed(const std::vector<NodeName>& names,
             const RunningService& service) {
  return std::any_of(names.begin(), names.end(), [&](const NodeName& name) {
    return name.package == service.package &&
           name.instance == InstanceOf(service);
  });
}

class Preparation {
 public:
  Preparation(const ResolveQuery& query, PreparedQuery* out)
      : query_(query), out_(*out) {}

  absl::Status Run(const QueryInputs& inputs);

 private:
  SnapshotMetadata& metadata() { return *out_.metadata; }
  resolver::Request& request() { return out_.request; }

  Node NodeOf(const NodeName& name) {
    return {metadata().IdOf(name.package), name.instance};
  }
  absl::Status CheckNodes(const std::vector<NodeName>& names) const;
  absl::Status AddItems();
  absl::Status AddService(RunningService service);
  absl::Status AddEdges(const RunningService& service,
                        const PackageFacts& package,
                        resolver::InstalledNode* node);
  // A service or a fact.
  absl::StatusOr<Node> ProviderOf(const ServiceBinding& binding);
  absl::Status AddPins();
  absl::StatusOr<RankSet> RanksOf(const AskedTree& asked);
  absl::Status TakeTrees(const std::string& package, resolver::Target* target);
  absl::Status AddTrees();
  absl::Status AddFacts(const QueryInputs& inputs);

  const ResolveQuery& query_;
  PreparedQuery& out_;
};

absl::Status Preparation::CheckNodes(const std::vector<NodeName>& names) const {
  for (const NodeName& name : names) {
    const auto is_it = [&](const RunningService& service) {
      return name.package == service.package &&
             name.instance == InstanceOf(service);
    };
    const bool known =
        std::any_of(out_.services.begin(), out_.services.end(), is_it) ||
        std::any_of(out_.removed.begin(), out_.removed.end(), is_it);
    if (known) continue;
    const std::string text = NodeText(name.package, name.instance);
    // It may be named as a service, which says nothing of its package.
    std::string meant;
    for (const RunningService& service : out_.services) {
      if (service.name == text) meant = NodeText(service.package, service.name);
    }
    return registry::WithReason(
        absl::NotFoundError(absl::StrCat(
            "no service ", text, " is installed on cluster ", query_.cluster,
            meant.empty() ? "" : absl::StrCat("; did you mean ", meant, "?"))),
        "SERVICE_NOT_FOUND",
        {{"service", text}, {registry::kDidYouMean, meant}});
  }
  return absl::OkStatus();
}

absl::Status Preparation::AddItems() {
  for (const RequestItem& item : query_.items) {
    Requirement requirement;
    ORRERY_ASSIGN_OR_RETURN(Alternative alternative,
                            metadata().AlternativeOf(item));
    if (!item.is_capability) {
      ORRERY_RETURN_IF_ERROR(TakeTrees(item.name, &alternative.target));
    }
    requirement.any_of.push_back(std::move(alternative));
    request().items.push_back(std::move(requirement));
  }
  return absl::OkStatus();
}

// The releases of the package with that content.
absl::StatusOr<RankSet> Preparation::RanksOf(const AskedTree& asked) {
  ORRERY_ASSIGN_OR_RETURN(const PackageFacts* facts,
                          metadata().FactsOf(metadata().IdOf(asked.package)));
  RankSet ranks;
  for (Rank rank = 0; rank < facts->releases.size(); ++rank) {
    if (TreeOf(facts->releases[rank]) == asked.tree) {
      ranks.Append(rank);
    }
  }
  if (!ranks.empty()) return ranks;
  return registry::WithReason(
      absl::FailedPreconditionError(absl::StrCat(
          "no release of ", asked.package, " has the content ", asked.tree)),
      "TREE_NOT_FOUND", {{"package", asked.package}});
}

// What an item asks for has the contents that are named for its package.
absl::Status Preparation::TakeTrees(const std::string& package,
                                    resolver::Target* target) {
  for (const AskedTree& asked : query_.trees) {
    if (asked.package != package) continue;
    ORRERY_ASSIGN_OR_RETURN(const RankSet with_content, RanksOf(asked));
    RankSet& ranks = target->members.front().ranks;
    RankSet both;
    for (const RankInterval& run : ranks.intervals()) {
      for (Rank rank = run.first; rank <= run.last; ++rank) {
        if (with_content.Contains(rank)) both.Append(rank);
      }
    }
    ranks = std::move(both);
    target->range = target->range == "*"
                        ? asked.tree
                        : absl::StrCat(target->range, " ", asked.tree);
  }
  return absl::OkStatus();
}

absl::Status Preparation::AddService(RunningService service) {
  const PackageId package = metadata().IdOf(service.package);
  ORRERY_ASSIGN_OR_RETURN(const PackageFacts* facts,
                          metadata().FactsOf(package));
  const std::optional<size_t> running = RankOf(*facts, service);
  // Made part of its package before.
  if (!running.has_value()) {
    return absl::InternalError(
        absl::StrCat("the release of ", service.name, " is not there"));
  }
  if (facts->releases[*running].is_lost) out_.lost.push_back(service);
  resolver::InstalledNode node;
  node.node = {package, InstanceOf(service)};
  node.rank = static_cast<Rank>(*running);
  ORRERY_RETURN_IF_ERROR(AddEdges(service, *facts, &node));
  node.features = service.features;
  for (const ServiceBinding& binding : service.bindings) {
    ORRERY_ASSIGN_OR_RETURN(const Node bound, ProviderOf(binding));
    if (std::find(node.bindings.begin(), node.bindings.end(), bound) ==
        node.bindings.end()) {
      node.bindings.push_back(bound);
    }
  }
  if (!query_.allow_removal) {
    RequestItem stays;
    stays.name = service.package;
    stays.instance = InstanceOf(service);
    Requirement keep;
    ORRERY_ASSIGN_OR_RETURN(Alternative alternative,
                            metadata().AlternativeOf(stays));
    keep.any_of.push_back(std::move(alternative));
    request().keep.push_back(std::move(keep));
  }
  request().installed.push_back(std::move(node));
  out_.services.push_back(std::move(service));
  return absl::OkStatus();
}

absl::StatusOr<Node> Preparation::ProviderOf(const ServiceBinding& binding) {
  if (absl::StartsWith(binding.provider, "@")) {
    return Node{metadata().IdOf(binding.provider)};
  }
  ORRERY_ASSIGN_OR_RETURN(const NodeName provider,
                          ParseNodeName(binding.provider));
  return NodeOf(provider);
}

// Along the edges, and inside its source.
absl::Status Preparation::AddEdges(const RunningService& service,
                                   const PackageFacts& package,
                                   resolver::InstalledNode* node) {
  ORRERY_ASSIGN_OR_RETURN(const auto candidates,
                          metadata().Candidates(metadata().IdOf(package.name)));
  std::vector<resolver::ReleaseEdges>& edges = out_.edges.emplace_back();
  for (const ReleaseFacts& release : package.releases) {
    edges.push_back(release.edges);
  }
  RankSet reachable = resolver::ReachableRanks(
      candidates, edges, node->rank,
      query_.allow_downgrade ? Downgrades::kAllowed : Downgrades::kNever);
  // Another revision of what runs is no other release, which an edge would have
  // to name.
  for (Rank other = 0; other < package.releases.size(); ++other) {
    const registry::Release& release = *package.releases[other].release;
    if (release.source == service.source &&
        release.release == service.release &&
        (other > node->rank || query_.allow_downgrade)) {
      reachable = Union(reachable, {{other, other}});
    }
  }
  node->edges = edges;
  node->reachable = reachable;
  if (query_.allow_source_change) return absl::OkStatus();
  RankSet same_source;
  for (Rank other = 0; other < package.releases.size(); ++other) {
    if (package.releases[other].release->source != service.source) {
      node->elsewhere.Append(other);
    } else if (reachable.Contains(other)) {
      same_source.Append(other);
    }
  }
  node->reachable = std::move(same_source);
  return absl::OkStatus();
}

absl::Status Preparation::AddPins() {
  for (const std::string& package : query_.exclude) {
    request().exclude.push_back(metadata().IdOf(package));
  }
  for (const NodeName& name : query_.update) {
    request().update.push_back(NodeOf(name));
  }
  for (const NodeName& name : query_.hold) {
    const Node node = NodeOf(name);
    for (size_t i = 0; i < request().installed.size(); ++i) {
      if (request().installed[i].node != node) continue;
      request().locked.push_back({node, request().installed[i].rank});
      out_.hold.push_back(absl::StrCat(NodeText(name.package, name.instance),
                                       "=", out_.services[i].release));
    }
  }
  for (const NodeName& name : query_.remove) {
    request().remove.push_back(NodeOf(name));
  }
  for (const AskedBinding& binding : query_.bindings) {
    request().bindings.push_back(
        {NodeOf(binding.consumer),
         {metadata().IdOf(binding.package), binding.instance == binding.package
                                                ? std::string()
                                                : binding.instance}});
  }
  return absl::OkStatus();
}

// What no item asks for may come as a dependency; what runs stays what it is.
absl::Status Preparation::AddTrees() {
  for (const AskedTree& asked : query_.trees) {
    const bool is_of_item = std::any_of(
        query_.items.begin(), query_.items.end(), [&](const RequestItem& item) {
          return !item.is_capability && item.name == asked.package;
        });
    if (is_of_item) continue;
    ORRERY_ASSIGN_OR_RETURN(RankSet ranks, RanksOf(asked));
    const PackageId package = metadata().IdOf(asked.package);
    for (const resolver::InstalledNode& running : request().installed) {
      if (running.node.package != package) continue;
      ranks = Union(ranks, {{running.rank, running.rank}});
    }
    PackageRanks& limit = request().limits.emplace_back();
    limit.package = package;
    limit.ranks = std::move(ranks);
  }
  return absl::OkStatus();
}

// All that relations may name: what the cluster lacks can be explained then,
// and without a cluster each of them holds (resolver.md §1.5).
absl::Status Preparation::AddFacts(const QueryInputs& inputs) {
  ORRERY_ASSIGN_OR_RETURN(const std::vector<std::string> labels,
                          inputs.cache->Labels(inputs.snapshot));
  std::set<std::string> names(labels.begin(), labels.end());
  for (const absl::string_view name : KnownFacts()) names.emplace(name);
  if (inputs.facts.has_value()) {
    for (const auto& [name, value] : *inputs.facts) names.insert(name);
  }
  for (const std::string& name : names) {
    const PackageId id = metadata().IdOf(name);
    if (!inputs.facts.has_value() || inputs.facts->contains(name)) {
      request().facts.push_back({{id}, 0});
    } else {
      request().absent_facts.push_back(id);
    }
  }
  return absl::OkStatus();
}

absl::Status Preparation::Run(const QueryInputs& inputs) {
  request().update_all = query_.update_all;
  request().oldest_first = query_.oldest_first;
  request().max_steps = query_.max_steps;
  request().is_out_of_time = query_.is_out_of_time;
  request().downgrades =
      query_.allow_downgrade ? Downgrades::kAllowed : Downgrades::kNever;
  ORRERY_RETURN_IF_ERROR(AddItems());
  for (const RunningService& service : inputs.services) {
    if (IsNamed(query_.remove, service)) {
      out_.removed.push_back(service);
    } else {
      ORRERY_RETURN_IF_ERROR(AddService(service));
    }
  }
  for (const auto* names : {&query_.update, &query_.remove, &query_.hold}) {
    ORRERY_RETURN_IF_ERROR(CheckNodes(*names));
  }
  ORRERY_RETURN_IF_ERROR(AddPins());
  ORRERY_RETURN_IF_ERROR(AddTrees());
  return AddFacts(inputs);
}

// What runs stays a candidate of its service (resolver.md §1.3).
absl::Status AddRunning(const QueryInputs& inputs, ResolutionContext* context) {
  for (const RunningService& service : inputs.services) {
    context->running[NodeText(service.package, service.name)] = {
        service.package, service.source, service.release, service.tree};
    const auto known = context->with_lost.find(service.package);
    std::shared_ptr<const PackageFacts> package;
    if (known != context->with_lost.end()) {
      package = known->second;
    } else {
      ORRERY_ASSIGN_OR_RETURN(
          package,
          inputs.cache->Get(inputs.snapshot, service.package,
                            OverlaysOf(inputs.admission, service.package)));
    }
    ORRERY_ASSIGN_OR_RETURN(std::shared_ptr<const PackageFacts> with,
                            WithRunning(*inputs.snapshot, package, service));
    if (with != package) context->with_lost[service.package] = std::move(with);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status AddNamed(const ResolveQuery& query, QueryInputs* inputs) {
  if (inputs->admission == nullptr) return absl::OkStatus();
  ORRERY_ASSIGN_OR_RETURN(
      registry::SnapshotPtr snapshot,
      WithNamed(inputs->snapshot, *inputs->admission, ContentsNamedBy(query)));
  if (snapshot == inputs->snapshot) return absl::OkStatus();
  inputs->snapshot = std::move(snapshot);
  // What others ask about is not forgotten for it.
  inputs->cache = std::make_shared<PackageFactsCache>();
  return absl::OkStatus();
}

absl::StatusOr<PreparedQuery> PrepareQuery(const ResolveQuery& query,
                                           const QueryInputs& inputs) {
  ResolutionContext context;
  context.snapshot = inputs.snapshot;
  context.cache = inputs.cache.get();
  context.facts = inputs.facts;
  context.admission = inputs.admission;
  context.bars_refused = inputs.bars_refused;
  context.options = query.options;
  for (const RunningService& service : inputs.services) {
    const absl::StatusOr<registry::JsonDocument> options =
        registry::ParseJson(service.options);
    if (!options.ok()) continue;
    context.options.emplace(NodeText(service.package, service.name),
                            options->root);
  }
  ORRERY_RETURN_IF_ERROR(AddRunning(inputs, &context));
  context.allow_prereleases = query.allow_prereleases;
  context.prereleases_of = {query.prereleases_of.begin(),
                            query.prereleases_of.end()};
  for (const RequestItem& item : query.items) {
    context.asked[item.name].push_back(item.versions);
  }
  if (!query.locked) {
    ResolveQuery naming;
    naming.items = query.items;
    naming.trees = query.trees;
    context.names = [naming = std::move(naming)](const ReleaseFacts& facts,
                                                 int64_t revision) {
      const registry::Release& release = *facts.release;
      return NamesTree(naming, release.name, TreeOf(facts)) ||
             NamesRevision(naming, release.name, release.version,
                           release.release, revision);
    };
  }
  PreparedQuery prepared;
  prepared.metadata = std::make_unique<SnapshotMetadata>(std::move(context));
  prepared.facts = inputs.facts;
  ORRERY_RETURN_IF_ERROR(Preparation(query, &prepared).Run(inputs));
  return prepared;
}

}  // namespace orrery::catalog
