#include "catalog/resolution/package_resolver.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

#include "catalog/resolution/cluster_facts.h"
#include "catalog/resolution/locked_why.h"
#include "catalog/resolution/not_admitted.h"
#include "catalog/resolution/query_fixes.h"
#include "catalog/resolution/refusal_facts.h"
#include "catalog/resolution/solve.h"
#include "registry/status/refusal_details.h"
#include "resolver/spelling.h"
#include "resolver/version_range.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using resolver::Fact;
using resolver::Status;

// Of a re-solve that only looks for a reason.
constexpr uint64_t kHeldSteps = 200'000;
// So many reasons are worked out.
constexpr size_t kMaxReasons = 20;

constexpr char kNotWorkedOut[] = "not worked out";

// Who asks waits no longer than a minute, and wants to hear of it.
constexpr absl::Duration kMaxTime = absl::Seconds(30);

std::function<bool()> TimeGuard() {
  return [end = absl::Now() + kMaxTime] { return absl::Now() >= end; };
}

bool IsAmong(const std::vector<NodeName>& names, const ResolvedNode& node) {
  return std::any_of(names.begin(), names.end(), [&](const NodeName& name) {
    return NodeText(name.package, name.instance) == node.node;
  });
}

bool IsUpdated(const ResolveQuery& query, const ResolvedNode& node) {
  return query.update_all || IsAmong(query.update, node);
}

bool IsAsked(const ResolveQuery& query, const ResolvedNode& node) {
  return IsUpdated(query, node) || IsAmong(query.remove, node) ||
         std::any_of(query.items.begin(), query.items.end(),
                     [&](const RequestItem& item) {
                       return item.NodeText() == node.node;
                     });
}

NodeName NameOf(const ResolvedNode& node) {
  return {node.package, node.instance == node.package ? "" : node.instance};
}

// Exactly this release of the node.
absl::StatusOr<RequestItem> ItemFor(const ResolvedNode& node,
                                    const registry::Release& release) {
  RequestItem item;
  item.name = node.package;
  item.instance = NameOf(node).instance;
  ORRERY_ASSIGN_OR_RETURN(
      item.versions,
      resolver::VersionRange::Parse(absl::StrCat("release=", release.release)));
  return item;
}

// What is not current is not chosen by its number: its content is named.
void NameContent(const ResolvedNode& node, ResolveQuery* query) {
  if (node.release->not_current.empty()) return;
  query->trees.push_back({node.package, node.tree});
}

// The first fact that is not about what `query` asks for from the item
// `first_own` on.
std::string ReasonOf(const Resolution& refused, size_t first_own) {
  for (const ToldFact& told : refused.told) {
    const bool is_the_question =
        told.fact.kind == Fact::Kind::kRequest && told.fact.index >= first_own;
    if (!is_the_question) return told.sentence;
  }
  return kNotWorkedOut;
}

// Of what stays although it would not be chosen any more.
void NoteRunning(const QueryInputs& inputs, Resolution* resolution) {
  if (inputs.admission == nullptr) return;
  for (ResolvedNode& node : resolution->nodes) {
    if (node.action != NodeAction::kKeep) continue;
    for (const RunningService& record : inputs.services) {
      if (record.name != node.instance) continue;
      for (AnswerNote& note : NotesOnRunning(*inputs.admission, record)) {
        node.notes.push_back(std::move(note));
      }
    }
  }
}

// As items name them, nearest first.
absl::StatusOr<std::vector<std::string>> SimilarCapabilities(
    const registry::Snapshot& snapshot, absl::string_view name) {
  constexpr absl::string_view kProvides = "provides ";
  ORRERY_ASSIGN_OR_RETURN(std::vector<std::string> known,
                          snapshot.Mentions(kProvides));
  for (std::string& capability : known) capability.erase(0, kProvides.size());
  std::vector<std::string> nearest = resolver::NearestWords(name, known);
  for (std::string& capability : nearest) capability.insert(0, "cap:");
  return nearest;
}

