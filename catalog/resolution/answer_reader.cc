#include "catalog/resolution/answer_reader.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

#include "catalog/resolution/change_order.h"
#include "catalog/resolution/newest_release.h"
#include "catalog/resolution/rebinding.h"
#include "registry/status/error_details.h"
#include "resolver/install_order.h"
#include "resolver/links.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using resolver::ChosenRelease;
using resolver::Link;
using resolver::Node;
using resolver::OrderEdge;
using resolver::WrittenAlternative;
using resolver::WrittenBinding;
using resolver::WrittenRequirement;

// Best first.
std::vector<std::string> SourcesOf(const PackageFacts& package) {
  std::vector<std::string> sources;
  for (auto facts = package.releases.rbegin(); facts != package.releases.rend();
       ++facts) {
    if (facts->is_lost || facts->is_shadowed ||
        !facts->release->not_current.empty()) {
      continue;
    }
    const std::string& source = facts->release->source;
    if (sources.empty() || sources.back() != source) sources.push_back(source);
  }
  return sources;
}

// That a better source has the name, or another one had it before
// (trust.md §10.1).
void NoteSource(const std::string& before, ResolvedNode* node) {
  const std::string& source = node->release->source;
  if (!before.empty() && before != source) {
    node->notes.push_back(
        {"source-change",
         absl::StrCat(node->node, " comes from source ", source,
                      " now, and came from ", before, " before")});
  }
  const auto place =
      std::find(node->sources.begin(), node->sources.end(), source);
  if (place == node->sources.begin() || place == node->sources.end()) return;
  const bool is_one = place - node->sources.begin() == 1;
  node->notes.push_back(
      {"passed-over",
       absl::StrCat(
           node->node, " comes from source ", source, "; ",
           absl::StrJoin(node->sources.begin(), place, ", "),
           is_one ? ", the better source, has " : ", the better sources, have ",
           node->package, " too and ", is_one ? "was" : "were",
           " passed over")});
}

// The folder of a service id, empty for none.
std::string GroupOf(const std::string& id) {
  return id.substr(0, id.rfind('/') + 1);
}

class AnswerReader {
 public:
  AnswerReader(PreparedQuery* prepared, Resolution* out)
      : prepared_(*prepared), out_(*out) {}

  absl::Status Read(const resolver::Answer& answer);

 private:
  SnapshotMetadata& metadata() { return *prepared_.metadata; }
  absl::Status AddNode(const ChosenRelease& chosen);
  void AddRemoved(const std::vector<RunningService>& services);
  const RunningService* ServiceOf(const Node& node) const;
  // Service id.
  std::string IdOf(const Node& node) {
    return node.instance.empty() ? std::string(metadata().Name(node.package))
                                 : node.instance;
  }
  const resolver::InstalledNode* InstalledOf(const Node& node) const;
  // Whether the operator allows it no other release.
  bool IsPinned(const Node& node) const;
  absl::Status AddLink(const Link& link);
  // Where a node of the answer stands, and its release.
  struct Place {
    Node node;
    size_t index = 0;
    resolver::Rank rank = 0;
    const ReleaseFacts* release = nullptr;
    // Of what runs, when it changes.
    std::optional<resolver::Rank> from = {};
  };
  absl::Status AddEdge(const Place& consumer, const Place& provider, bool hard);
  absl::Status UseAlternative(const WrittenAlternative& alternative,
                              const Place& provider,
                              const Place& consumer_place);
  absl::Status Set(const std::string& pointer, const resolver::Scalar& scalar,
                   const std::string& who, ResolvedNode* node);
  absl::Status AddFeatures(const ChosenRelease& chosen, ResolvedNode* node);
  absl::Status SortNodes();
  void AddFactsOf(const ReleaseFacts& release);
  void AddNotes();
  void AddOrphans();
  void NoteChoice(const Node& consumer, const Node& provider, bool own);
  void AddFacts();

  PreparedQuery& prepared_;
  Resolution& out_;
  absl::flat_hash_map<Node, Place> places_;
  std::vector<OrderEdge> edges_;
  // Who set what, by node and pointer.
  std::map<std::pair<std::string, std::string>, std::string> setters_;
  std::set<std::string> facts_;
  // Consumers and packages of which it was said that there was a choice.
  std::set<std::pair<std::string, std::string>> choices_;
};

const resolver::InstalledNode* AnswerReader::InstalledOf(
    const Node& node) const {
  for (const resolver::InstalledNode& installed : prepared_.request.installed) {
    if (installed.node == node) return &installed;
  }
  return nullptr;
}

