#include "catalog/planning/plan_steps.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "catalog/options/merge_options.h"
#include "catalog/planning/default_changes.h"
#include "catalog/planning/service_step.h"
#include "catalog/resolution/lost_release.h"
#include "catalog/resolution/request_item.h"
#include "catalog/store/removal_step.h"
#include "registry/format/json_parse.h"
#include "registry/judge/tree_hash.h"
#include "registry/status/error_details.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

JsonValue ObjectOf(const std::string& text) {
  absl::StatusOr<registry::JsonDocument> json = registry::ParseJson(text);
  return json.ok() ? std::move(json->root) : JsonValue::Object();
}

absl::Status Changed(absl::string_view what) {
  return registry::WithReason(
      absl::AbortedError(absl::StrCat(what, " meanwhile; plan again")),
      "PLAN_CHANGED");
}

// Sums of fractions, as people write them.
Resources Rounded(const Resources& resources) {
  return {std::round(resources.cpus * 1000) / 1000, std::round(resources.mem)};
}

}  // namespace

PlanSteps::PlanSteps(CatalogStore* store, const Clusters* clusters,
                     const registry::Snapshot* snapshot,
                     const Resolution* resolution, const StepWishes* wishes)
    : store_(store),
      clusters_(clusters),
      snapshot_(*snapshot),
      resolution_(*resolution),
      wishes_(*wishes) {}

// What is new or another release, the node that was asked for, and who is bound
// to one of those, also through others.
void PlanSteps::FindRewired() {
  size_t before = 0;
  do {
    before = rewired_.size();
    for (const ResolvedNode& node : resolution_.nodes) {
      // What left the catalogue cannot be rendered anew.
      if (node.release == nullptr || node.is_lost) continue;
      const bool is_bound = std::any_of(
          node.bindings.begin(), node.bindings.end(),
          [this](const ResolvedBinding& binding) {
            return !binding.overridden && rewired_.contains(binding.provider);
          });
      if (node.action != NodeAction::kKeep || node.node == wishes_.asked ||
          node.is_rebound || is_bound) {
        rewired_.insert(node.node);
      }
    }
  } while (rewired_.size() != before);
}

absl::Status PlanSteps::ReadRunning(const ResolvedNode& node) {
  absl::StatusOr<StoredService> stored =
      store_->GetService(resolution_.cluster, node.instance);
  if (absl::IsNotFound(stored.status())) {
    return Changed(absl::StrCat("service '", node.instance, "' went away"));
  }
  ORRERY_RETURN_IF_ERROR(stored.status());
  files_[node.node].running = *std::move(stored);
  return absl::OkStatus();
}

absl::Status PlanSteps::CheckLost(const ResolvedNode& node) {
  const bool is_asked =
      node.node == wishes_.asked || wishes_.options.contains(node.node);
  if (!node.is_lost || !is_asked) return absl::OkStatus();
  ORRERY_RETURN_IF_ERROR(ReadRunning(node));
  const ServiceRecord& record = files_.at(node.node).running->record;
  if (DropNulls(OptionsOf(node)) == ObjectOf(record.options) &&
      node.features == record.features) {
    return absl::OkStatus();
  }
  return registry::WithReason(
      absl::FailedPreconditionError(absl::StrCat(
          "service ", record.name, " cannot get other options or features: ",
          record.package, " ", record.version, " (release ", record.release,
          ") left its source and cannot be rendered anew; name a release "
          "that is there: orrery upgrade ",
          record.name, "@VERSION")),
      "RELEASE_LOST", {{"service", record.name}});
}

absl::StatusOr<bool> PlanSteps::ReadRelationsIn(
    const registry::PackageEntry& package, const ResolvedNode& node) {
  // Where nothing is in force the policy may not let overlays count.
  const auto overlays = node.relations_digest == "none"
                            ? registry::OverlayFiles::kIgnored
                            : registry::OverlayFiles::kCover;
  ORRERY_ASSIGN_OR_RETURN(
      const registry::RelationsInForce relations,
      registry::ReadRelationsInForce(snapshot_, package, overlays));
  for (size_t i = 0; i < package.releases.size(); ++i) {
    const registry::Release& release = *package.releases[i];
    if (release.release != node.release->release ||
        release.source != node.release->source ||
        release.files != node.release->files) {
      continue;
    }
    NodeFiles& files = files_[node.node];
    const registry::ReleaseRelations& in_force = relations.releases[i];
    files.relations = in_force.document;
    if (in_force.holder != nullptr) {
      ORRERY_ASSIGN_OR_RETURN(files.relations_text,
                              snapshot_.ReadOptionalFile(
                                  *in_force.holder, registry::kRelationsFile));
    }
    // What runs goes on with those that it was installed with.
    if (in_force.unreadable && files.running.has_value() &&
        files.running->record.release == release.release &&
        files.running->record.source == release.source) {
      files.relations = RelationsOf(files.running->record);
      files.relations_text = files.running->record.relations;
    }
    return true;
  }
  return false;
}