// Items that name what nobody has.
absl::Status FindUnknown(const ResolveQuery& query,
                         const registry::Snapshot& snapshot,
                         PreparedQuery& prepared, Resolution* out) {
  for (const RequestItem& item : query.items) {
    if (item.is_capability) {
      RequestItem of_any_version = item;
      of_any_version.versions = resolver::VersionRange();
      ORRERY_ASSIGN_OR_RETURN(const resolver::Alternative alternative,
                              prepared.metadata->AlternativeOf(of_any_version));
      if (alternative.target.members.empty()) {
        ORRERY_ASSIGN_OR_RETURN(out->unknown[absl::StrCat("cap:", item.name)],
                                SimilarCapabilities(snapshot, item.name));
      }
      continue;
    }
    ORRERY_ASSIGN_OR_RETURN(
        const PackageFacts* package,
        prepared.metadata->FactsOf(prepared.metadata->IdOf(item.name)));
    if (package->releases.empty()) {
      out->unknown[item.name] = snapshot.SimilarNames(item.name);
    }
  }
  return absl::OkStatus();
}

}  // namespace

PackageResolver::PackageResolver(
    RunningServicesOf services, const Clusters* clusters,
    std::function<registry::SnapshotPtr()> snapshot,
    std::function<ReleaseAdmissionPtr()> admission)
    : services_(std::move(services)),
      clusters_(clusters),
      snapshot_(std::move(snapshot)),
      admission_(std::move(admission)),
      cache_(std::make_shared<PackageFactsCache>()) {}

absl::StatusOr<Resolution> PackageResolver::Resolve(const ResolveQuery& query) {
  ORRERY_ASSIGN_OR_RETURN(const QueryInputs inputs, InputsOf(query));
  return Resolve(query, inputs);
}

absl::StatusOr<Resolution> PackageResolver::Resolve(const ResolveQuery& asked,
                                                    const QueryInputs& inputs) {
  ResolveQuery query = asked;
  if (query.is_out_of_time == nullptr) query.is_out_of_time = TimeGuard();
  bool has_refused = false;
  absl::StatusOr<Resolution> resolution =
      ResolveOnce(query, inputs, Advice::kFixes, &has_refused);
  if (!resolution.ok() || resolution->status == Status::kUnsatisfiable) {
    if (has_refused) {
      ORRERY_RETURN_IF_ERROR(CheckPolicyIsInTheWay(query, inputs));
    }
    ORRERY_RETURN_IF_ERROR(CheckNamedReleases(query, inputs));
  }
  if (resolution.ok() && resolution->status == Status::kSolved) {
    ORRERY_RETURN_IF_ERROR(FindHeld(query, inputs, &*resolution));
    ORRERY_RETURN_IF_ERROR(FindMoved(query, inputs, &*resolution));
  }
  return resolution;
}

absl::StatusOr<Resolution> PackageResolver::ReadLock(const Lock& lock) {
  return LockedResolution(lock, snapshot_(), cache_.get());
}

absl::Status PackageResolver::CheckPolicyIsInTheWay(const ResolveQuery& query,
                                                    const QueryInputs& inputs) {
  ResolveQuery short_query = query;
  short_query.max_steps = query.max_fix_steps;
  QueryInputs lenient = inputs;
  lenient.bars_refused = false;
  const absl::StatusOr<Resolution> answer =
      ResolveOnce(short_query, lenient, Advice::kNothing);
  if (!answer.ok()) return absl::OkStatus();
  for (const ResolvedNode& node : answer->nodes) {
    const bool is_chosen_anew = node.action == NodeAction::kAdd ||
                                node.action == NodeAction::kChange ||
                                node.action == NodeAction::kDowngrade;
    if (!is_chosen_anew) continue;
    ORRERY_RETURN_IF_ERROR(
        registry::TellRefusal(inputs.admission->Admit(*node.release)));
  }
  return absl::OkStatus();
}

