#include "catalog/install_steps.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "catalog/resolution/request_item.h"
#include "catalog/service_step.h"
#include "registry/format/json_parse.h"
#include "registry/status/error_details.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

JsonValue ObjectOf(const std::string& text) {
  absl::StatusOr<registry::JsonDocument> json = registry::ParseJson(text);
  return json.ok() ? std::move(json->root) : JsonValue::Object();
}

}  // namespace

InstallSteps::InstallSteps(CatalogStore* store, const Clusters* clusters,
                           const registry::Snapshot* snapshot,
                           const Resolution* resolution)
    : store_(store),
      clusters_(clusters),
      snapshot_(*snapshot),
      resolution_(*resolution) {}

absl::Status InstallSteps::CheckActions() const {
  for (const ResolvedNode& node : resolution_.nodes) {
    if (node.action == NodeAction::kKeep || node.action == NodeAction::kAdd) {
      continue;
    }
    return registry::WithReason(
        absl::FailedPreconditionError(absl::StrCat(
            node.node, " ", node.from_version, " would have to become ",
            node.release == nullptr ? "nothing" : node.release->version,
            ", and an installation changes nothing that runs; see: orrery "
            "resolve --installed")),
        "NEEDS_CHANGE", {{"service", node.instance}});
  }
  return absl::OkStatus();
}

absl::Status InstallSteps::ReadNode(const ResolvedNode& node) {
  NodeFiles& files = files_[node.node];
  if (node.action == NodeAction::kKeep) {
    absl::StatusOr<StoredService> stored =
        store_->GetService(resolution_.cluster, node.instance);
    if (absl::IsNotFound(stored.status())) {
      return registry::WithReason(
          absl::AbortedError(absl::StrCat("service '", node.instance,
                                          "' went away meanwhile; plan again")),
          "PLAN_CHANGED");
    }
    ORRERY_RETURN_IF_ERROR(stored.status());
    files.record = std::move(stored->record);
  }
  ORRERY_ASSIGN_OR_RETURN(
      const std::string config,
      snapshot_.ReadOptionalFile(*node.release, registry::kConfigFile));
  if (!config.empty()) files.config = ObjectOf(config);
  ORRERY_ASSIGN_OR_RETURN(const registry::PackagePtr package,
                          snapshot_.GetPackage(node.package));
  ORRERY_ASSIGN_OR_RETURN(const registry::RelationsInForce relations,
                          registry::ReadRelationsInForce(snapshot_, *package));
  for (size_t i = 0; i < package->releases.size(); ++i) {
    const registry::Release& release = *package->releases[i];
    if (release.release == node.release->release &&
        release.source == node.release->source) {
      files.relations = relations.releases[i].document;
    }
  }
  if (files.relations != nullptr) return absl::OkStatus();
  return registry::WithReason(
      absl::AbortedError(absl::StrCat(
          node.package, " changed in the catalogue meanwhile; plan again")),
      "PLAN_CHANGED");
}

absl::StatusOr<std::map<std::string, WiredService>> InstallSteps::Wire(
    const std::string& asked, const JsonValue& options, Orchestrator* cluster) {
  WiringSources sources;
  sources.kind = std::string(cluster->kind());
  sources.config = [this](const ResolvedNode& node) -> const JsonValue* {
    const auto& config = files_.at(node.node).config;
    return config.has_value() ? &*config : nullptr;
  };
  sources.relations = [this](const ResolvedNode& node) {
    return files_.at(node.node).relations.get();
  };
  sources.user_options = [this, &asked, &options](const ResolvedNode& node) {
    const auto& record = files_.at(node.node).record;
    if (record.has_value()) return ObjectOf(record->options);
    return node.node == asked ? options : JsonValue::Object();
  };
  sources.kept_options = [this](const ResolvedNode& node) {
    const auto found = files_.find(node.node);
    return found == files_.end() || !found->second.record.has_value()
               ? JsonValue::Object()
               : ObjectOf(found->second.record->computed);
  };
  sources.endpoints = [cluster](const ResolvedNode& node) {
    const absl::StatusOr<AppStatus> status = cluster->Observe(node.instance);
    return status.ok() ? status->endpoints : std::vector<AppEndpoint>();
  };
  return WireServices(resolution_, sources);
}