const RunningService* AnswerReader::ServiceOf(const Node& node) const {
  const resolver::InstalledNode* installed = InstalledOf(node);
  if (installed == nullptr) return nullptr;
  return &prepared_.services[installed - prepared_.request.installed.data()];
}

bool AnswerReader::IsPinned(const Node& node) const {
  const resolver::Request& request = prepared_.request;
  return std::any_of(request.locked.begin(), request.locked.end(),
                     [&node](const resolver::NodeRelease& locked) {
                       return locked.node == node;
                     }) ||
         std::find(request.exclude.begin(), request.exclude.end(),
                   node.package) != request.exclude.end();
}

absl::Status AnswerReader::AddNode(const ChosenRelease& chosen) {
  ORRERY_ASSIGN_OR_RETURN(const PackageFacts* package,
                          metadata().FactsOf(chosen.node.package));
  const ReleaseFacts& release = package->releases[chosen.rank];
  ResolvedNode node;
  node.node = metadata().TextOf(chosen.node);
  node.package = package->name;
  node.instance =
      chosen.node.instance.empty() ? package->name : chosen.node.instance;
  node.release = release.release;
  node.relations_digest = release.relations_digest;
  node.is_lost = release.is_lost;
  node.revision = metadata().RevisionOf(release);
  node.tree = TreeOf(release);
  node.sources = SourcesOf(*package);
  ORRERY_ASSIGN_OR_RETURN(const resolver::RankSet untrusted,
                          metadata().UntrustedOf(chosen.node.package));
  node.newest = NewestRelease(*package, chosen.rank, untrusted);
  node.newer_prerelease = NewerPrerelease(*package, untrusted);
  const resolver::InstalledNode* installed = InstalledOf(chosen.node);
  if (!IsPinned(chosen.node)) {
    node.held_below = BetterRelease(
        *package, chosen.rank,
        installed == nullptr ? std::nullopt : installed->reachable);
  }
  node.features = chosen.features;
  std::optional<resolver::Rank> from;
  if (const RunningService* service = ServiceOf(chosen.node)) {
    node.from_release = service->release;
    node.from_version = service->version;
    // A feature that is switched on is a change (resolver.md §5.4).
    const bool is_same = std::all_of(
        chosen.features.begin(), chosen.features.end(),
        [service](const std::string& feature) {
          return std::find(service->features.begin(), service->features.end(),
                           feature) != service->features.end();
        });
    node.action = chosen.rank < installed->rank ? NodeAction::kDowngrade
                  : chosen.rank > installed->rank || !is_same
                      ? NodeAction::kChange
                      : NodeAction::kKeep;
    node.why.push_back("installed");
    if (chosen.rank != installed->rank) from = installed->rank;
  }
  if (node.action != NodeAction::kKeep) {
    const RunningService* before = ServiceOf(chosen.node);
    NoteSource(before == nullptr ? "" : before->source, &node);
  }
  if (!release.release->not_current.empty()) {
    node.notes.push_back(
        {"not-current",
         absl::StrCat(node.node, " ", release.release->version, " (release ",
                      release.release->release, "#", node.revision, ") ",
                      release.release->not_current,
                      ", and is taken because it is named")});
  }
  if (release.has_known_issues) {
    node.notes.push_back(
        {"known-issues",
         absl::StrCat("the maintainers of ", package->name, " ",
                      release.release->version, " know of issues")});
  }
  if (release.version.is_prerelease()) {
    node.notes.push_back({"prerelease", absl::StrCat(release.release->version,
                                                     " is a pre-release")});
  }
  // Many services may be of one package.
  std::string& digest = out_.catalog[package->name];
  if (digest.empty()) {
    ORRERY_ASSIGN_OR_RETURN(digest,
                            metadata().CatalogDigest(chosen.node.package));
  }
  places_[chosen.node] = {chosen.node, out_.nodes.size(), chosen.rank, &release,
                          from};
  ORRERY_RETURN_IF_ERROR(AddFeatures(chosen, &node));
  AddFactsOf(release);
  out_.nodes.push_back(std::move(node));
  return absl::OkStatus();
}

absl::Status AnswerReader::AddFeatures(const ChosenRelease& chosen,
                                       ResolvedNode* node) {
  ORRERY_ASSIGN_OR_RETURN(const PackageFacts* package,
                          metadata().FactsOf(chosen.node.package));
  const auto& features =
      package->releases[chosen.rank].relations->relations.features;
  for (const std::string& name : chosen.features) {
    const auto feature = features.find(name);
    if (feature == features.end()) continue;
    for (const auto& [pointer, scalar] : feature->second.options) {
      ORRERY_RETURN_IF_ERROR(
          Set(pointer, scalar, absl::StrCat("feature ", name), node));
    }
  }
  return absl::OkStatus();
}

