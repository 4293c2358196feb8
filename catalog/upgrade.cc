#include "catalog/upgrade.h"

#include <optional>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "catalog/planning/service_step.h"
#include "catalog/release_config.h"
#include "catalog/resolution/change_query.h"
#include "catalog/resolution/request_item.h"
#include "catalog/upgrade_offer.h"
#include "registry/format/json_value.h"
#include "registry/index/snapshot.h"
#include "registry/status/error_details.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {

using registry::JsonValue;

namespace {

// What the release that a plan makes of a service says of its options.
std::optional<JsonValue> ConfigIn(const Plan& plan, const std::string& service,
                                  const registry::Snapshot& snapshot) {
  for (const PlanStep& step : plan.steps) {
    if (step.service != service) continue;
    return ReleaseConfig(snapshot, step.source, step.package, step.release);
  }
  return std::nullopt;
}

}  // namespace

absl::Status Upgrader::CheckSource(const ServiceRecord& record,
                                   const ResolveQuery& query) const {
  const registry::SnapshotPtr snapshot = planner_.snapshot();
  if (query.allow_source_change ||
      snapshot->FindSource(record.source) != nullptr) {
    return absl::OkStatus();
  }
  std::string what =
      absl::StrCat("source ", record.source, ", from which ", record.name,
                   " came, is not configured; add it again: orrery source add ",
                   record.source, " ", record.source_url);
  ORRERY_ASSIGN_OR_RETURN(const registry::PackagePtr package,
                          snapshot->FindPackage(record.package));
  std::set<std::string> others;
  if (package != nullptr) {
    for (const auto& release : package->releases)
      others.insert(release->source);
  }
  if (!others.empty()) {
    absl::StrAppend(&what, "; or go on with what source ",
                    absl::StrJoin(others, ", "),
                    " has of it: --allow-source-change");
  }
  return registry::WithReason(absl::FailedPreconditionError(what),
                              "SOURCE_MISSING", {{"source", record.source}});
}

// The last generation that was stable before this one (install-plan.md §1).
absl::StatusOr<PreparedPlan> Upgrader::PrepareRollback(
    const ServiceRecord& record, ResolveQuery query) const {
  if (record.earlier.empty()) {
    return registry::WithReason(
        absl::FailedPreconditionError(absl::StrCat(
            record.name, " cannot go back: it has never run as anything but ",
            record.package, " ", record.version, " with its present options")),
        "NO_EARLIER_GENERATION", {{"service", record.name}});
  }
  const EarlierGeneration& earlier = record.earlier.back();
  // What is not known by its content is a release of the source.
  if (earlier.tree.empty()) ORRERY_RETURN_IF_ERROR(CheckSource(record, query));
  ORRERY_ASSIGN_OR_RETURN(
      const RequestItem item,
      AskToRollBack(record.package, record.name, earlier, &query));
  // It ran with them.
  const StepWishes wishes = {item.NodeText(), /*is_wanted=*/false,
                             query.options, /*allow_unknown_options=*/true};
  return planner_.Make(query, wishes);
}

absl::StatusOr<PreparedPlan> Upgrader::Prepare(
    const UpgradeRequest& request) const {
  ORRERY_RETURN_IF_ERROR(planner_.clusters().Find(request.cluster).status());
  ORRERY_ASSIGN_OR_RETURN(const StoredService stored,
                          services_.Find(request.cluster, request.service));
  const ServiceRecord& record = stored.record;
  if (!record.operation.empty()) return planner_.runner().BusyError(record);

  if (request.rollback) {
    ResolveQuery query = request.choices;
    query.cluster = request.cluster;
    return PrepareRollback(record, std::move(query));
  }
  ORRERY_ASSIGN_OR_RETURN(const JsonValue given,
                          ParseUserOptions(request.options));
  absl::StatusOr<PreparedPlan> prepared =
      PrepareChange(request, record, request.range, given);
  if (registry::ReasonOf(prepared.status()).reason != kManifestInvalid) {
    return prepared;
  }
  return registry::WithSuffix(prepared.status(), Rest(request, record, given));
}

absl::StatusOr<PreparedPlan> Upgrader::PrepareChange(
    const UpgradeRequest& request, const ServiceRecord& record,
    const std::string& range, JsonValue given) const {
  ResolveQuery query = request.choices;
  query.cluster = request.cluster;
  ORRERY_RETURN_IF_ERROR(CheckSource(record, query));
  ORRERY_ASSIGN_OR_RETURN(
      const RequestItem item,
      ServiceItem(record.package, record.name, range, request.features));
  ORRERY_RETURN_IF_ERROR(
      AskToUpgrade(item, std::move(given), record.options, &query));
  const StepWishes wishes = {item.NodeText(), /*is_wanted=*/false,
                             query.options, request.allow_unknown_options};
  return planner_.Make(query, wishes);
}

std::string Upgrader::Rest(const UpgradeRequest& request,
                           const ServiceRecord& record,
                           const JsonValue& given) const {
  const UpgradeAttempt attempt =
      [&](const std::string& range,
          const JsonValue& options) -> absl::StatusOr<Plan> {
    ORRERY_ASSIGN_OR_RETURN(PreparedPlan prepared,
                            PrepareChange(request, record, range, options));
    return std::move(prepared.plan);
  };
  const auto command = [&](const UpgradeOffer& offer) {
    const std::optional<JsonValue> config =
        ConfigIn(offer.plan, record.name, *planner_.snapshot());
    return OfferCommand(offer, request.cluster, record.name,
                        config.has_value() ? &*config : nullptr);
  };
  if (const auto rest = FindOffer(request.range, given, attempt)) {
    return rest->plan.steps.empty()
               ? ""
               : absl::StrCat("\nwhat can change alone: ", command(*rest));
  }
  // It comes with the release, whatever the options are.
  const auto kept =
      FindOffer(absl::StrCat("release=", record.release), given, attempt);
  if (!kept.has_value()) return "";
  return absl::StrCat(
      "\nit comes with the release: keep ", record.package, " ", record.version,
      kept->plan.steps.empty()
          ? ""
          : absl::StrCat("; what can change alone: ", command(*kept)));
}

absl::StatusOr<Plan> Upgrader::MakeUpgradePlan(
    const UpgradeRequest& request) const {
  ORRERY_ASSIGN_OR_RETURN(PreparedPlan prepared, Prepare(request));
  return std::move(prepared.plan);
}

absl::StatusOr<StartedPlan> Upgrader::Upgrade(
    const UpgradeRequest& request, const std::string& plan_id) const {
  return planner_.Start([&] { return Prepare(request); }, plan_id);
}

}  // namespace orrery::catalog
