#include "catalog/planning/plan_check.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"

#include "catalog/planning/job_check.h"
#include "catalog/resolution/named_snapshot.h"
#include "catalog/resolution/not_admitted.h"
#include "catalog/resolution/request_item.h"
#include "catalog/verify/pins_check.h"
#include "registry/format/canonical_json.h"
#include "registry/format/json_parse.h"
#include "registry/format/relations_document.h"
#include "registry/status/refusal_details.h"
#include "signing/client/evidence_block.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;
using signing::RefusalCode;

// It has the very content that runs already.
bool KeepsContent(const PlannedService& planned) {
  return planned.running.has_value() &&
         HasSameContent(planned.step, planned.running->record);
}

std::string NodeOf(const PlanStep& step) {
  return NodeText(step.package, step.service);
}

absl::Status RefuseJob(RefusalCode code, const VerifiedRelease& release,
                       absl::string_view detail) {
  return signing::At({.check = 16,
                      .registry = release.registry,
                      .package = release.package,
                      .release = release.revision.key.release,
                      .revision = release.revision.key.revision},
                     signing::Refuse(code, detail));
}

}  // namespace

PlanCheck::PlanCheck(const TrustView* trust, const ResolveQuery* query,
                     const Resolution* resolution, const StepWishes* wishes)
    : trust_(*trust),
      query_(*query),
      resolution_(*resolution),
      wishes_(*wishes) {}

signing::RevisionUse PlanCheck::UseOf(const PlannedService& planned,
                                      const signing::RevisionKey& key) const {
  signing::RevisionUse use;
  use.is_named_by_tree =
      KeepsContent(planned) ||
      NamesTree(query_, planned.step.package, planned.step.tree);
  use.is_named_by_revision =
      NamesRevision(query_, planned.step.package, planned.step.version,
                    key.release, key.revision);
  use.allows_source_change = query_.allow_source_change;
  use.allows_downgrade = query_.allow_downgrade;
  if (!planned.running.has_value() || KeepsContent(planned)) return use;
  const ServiceRecord& record = planned.running->record;
  const absl::StatusOr<signing::RevisionKey> installed =
      trust_.Find(ContentOf(record));
  // What runs may be older than the log; where it came from is known.
  use.installed = installed.ok()
                      ? *installed
                      : signing::RevisionKey{record.source, record.release,
                                             record.revision};
  return use;
}

absl::Status PlanCheck::CheckAdmitted(const PlannedService& planned,
                                      const signing::RevisionKey& key) {
  return trust_.Check(planned.step.package, key, UseOf(planned, key)).status();
}

// Whether somebody else's change only tells a service something new.
bool PlanCheck::Stays(const PlannedService& planned) const {
  return KeepsContent(planned) && NodeOf(planned.step) != wishes_.asked;
}

// The relations in force are those of the release, or of an overlay that the
// policy lets add them.
absl::Status PlanCheck::CheckRelations(const PlannedService& planned,
                                       const VerifiedRelease& release) {
  const std::string* own = FindFile(release.files, registry::kRelationsFile);
  const std::string& in_force = planned.step.relations;
  if (own == nullptr ? in_force.empty() : in_force == *own) {
    return absl::OkStatus();
  }
  ORRERY_ASSIGN_OR_RETURN(
      std::optional<signing::EvidenceBlock::Overlay> overlay,
      trust_.FindOverlay(release, in_force));
  if (overlay.has_value()) {
    evidence_.overlays.push_back(*std::move(overlay));
    return absl::OkStatus();
  }
  // What runs goes on by those that it was installed with.
  if (KeepsContent(planned) && planned.running->record.relations == in_force) {
    return absl::OkStatus();
  }
  return signing::At({.check = 14,
                      .registry = release.registry,
                      .package = release.package,
                      .release = release.revision.key.release,
                      .revision = release.revision.key.revision},
                     signing::Refuse(RefusalCode::kPlanDeps,
                                     "the plan rests on a relations.json that "
                                     "neither the release nor an overlay that "
                                     "the policy admits has in the log"));
}

absl::Status PlanCheck::CheckJobOf(const PlannedService& planned,
                                   const VerifiedRelease& release) {
  const PlanStep& step = planned.step;
  PlannedJob job;
  job.service = step.service;
  job.source_url = step.source_url;
  job.options = planned.options;
  ORRERY_ASSIGN_OR_RETURN(registry::JsonDocument computed,
                          registry::ParseJson(step.computed));
  job.computed = std::move(computed.root);
  for (const LateOption& late : step.late) job.late.push_back(late.option);
  // A job may be longer than a file of a release.
  absl::StatusOr<registry::JsonDocument> manifest =
      registry::ParseJson(step.manifest, {.max_bytes = step.manifest.size()});
  if (!manifest.ok()) {
    return RefuseJob(RefusalCode::kPlanDigest, release,
                     manifest.status().message());
  }
  job.manifest = std::move(manifest->root);
  job.free_labels = {"ORRERY_OWNER"};
  ORRERY_RETURN_IF_ERROR(CheckJob(release, job));
  ORRERY_ASSIGN_OR_RETURN(
      const std::vector<std::string> unpinned,
      CheckPins(release, job.manifest,
                trust_.DemandsOn(step.package).requires_pins.value &&
                    !Stays(planned)));
  for (const std::string& text : unpinned) {
    evidence_.unpinned.push_back({step.package, text});
  }
  ORRERY_ASSIGN_OR_RETURN(const auto pinned, PinnedUris(release));
  for (const ArtifactPin& pin : step.artifacts) {
    const auto found = pinned.find(pin.uri);
    if (found != pinned.end() && found->second == pin.sha256) continue;
    return RefuseJob(RefusalCode::kPlanDigest, release,
                     absl::StrCat("the plan expects of ", pin.uri,
                                  " other bytes than the release"));
  }
  return absl::OkStatus();
}