absl::Status PlanSteps::ReadRelations(const ResolvedNode& node) {
  ORRERY_ASSIGN_OR_RETURN(registry::PackagePtr package,
                          snapshot_.GetPackage(node.package));
  ORRERY_ASSIGN_OR_RETURN(bool is_read, ReadRelationsIn(*package, node));
  if (is_read) return absl::OkStatus();
  // A better source may have the label of what runs.
  ORRERY_ASSIGN_OR_RETURN(
      package, snapshot_.FindPackageIn(node.release->source, node.package));
  if (package != nullptr) {
    ORRERY_ASSIGN_OR_RETURN(is_read, ReadRelationsIn(*package, node));
  }
  return is_read
             ? absl::OkStatus()
             : Changed(absl::StrCat(node.package, " changed in the catalogue"));
}

absl::Status PlanSteps::ReadNode(const ResolvedNode& node) {
  if (node.action != NodeAction::kAdd) {
    ORRERY_RETURN_IF_ERROR(ReadRunning(node));
  }
  if (node.release == nullptr) return absl::OkStatus();
  if (node.is_lost) {
    NodeFiles& files = files_[node.node];
    files.relations = RelationsOf(files.running->record);
    return absl::OkStatus();
  }
  ORRERY_ASSIGN_OR_RETURN(
      const std::string config,
      snapshot_.ReadOptionalFile(*node.release, registry::kConfigFile));
  if (!config.empty()) files_[node.node].config = ObjectOf(config);
  return ReadRelations(node);
}

// What is wired and what fills an option of that: others may come and go
// meanwhile.
absl::Status PlanSteps::ReadNodes() {
  std::set<std::string> wanted = rewired_;
  for (const ResolvedNode& node : resolution_.nodes) {
    if (node.action == NodeAction::kRemove) wanted.insert(node.node);
    if (!rewired_.contains(node.node)) continue;
    for (const ResolvedBinding& binding : node.bindings) {
      if (!binding.overridden) wanted.insert(binding.provider);
    }
  }
  for (const ResolvedNode& node : resolution_.nodes) {
    if (!wanted.contains(node.node)) continue;
    ORRERY_RETURN_IF_ERROR(ReadNode(node));
  }
  return absl::OkStatus();
}

JsonValue PlanSteps::OptionsOf(const ResolvedNode& node) const {
  const auto given = wishes_.options.find(node.node);
  if (given != wishes_.options.end()) return given->second;
  const auto& running = files_.at(node.node).running;
  return running.has_value() ? ObjectOf(running->record.options)
                             : JsonValue::Object();
}

absl::StatusOr<std::map<std::string, WiredService>> PlanSteps::Wire(
    Orchestrator* cluster) {
  WiringSources sources;
  sources.kind = std::string(cluster->kind());
  sources.config = [this](const ResolvedNode& node) -> const JsonValue* {
    const auto& config = files_.at(node.node).config;
    return config.has_value() ? &*config : nullptr;
  };
  sources.relations = [this](const ResolvedNode& node) {
    return files_.at(node.node).relations.get();
  };
  sources.user_options = [this](const ResolvedNode& node) {
    return OptionsOf(node);
  };
  sources.is_rewired = [this](const ResolvedNode& node) {
    return rewired_.contains(node.node);
  };
  sources.is_same = [this](const ResolvedNode& node,
                           const WiredService& wired) {
    return IsSame(node, wired);
  };
  const auto record_of =
      [this](const ResolvedNode& node) -> const ServiceRecord* {
    const auto found = files_.find(node.node);
    return found == files_.end() || !found->second.running.has_value()
               ? nullptr
               : &found->second.running->record;
  };
  sources.kept_options = [record_of](const ResolvedNode& node) {
    const ServiceRecord* const record = record_of(node);
    return record == nullptr ? JsonValue::Object() : ObjectOf(record->computed);
  };
  sources.kept_secrets = [record_of](const ResolvedNode& node) {
    const ServiceRecord* const record = record_of(node);
    return record == nullptr ? std::vector<std::string>() : record->secrets;
  };
  sources.endpoints = [cluster](const ResolvedNode& node) {
    const absl::StatusOr<AppStatus> status = cluster->Observe(node.instance);
    return status.ok() ? status->endpoints : std::vector<AppEndpoint>();
  };
  sources.comes_up = [record_of](const ResolvedNode& node) {
    const ServiceRecord* const record = record_of(node);
    return record != nullptr && !record->operation.empty();
  };
  return WireServices(resolution_, sources);
}