// What an alternative sets wins over features; two of one kind must agree.
absl::Status AnswerReader::Set(const std::string& pointer,
                               const resolver::Scalar& scalar,
                               const std::string& who, ResolvedNode* node) {
  const auto [setter, is_new] =
      setters_.try_emplace({node->node, pointer}, who);
  const auto known = node->set.find(pointer);
  const bool over_feature = !is_new && setter->second.starts_with("feature ") &&
                            !who.starts_with("feature ");
  if (known != node->set.end() && known->second != scalar && !over_feature) {
    return registry::WithReason(
        absl::FailedPreconditionError(
            absl::StrCat("relations.set: ", pointer, ": ", setter->second,
                         " wants ", known->second, ", ", who, " wants ", scalar,
                         " (of ", node->node, ")")),
        "OPTIONS_CONFLICT");
  }
  node->set[pointer] = scalar;
  setter->second = who;
  return absl::OkStatus();
}

absl::Status AnswerReader::AddLink(const Link& link) {
  if (!link.consumer.has_value()) {
    const auto provider = places_.find(link.provider);
    if (provider == places_.end()) return absl::OkStatus();
    out_.nodes[provider->second.index].why.push_back(
        absl::StrCat("request:", link.requirement));
    return absl::OkStatus();
  }
  const auto consumer = places_.find(*link.consumer);
  if (consumer == places_.end()) return absl::OkStatus();
  const resolver::Rank rank = consumer->second.rank;
  ResolvedNode& node = out_.nodes[consumer->second.index];
  const WrittenRequirement* written =
      metadata().Written(*link.consumer, rank, link.feature, link.requirement);
  if (metadata().IsFact(link.provider.package)) {
    if (written == nullptr) return absl::OkStatus();
    if (written->any_of.size() > 1) {
      node.facts.emplace_back(metadata().Name(link.provider.package));
    }
    for (const auto& [pointer, scalar] :
         written->any_of[link.alternative].set) {
      ORRERY_RETURN_IF_ERROR(
          Set(pointer, scalar,
              std::string(metadata().Name(link.provider.package)), &node));
    }
    return absl::OkStatus();
  }
  const auto place = places_.find(link.provider);
  if (place == places_.end()) return absl::OkStatus();
  ResolvedNode& provider = out_.nodes[place->second.index];
  if (std::find(provider.why.begin(), provider.why.end(), node.node) ==
      provider.why.end()) {
    provider.why.push_back(node.node);
  }
  provider.requirements[node.node] = metadata().RequirementText(
      *link.consumer, rank, link.feature, link.requirement);
  const size_t bound = node.bindings.size();
  NoteChoice(*link.consumer, link.provider,
             written != nullptr && written->any_of[link.alternative].own);
  if (written != nullptr) {
    ORRERY_RETURN_IF_ERROR(UseAlternative(written->any_of[link.alternative],
                                          place->second, consumer->second));
  }
  const bool hard =
      std::any_of(node.bindings.begin() + static_cast<ptrdiff_t>(bound),
                  node.bindings.end(), [](const ResolvedBinding& binding) {
                    return binding.late && !binding.overridden;
                  });
  return AddEdge(consumer->second, place->second, hard);
}

// Who uses something comes after it, unless both change and only the other way
// round fits meanwhile.
absl::Status AnswerReader::AddEdge(const Place& consumer, const Place& provider,
                                   bool hard) {
  ResolvedNode& user = out_.nodes[consumer.index];
  ResolvedNode& used = out_.nodes[provider.index];
  ChangeOrder order = ChangeOrder::kProviderFirst;
  if (consumer.from.has_value() && provider.from.has_value()) {
    ORRERY_ASSIGN_OR_RETURN(
        order, OrderOf({consumer.node, *consumer.from, consumer.rank,
                        provider.node, *provider.from, provider.rank},
                       metadata()));
  }
  if (order == ChangeOrder::kTogether) {
    out_.notes.push_back(
        {"together",
         absl::StrCat(used.node, " and ", user.node,
                      " fit each other before and after the change, but not "
                      "while only one of them has changed")});
  }
  if (order == ChangeOrder::kConsumerFirst && !hard) {
    used.starts_after.push_back(user.node);
    edges_.push_back({used.node, user.node, false});
  } else {
    user.starts_after.push_back(used.node);
    edges_.push_back({user.node, used.node, hard});
  }
  return absl::OkStatus();
}