// What names it by its content may have it; that its maintainers took it back
// is said each time.
void PlanCheck::WarnOfYank(const PlannedService& planned,
                           const signing::RevisionKey& key) {
  const std::string reason = trust_.WhyYanked(planned.step.package, key);
  if (reason.empty()) return;
  warnings_.push_back(
      absl::StrCat(planned.step.service, " (", planned.step.package, " ",
                   planned.step.version, ") was yanked: ", reason));
}

absl::Status PlanCheck::CheckService(PlannedService& planned) {
  PlanStep& step = planned.step;
  ORRERY_ASSIGN_OR_RETURN(
      const signing::RevisionKey key,
      trust_.Find({step.package, step.source, step.release, step.tree}));
  step.revision = key.revision;
  absl::Status admitted = CheckAdmitted(planned, key);
  if (!admitted.ok() && !Stays(planned)) return admitted;
  WarnOfYank(planned, key);
  ORRERY_ASSIGN_OR_RETURN(const VerifiedRelease release,
                          trust_.Read(step.package, key));
  absl::Status related = CheckRelations(planned, release);
  if (!related.ok() && !Stays(planned)) return related;
  ORRERY_RETURN_IF_ERROR(CheckJobOf(planned, release));
  ORRERY_ASSIGN_OR_RETURN(const registry::JsonDocument options,
                          registry::ParseJson(step.options));
  signing::EvidenceBlock::Use use;
  use.registry = release.registry;
  use.source = key.source;
  use.package = step.package;
  use.release = key.release;
  use.revision = key.revision;
  use.evidence = release.revision.evidence;
  use.leaf = release.revision.leaf;
  use.statement = release.statement;
  use.tree = release.revision.tree;
  use.config = signing::Digest::Of(
      absl::StrCat(registry::CanonicalJson(options.root), "\n"));
  evidence_.uses.push_back(std::move(use));
  return admitted.ok() ? related : admitted;
}

// A stricter policy, or a log that is younger than what runs, stops no request
// about others; another job than the release's stops each.
absl::Status PlanCheck::CheckStep(PlannedService& planned) {
  absl::Status checked = CheckService(planned);
  const std::optional<signing::Refusal> refusal = signing::RefusalOf(checked);
  if (!Stays(planned) || !refusal.has_value() ||
      refusal->code == RefusalCode::kPlanDigest) {
    return registry::TellRefusal(std::move(checked));
  }
  warnings_.push_back(absl::StrCat(
      planned.step.service, " (", planned.step.package, " ",
      planned.step.version, ") stays: ", NotAdmittedText(checked)));
  return absl::OkStatus();
}

// Those that a step uses, or that use what it makes.
void PlanCheck::WarnOfNeighbours(const std::vector<PlannedService>& services) {
  std::set<std::string> stepped;
  std::set<std::string> used;
  for (const PlannedService& planned : services) {
    stepped.insert(NodeOf(planned.step));
    for (const ServiceBinding& binding : planned.step.bindings) {
      used.insert(binding.provider);
    }
  }
  for (const ResolvedNode& node : resolution_.nodes) {
    if (node.action != NodeAction::kKeep || stepped.contains(node.node)) {
      continue;
    }
    const bool is_neighbour =
        used.contains(node.node) ||
        std::any_of(node.bindings.begin(), node.bindings.end(),
                    [&stepped](const ResolvedBinding& binding) {
                      return stepped.contains(binding.provider);
                    });
    if (!is_neighbour) continue;
    for (const AnswerNote& note : node.notes) {
      if (note.code != "not-admitted" && note.code != "yanked") continue;
      warnings_.push_back(
          absl::StrCat(node.instance, " (", node.package, ") is ", note.text));
    }
  }
}

absl::Status PlanCheck::Check(std::vector<PlannedService>& services) {
  for (PlannedService& planned : services) {
    if (planned.step.action == PlanAction::kRemove) continue;
    ORRERY_RETURN_IF_ERROR(CheckStep(planned));
  }
  if (!evidence_.uses.empty()) {
    evidence_.registries.push_back(trust_.Evidence());
  }
  WarnOfNeighbours(services);
  return absl::OkStatus();
}

std::string PlanCheck::Evidence() const {
  return evidence_.uses.empty() ? "" : signing::PrintEvidenceBlock(evidence_);
}

}  // namespace orrery::catalog