absl::Status PackageResolver::CheckNamedReleases(const ResolveQuery& query,
                                                 const QueryInputs& inputs) {
  if (inputs.admission == nullptr) return absl::OkStatus();
  for (const RequestItem& item : query.items) {
    if (item.is_capability || !item.versions.names_one()) continue;
    const absl::StatusOr<registry::ReleasePtr> offered =
        inputs.snapshot->Select(item.name, item.versions);
    if (!absl::IsNotFound(offered.status())) continue;
    ORRERY_RETURN_IF_ERROR(registry::TellRefusal(
        inputs.admission->ExplainAbsence(item.name, item.versions)));
  }
  return absl::OkStatus();
}

absl::Status PackageResolver::FindHeld(const ResolveQuery& query,
                                       const QueryInputs& inputs,
                                       Resolution* resolution) {
  for (const ResolvedNode& node : resolution->nodes) {
    const bool is_updated = IsUpdated(query, node);
    registry::ReleasePtr better = node.held_below;
    // Who asks for the newest wants to know why it cannot be reached, too.
    if (better == nullptr && is_updated && node.newest != node.release) {
      better = node.newest;
    }
    if (better == nullptr) continue;
    // A note says that it was named.
    if (!node.release->not_current.empty()) continue;
    // What nobody asked to move is where it is for that reason alone.
    if (node.action == NodeAction::kKeep && !is_updated) continue;
    HeldNode held{node.node, node.release->version, better->version,
                  kNotWorkedOut};
    // Labels may repeat.
    if (held.version == held.newest) {
      absl::StrAppend(&held.version, " (release ", node.release->release, ")");
      absl::StrAppend(&held.newest, " (release ", better->release, ")");
    }
    if (better->source != node.release->source) {
      absl::StrAppend(&held.newest, " of source ", better->source);
    }
    if (resolution->held.size() < kMaxReasons) {
      ORRERY_ASSIGN_OR_RETURN(
          held.reason, WhyNot(query, inputs, *resolution, node, *better));
    }
    resolution->held.push_back(std::move(held));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> PackageResolver::WhyNot(
    const ResolveQuery& query, const QueryInputs& inputs,
    const Resolution& answer, const ResolvedNode& node,
    const registry::Release& release) {
  for (const RunningService& service : inputs.services) {
    if (service.name == node.instance && service.source != release.source &&
        !query.allow_source_change) {
      return absl::StrCat(node.node, " runs from source ", service.source,
                          "; what source ", release.source,
                          " has of it is taken with --allow-source-change");
    }
  }
  ResolveQuery stricter = query;
  stricter.lock.reset();
  stricter.locked = false;
  stricter.max_steps = kHeldSteps;
  ORRERY_ASSIGN_OR_RETURN(RequestItem wanted, ItemFor(node, release));
  stricter.items.push_back(std::move(wanted));
  for (const ResolvedNode& other : answer.nodes) {
    if (other.node == node.node || other.release == nullptr) continue;
    if (other.action == NodeAction::kKeep) {
      stricter.hold.push_back(NameOf(other));
      continue;
    }
    ORRERY_ASSIGN_OR_RETURN(RequestItem item, ItemFor(other, *other.release));
    stricter.items.push_back(std::move(item));
    NameContent(other, &stricter);
  }
  ORRERY_ASSIGN_OR_RETURN(const Resolution refused,
                          ResolveOnce(stricter, inputs, Advice::kFacts));
  return ReasonOf(refused, query.items.size());
}

absl::Status PackageResolver::FindMoved(const ResolveQuery& query,
                                        const QueryInputs& inputs,
                                        Resolution* resolution) {
  size_t count = 0;
  for (ResolvedNode& node : resolution->nodes) {
    if (node.action == NodeAction::kKeep || node.action == NodeAction::kAdd ||
        IsAsked(query, node)) {
      continue;
    }
    // It stays what it is, and gets features.
    if (node.release != nullptr && node.from_release == node.release->release) {
      node.reason = absl::StrJoin(
          node.requirements, "; ", [](std::string* out, const auto& entry) {
            absl::StrAppend(out, entry.first, " needs ", entry.second);
          });
      continue;
    }
    if (++count > kMaxReasons) {
      node.reason = kNotWorkedOut;
      continue;
    }
    ORRERY_ASSIGN_OR_RETURN(node.reason,
                            ReasonToMove(query, inputs, *resolution, node));
  }
  return absl::OkStatus();
}

// The first fact in the way of the same answer without the move.
absl::StatusOr<std::string> PackageResolver::ReasonToMove(
    const ResolveQuery& query, const QueryInputs& inputs,
    const Resolution& resolution, const ResolvedNode& node) {
  ResolveQuery stricter = query;
  stricter.lock.reset();
  stricter.locked = false;
  stricter.max_steps = kHeldSteps;
  stricter.allow_removal = false;
  stricter.items.clear();
  for (const ResolvedNode& other : resolution.nodes) {
    if (other.release == nullptr || !IsAsked(query, other)) continue;
    ORRERY_ASSIGN_OR_RETURN(RequestItem item, ItemFor(other, *other.release));
    stricter.items.push_back(std::move(item));
    NameContent(other, &stricter);
  }
  stricter.hold.push_back(NameOf(node));
  ORRERY_ASSIGN_OR_RETURN(const Resolution refused,
                          ResolveOnce(stricter, inputs, Advice::kFacts));
  return ReasonOf(refused, 0);
}

absl::StatusOr<QueryInputs> PackageResolver::InputsOf(
    const ResolveQuery& query) {
  QueryInputs inputs;
  inputs.snapshot = snapshot_();
  inputs.cache = cache_;
  if (admission_ != nullptr) inputs.admission = admission_();
  if (!query.cluster.empty()) {
    ORRERY_ASSIGN_OR_RETURN(Orchestrator * cluster,
                            clusters_->Find(query.cluster));
    inputs.facts = ClusterFacts(cluster->kind());
    inputs.facts->merge(cluster->Facts());
  }
  if (query.installed && !query.cluster.empty()) {
    ORRERY_ASSIGN_OR_RETURN(inputs.services, services_(query.cluster));
  }
  ORRERY_RETURN_IF_ERROR(registry::TellRefusal(AddNamed(query, &inputs)));
  return inputs;
}

absl::StatusOr<Resolution> PackageResolver::ResolveOnce(
    const ResolveQuery& query, const QueryInputs& inputs, Advice advice,
    bool* has_refused) {
  ORRERY_ASSIGN_OR_RETURN(PreparedQuery prepared, PrepareQuery(query, inputs));
  Resolution resolution;
  const absl::Status solved = Solve(query, prepared, &resolution);
  if (has_refused != nullptr) *has_refused = prepared.metadata->has_refused();
  ORRERY_RETURN_IF_ERROR(solved);
  if (resolution.status == Status::kSolved) {
    NoteRunning(inputs, &resolution);
  } else if (resolution.status == Status::kUnsatisfiable &&
             advice != Advice::kNothing) {
    ORRERY_RETURN_IF_ERROR(
        FindUnknown(query, *inputs.snapshot, prepared, &resolution));
    ORRERY_ASSIGN_OR_RETURN(
        const std::vector<Fact> facts,
        ExplainRefusal(prepared, query.max_explain_steps, &resolution));
    if (facts.empty()) {
      // That it is refused is proved; why could not be told any more.
      resolution.status = Status::kGaveUp;
      const bool is_out_of_time =
          query.is_out_of_time != nullptr && query.is_out_of_time();
      resolution.limit =
          is_out_of_time ? resolver::Limit::kTime : resolver::Limit::kSteps;
      resolution.unfinished = resolver::Stage::kSolution;
      return resolution;
    }
    if (advice == Advice::kFixes) {
      ORRERY_ASSIGN_OR_RETURN(resolution.fixes,
                              FixesFor(query, inputs, prepared, facts));
    }
  }
  return resolution;
}

}  // namespace orrery::catalog