absl::Status AnswerReader::UseAlternative(const WrittenAlternative& alternative,
                                          const Place& provider,
                                          const Place& consumer_place) {
  ResolvedNode* consumer = &out_.nodes[consumer_place.index];
  const auto& outputs = provider.release->relations->outputs;
  const OptionValues options =
      metadata().OptionsOf(consumer_place.node, *consumer_place.release);
  for (const auto& [pointer, scalar] : alternative.set) {
    ORRERY_RETURN_IF_ERROR(
        Set(pointer, scalar, out_.nodes[provider.index].node, consumer));
  }
  for (const WrittenBinding& written : alternative.bind) {
    ResolvedBinding binding;
    binding.option = written.option;
    binding.provider = out_.nodes[provider.index].node;
    binding.output = written.output;
    binding.join = written.join;
    const auto output = outputs.find(written.output);
    binding.late = output != outputs.end() && output->second.is_late();
    binding.overridden = options.IsGiven(written.option);
    consumer->bindings.push_back(std::move(binding));
  }
  return absl::OkStatus();
}

void AnswerReader::AddRemoved(const std::vector<RunningService>& services) {
  for (const RunningService& service : RemovalOrder(services)) {
    ResolvedNode node;
    node.node = NodeText(service.package, service.name);
    node.package = service.package;
    node.instance = service.name;
    node.action = NodeAction::kRemove;
    node.from_release = service.release;
    node.from_version = service.version;
    out_.nodes.push_back(std::move(node));
  }
}

absl::Status AnswerReader::SortNodes() {
  std::vector<std::string> names;
  for (ResolvedNode& node : out_.nodes) {
    std::sort(node.why.begin(), node.why.end());
    node.why.erase(std::unique(node.why.begin(), node.why.end()),
                   node.why.end());
    std::sort(node.bindings.begin(), node.bindings.end(),
              [](const ResolvedBinding& a, const ResolvedBinding& b) {
                return a.option < b.option;
              });
    names.push_back(node.node);
  }
  auto order = resolver::InstallOrder(names, edges_);
  if (!order.ok()) return registry::WithReason(order.status(), "PLAN_CYCLE");
  out_.order = *std::move(order);
  std::map<std::string, size_t> place;
  for (const auto& group : out_.order) {
    if (group.size() > 1) {
      out_.notes.push_back({"cycle", absl::StrCat(absl::StrJoin(group, ", "),
                                                  " need each other")});
    }
    for (const std::string& node : group) place.emplace(node, place.size());
  }
  std::stable_sort(out_.nodes.begin(), out_.nodes.end(),
                   [&](const ResolvedNode& a, const ResolvedNode& b) {
                     return place[a.node] < place[b.node];
                   });
  return absl::OkStatus();
}

// Those that its relations name, whether they matter or not.
void AnswerReader::AddFactsOf(const ReleaseFacts& release) {
  const std::vector<std::string> mentions =
      registry::RelationMentions(release.relations->relations);
  for (absl::string_view mention : mentions) {
    if (absl::ConsumePrefix(&mention, "needs ") &&
        absl::StartsWith(mention, "@")) {
      facts_.emplace(mention);
    }
  }
  // Of a hidden one it only says that it is hidden.
  if (release.min_dcos_version.has_value() && !release.release->hidden &&
      (!prepared_.facts.has_value() || prepared_.facts->contains("@dcos"))) {
    facts_.insert("@dcos");
  }
}

// Nobody said which of several services of a package a consumer is to use
// (resolver.md §1.4).
void AnswerReader::NoteChoice(const Node& consumer, const Node& provider,
                              bool own) {
  const auto is_provider = [&provider](const Node& node) {
    return node.package == provider.package;
  };
  const auto& asked = prepared_.request.bindings;
  const bool is_said =
      own || std::any_of(asked.begin(), asked.end(),
                         [&](const resolver::Binding& binding) {
                           return binding.consumer == consumer &&
                                  is_provider(binding.provider);
                         });
  if (is_said) return;
  std::vector<std::string> ids;
  for (const resolver::InstalledNode& installed : prepared_.request.installed) {
    if (installed.node == consumer &&
        std::any_of(installed.bindings.begin(), installed.bindings.end(),
                    is_provider)) {
      return;
    }
    if (!is_provider(installed.node)) continue;
    ids.push_back(IdOf(installed.node));
    if (!GroupOf(IdOf(consumer)).empty() &&
        GroupOf(IdOf(consumer)) == GroupOf(ids.back())) {
      return;
    }
  }
  const std::string package(metadata().Name(provider.package));
  const std::string user = metadata().TextOf(consumer);
  if (ids.size() < 2 || !choices_.emplace(user, package).second) return;
  std::sort(ids.begin(), ids.end());
  out_.notes.push_back(
      {"instance.ambiguous",
       absl::StrCat("several services are ", package, ": ",
                    absl::StrJoin(ids, ", "), "; ", user, " uses ",
                    IdOf(provider), " unless you say which: --bind ", user, ":",
                    package, "=SERVICE")});
}