bool PlanSteps::IsSame(const ResolvedNode& node,
                       const WiredService& wired) const {
  if (node.action != NodeAction::kKeep) return false;
  const ServiceRecord& record = files_.at(node.node).running->record;
  return wired.late.empty() && wired.computed == ObjectOf(record.computed) &&
         DropNulls(OptionsOf(node)) == ObjectOf(record.options) &&
         node.features == record.features &&
         BindingsOf(node) == record.bindings &&
         AddedFor(node) == record.added_for;
}

// Those that need it, unless somebody asked for it.
std::vector<std::string> PlanSteps::AddedFor(const ResolvedNode& node) const {
  if (node.node == wishes_.asked && wishes_.is_wanted) return {};
  if (node.action != NodeAction::kAdd) {
    return files_.at(node.node).running->record.added_for;
  }
  const bool is_asked = std::any_of(
      node.why.begin(), node.why.end(), [](const std::string& reason) {
        return absl::StartsWith(reason, "request:");
      });
  return is_asked ? std::vector<std::string>() : node.why;
}

std::vector<ServiceBinding> PlanSteps::BindingsOf(
    const ResolvedNode& node) const {
  std::vector<ServiceBinding> bindings;
  for (const ResolvedBinding& binding : node.bindings) {
    if (binding.overridden) continue;
    bindings.push_back({binding.option, binding.provider, binding.output});
  }
  // Providers that fill no option are used all the same.
  for (const ResolvedNode& provider : resolution_.nodes) {
    if (!provider.requirements.contains(node.node)) continue;
    if (!Uses(bindings, provider.node)) {
      bindings.push_back({"", provider.node, ""});
    }
  }
  for (const std::string& fact : node.facts) bindings.push_back({"", fact, ""});
  return bindings;
}

absl::StatusOr<PlanStep> PlanSteps::ApplyStep(const ResolvedNode& node,
                                              const WiredService& wired,
                                              const std::string& owner,
                                              Orchestrator& cluster) {
  ORRERY_RETURN_IF_ERROR(CheckServiceName(node.instance));
  ServiceStepRequest request;
  request.cluster = resolution_.cluster;
  request.service = node.instance;
  request.release = node.release;
  request.options = OptionsOf(node);
  request.computed = wired.computed;
  request.late = wired.late;
  request.secrets = wired.secrets;
  // Nobody may be able to upgrade what was installed with them, but who asks
  // for it decides.
  request.allow_unknown_options = node.node == wishes_.asked
                                      ? wishes_.allow_unknown_options
                                      : node.action != NodeAction::kAdd;
  request.is_update = node.action != NodeAction::kAdd;
  ORRERY_ASSIGN_OR_RETURN(ServiceStep made,
                          MakeServiceStep(snapshot_, cluster, owner, request));
  for (std::string& warning : made.warnings) {
    AddWarning(std::move(warning), node.instance);
  }
  needed_.cpus += made.more.cpus;
  needed_.mem += made.more.mem;
  PlanStep step = std::move(made.step);
  if (request.is_update) {
    step.action = PlanAction::kUpdate;
    step.from_release = *node.from_release;
    step.from_version = node.from_version;
  }
  if (node.action == NodeAction::kChange ||
      node.action == NodeAction::kDowngrade) {
    ORRERY_ASSIGN_OR_RETURN(
        step.default_changes,
        ChangedDefaults(node, {request.options, request.computed}));
  }
  step.relations = files_.at(node.node).relations_text;
  step.features = node.features;
  step.bindings = BindingsOf(node);
  step.added_for = AddedFor(node);
  step.reason = node.reason;
  if (node.action == NodeAction::kAdd && node.node != wishes_.asked) {
    step.reason = absl::StrJoin(
        node.requirements, "; ", [](std::string* out, const auto& entry) {
          absl::StrAppend(out, entry.first, " needs ", entry.second);
        });
  }
  if (node.action == NodeAction::kKeep && node.node != wishes_.asked) {
    step.reason = "what others tell it may change";
  }
  if (node.action == NodeAction::kKeep && step.added_for.empty() &&
      !files_.at(node.node).running->record.added_for.empty()) {
    step.reason = absl::StrCat(
        "it was added for ",
        absl::StrJoin(files_.at(node.node).running->record.added_for, ", "),
        ", and is asked for now");
  }
  return step;
}