StartingService InstallSteps::Starting(const ResolvedNode& node,
                                       const WiredService& wired) const {
  StartingService starting;
  starting.features = node.features;
  for (const ResolvedBinding& binding : node.bindings) {
    if (binding.overridden) continue;
    starting.bindings.push_back(
        {binding.option, binding.provider, binding.output});
  }
  // Providers that fill no option are used all the same.
  for (const ResolvedNode& provider : resolution_.nodes) {
    if (!provider.requirements.contains(node.node)) continue;
    const bool is_bound =
        std::any_of(starting.bindings.begin(), starting.bindings.end(),
                    [&](const ServiceBinding& binding) {
                      return binding.provider == provider.node;
                    });
    if (!is_bound) starting.bindings.push_back({"", provider.node, ""});
  }
  starting.step.late = wired.late;
  return starting;
}

// What starts, and what runs and fills an option of that: others may come and
// go meanwhile.
absl::Status InstallSteps::ReadNodes() {
  std::set<std::string> providers;
  for (const ResolvedNode& node : resolution_.nodes) {
    if (node.action == NodeAction::kKeep) continue;
    for (const ResolvedBinding& binding : node.bindings) {
      if (!binding.overridden) providers.insert(binding.provider);
    }
  }
  for (const ResolvedNode& node : resolution_.nodes) {
    if (node.action == NodeAction::kKeep && !providers.contains(node.node)) {
      continue;
    }
    ORRERY_RETURN_IF_ERROR(ReadNode(node));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<StartingService>> InstallSteps::Make(
    const std::string& asked, const JsonValue& options,
    bool allow_unknown_options) {
  ORRERY_RETURN_IF_ERROR(CheckActions());
  ORRERY_ASSIGN_OR_RETURN(Orchestrator * cluster,
                          clusters_->Find(resolution_.cluster));
  ORRERY_RETURN_IF_ERROR(ReadNodes());
  ORRERY_ASSIGN_OR_RETURN(auto wired, Wire(asked, options, cluster));
  ORRERY_ASSIGN_OR_RETURN(const std::string owner, store_->OwnerId());
  std::vector<StartingService> services;
  for (const ResolvedNode& node : resolution_.nodes) {
    if (node.action != NodeAction::kAdd) continue;
    ORRERY_RETURN_IF_ERROR(CheckServiceName(node.instance));
    const WiredService& mine = wired[node.node];
    ServiceStepRequest request;
    request.cluster = resolution_.cluster;
    request.service = node.instance;
    request.release = node.release;
    if (node.node == asked) {
      request.options = options;
      request.allow_unknown_options = allow_unknown_options;
    }
    request.computed = mine.computed;
    ORRERY_ASSIGN_OR_RETURN(
        ServiceStep made, MakeServiceStep(snapshot_, *cluster, owner, request));
    StartingService starting = Starting(node, mine);
    made.step.late = std::move(starting.step.late);
    starting.step = std::move(made.step);
    starting.source_url = std::move(made.source_url);
    // Only what comes before: in a circle somebody has to begin.
    for (const StartingService& before : services) {
      const std::string text =
          NodeText(before.step.package, before.step.service);
      const bool is_used =
          std::any_of(starting.bindings.begin(), starting.bindings.end(),
                      [&](const ServiceBinding& binding) {
                        return binding.provider == text;
                      });
      if (is_used) starting.step.after.push_back(before.step.service);
    }
    for (std::string& warning : made.warnings) {
      warnings_.push_back(std::move(warning));
    }
    services.push_back(std::move(starting));
  }
  for (const ResolvedNode& node : resolution_.nodes) {
    if (node.action != NodeAction::kAdd) continue;
    for (const AnswerNote& note : node.notes) warnings_.push_back(note.text);
  }
  return services;
}

}  // namespace orrery::catalog