// What came with others stays in use through what is asked for, and what an
// operation is about to change.
void AnswerReader::AddOrphans() {
  std::map<std::string, const RunningService*> records;
  for (const RunningService& service : prepared_.services) {
    records[NodeText(service.package, service.name)] = &service;
  }
  const auto is_changing = [&records](const std::string& node) {
    const auto record = records.find(node);
    return record != records.end() && !record->second->operation.empty();
  };
  std::set<std::string> used;
  size_t before = 0;
  do {
    before = used.size();
    for (const ResolvedNode& node : out_.nodes) {
      const auto record = records.find(node.node);
      const bool is_wanted =
          record == records.end() || record->second->added_for.empty() ||
          is_changing(node.node) ||
          std::any_of(record->second->added_for.begin(),
                      record->second->added_for.end(), is_changing);
      const bool is_needed = std::any_of(
          node.why.begin(), node.why.end(), [&used](const std::string& why) {
            return used.contains(why) || absl::StartsWith(why, "request:");
          });
      if (is_wanted || is_needed) used.insert(node.node);
    }
  } while (used.size() != before);
  for (ResolvedNode& node : out_.nodes) {
    if (used.contains(node.node)) continue;
    node.notes.push_back(
        OrphanNote(node.instance, records.at(node.node)->added_for));
  }
}

void AnswerReader::AddNotes() {
  for (const RunningService& service : prepared_.lost) {
    out_.notes.push_back(
        {"not-admitted",
         absl::StrCat("release ", service.release, " (", service.version,
                      ") of ", NodeText(service.package, service.name),
                      " is not in source ", service.source,
                      " any more; what runs is what was installed")});
  }
  if (prepared_.facts.has_value()) return;
  out_.unchecked.assign(facts_.begin(), facts_.end());
  if (out_.unchecked.empty()) return;
  out_.notes.push_back(
      {"facts.unchecked",
       absl::StrCat("without a cluster nobody can say whether these hold: ",
                    absl::StrJoin(out_.unchecked, ", "))});
}

void AnswerReader::AddFacts() {
  if (!prepared_.facts.has_value()) return;
  for (const std::string& fact : facts_) {
    const auto found = prepared_.facts->find(fact);
    if (found == prepared_.facts->end()) {
      out_.facts[fact] = std::nullopt;
    } else {
      out_.facts[fact] = found->second;
    }
  }
}

absl::Status AnswerReader::Read(const resolver::Answer& answer) {
  for (const ChosenRelease& chosen : answer.chosen) {
    // Facts that nobody listed stand in the answer like packages.
    if (metadata().IsFact(chosen.node.package)) continue;
    ORRERY_RETURN_IF_ERROR(AddNode(chosen));
  }
  ORRERY_ASSIGN_OR_RETURN(
      const std::vector<Link> links,
      resolver::LinksOf(prepared_.request, answer.chosen, metadata()));
  for (const Link& link : links) ORRERY_RETURN_IF_ERROR(AddLink(link));
  AddOrphans();
  ORRERY_RETURN_IF_ERROR(SortNodes());
  std::vector<RunningService> gone = prepared_.removed;
  for (const RunningService& service : prepared_.services) {
    if (out_.Find(NodeText(service.package, service.name)) == nullptr) {
      gone.push_back(service);
    }
  }
  AddRemoved(gone);
  FindRebound(prepared_.services, &out_);
  AddNotes();
  AddFacts();
  out_.removed =
      answer.removed + static_cast<uint32_t>(prepared_.removed.size());
  out_.changed = answer.changed;
  out_.added = static_cast<uint32_t>(std::count_if(
      out_.nodes.begin(), out_.nodes.end(), [](const ResolvedNode& node) {
        return node.action == NodeAction::kAdd;
      }));
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadAnswer(const resolver::Answer& answer, PreparedQuery& prepared,
                        Resolution* out) {
  return AnswerReader(&prepared, out).Read(answer);
}

}  // namespace orrery::catalog