// Nothing when the release that runs left its source.
absl::StatusOr<std::vector<DefaultChange>> PlanSteps::ChangedDefaults(
    const ResolvedNode& node, const std::vector<JsonValue>& given) const {
  const NodeFiles& files = files_.at(node.node);
  if (!files.config.has_value()) return std::vector<DefaultChange>();
  ORRERY_ASSIGN_OR_RETURN(const registry::PackagePtr package,
                          snapshot_.GetPackage(node.package));
  const ServiceRecord& record = files.running->record;
  for (const registry::ReleasePtr& release : package->releases) {
    if (release->release != record.release ||
        release->source != record.source ||
        (!record.tree.empty() && registry::TreeHash(*release) != record.tree)) {
      continue;
    }
    ORRERY_ASSIGN_OR_RETURN(
        const std::string config,
        snapshot_.ReadOptionalFile(*release, registry::kConfigFile));
    return DefaultChanges(ObjectOf(config.empty() ? "{}" : config),
                          *files.config, given);
  }
  return std::vector<DefaultChange>();
}

PlanStep PlanSteps::RemoveStep(const ResolvedNode& node) const {
  PlanStep step = RemovalStep(files_.at(node.node).running->record);
  step.reason = node.reason;
  return step;
}

void PlanSteps::AddWarning(std::string text, const std::string& service) {
  const auto said =
      std::find_if(step_warnings_.begin(), step_warnings_.end(),
                   [&](const auto& known) { return known.first == text; });
  if (said != step_warnings_.end()) {
    said->second.push_back(service);
  } else {
    step_warnings_.push_back({std::move(text), {service}});
  }
}

void PlanSteps::AddNotes(bool name_services) {
  for (const auto& [text, services] : step_warnings_) {
    warnings_.push_back(
        name_services ? absl::StrCat(absl::StrJoin(services, ", "), ": ", text)
                      : text);
  }
  for (const ResolvedNode& node : resolution_.nodes) {
    if (node.action == NodeAction::kKeep) continue;
    notes_.insert(notes_.end(), node.notes.begin(), node.notes.end());
  }
  notes_.insert(notes_.end(), resolution_.notes.begin(),
                resolution_.notes.end());
  for (const AnswerNote& note : notes_) warnings_.push_back(note.text);
}

void PlanSteps::CompareWithFree(const Orchestrator& cluster) {
  const std::optional<Resources> free = cluster.Free();
  if (!free.has_value()) return;
  room_ = PlanRoom{Rounded(needed_), Rounded(*free)};
  std::vector<std::string> short_of;
  const auto& [needed, rest] = *room_;
  if (needed.cpus > rest.cpus) {
    short_of.push_back(
        absl::StrCat(needed.cpus, " cpus, and ", rest.cpus, " are free"));
  }
  if (needed.mem > rest.mem) {
    // Whole numbers, which would be printed as 1e+06.
    short_of.push_back(
        absl::StrCat(static_cast<int64_t>(needed.mem), " MiB of memory, and ",
                     static_cast<int64_t>(rest.mem), " are free"));
  }
  if (short_of.empty()) return;
  warnings_.push_back(absl::StrCat("the plan needs ",
                                   absl::StrJoin(short_of, "; "),
                                   ": what does not fit waits, and may fail"));
}

absl::StatusOr<std::vector<PlannedService>> PlanSteps::Make() {
  ORRERY_ASSIGN_OR_RETURN(Orchestrator * cluster,
                          clusters_->Find(resolution_.cluster));
  FindRewired();
  ORRERY_RETURN_IF_ERROR(ReadNodes());
  for (const ResolvedNode& node : resolution_.nodes) {
    ORRERY_RETURN_IF_ERROR(CheckLost(node));
  }
  ORRERY_ASSIGN_OR_RETURN(auto wired, Wire(cluster));
  ORRERY_ASSIGN_OR_RETURN(const std::string owner, store_->OwnerId());
  std::vector<PlannedService> services;
  std::map<std::string, std::string> service_of;
  for (const ResolvedNode& node : resolution_.nodes) {
    PlannedService planned;
    if (node.action == NodeAction::kRemove) {
      planned.step = RemoveStep(node);
      for (const auto& [other, service] : service_of) {
        planned.step.after.push_back(service);
      }
    } else {
      if (!rewired_.contains(node.node) || IsSame(node, wired[node.node])) {
        continue;
      }
      ORRERY_ASSIGN_OR_RETURN(
          planned.step, ApplyStep(node, wired[node.node], owner, *cluster));
      planned.options = OptionsOf(node);
      // Only what comes before: in a circle somebody has to begin.
      for (const std::string& before : node.starts_after) {
        const auto found = service_of.find(before);
        if (found != service_of.end()) {
          planned.step.after.push_back(found->second);
        }
      }
      std::sort(planned.step.after.begin(), planned.step.after.end());
    }
    service_of[node.node] = node.instance;
    planned.running = files_.at(node.node).running;
    services.push_back(std::move(planned));
  }
  AddNotes(services.size() > 1);
  CompareWithFree(*cluster);
  return services;
}

}  // namespace orrery::catalog
