#include "cli-plugin/service/log_plan_verifier.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "cli-plugin/service/plan_run.h"
#include "cli-plugin/text/json_member.h"
#include "cli-plugin/trust/trust_flags.h"
#include "cli-plugin/trust/verify_report.h"

#include "catalog/verify/plan_document.h"
#include "catalog/verify/plan_question.h"
#include "catalog/verify/step_check.h"
#include "catalog/verify/verified_release.h"
#include "registry/format/canonical_json.h"
#include "registry/format/json_parse.h"
#include "registry/format/relations_document.h"
#include "registry/format/release_files.h"
#include "signing/client/evidence_block.h"
#include "signing/digest.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using catalog::ClaimedStep;
using catalog::VerifiedRelease;
using registry::JsonValue;
using signing::RefusalCode;

JsonValue ParsedFile(const VerifiedRelease& release, absl::string_view path) {
  const std::string* bytes = catalog::FindFile(release.files, path);
  if (bytes == nullptr) return JsonValue();
  absl::StatusOr<registry::JsonDocument> json = registry::ParseJson(*bytes);
  return json.ok() ? std::move(json->root) : JsonValue();
}

// One plan of one command.
class Verification {
 public:
  // All must outlive it.
  Verification(const AskedChange& change, const Invocation& invocation,
               const catalog::PlanQuestion& question, const Trust& trust)
      : change_(change),
        invocation_(invocation),
        question_(question),
        trust_(trust) {}

  absl::StatusOr<PlanVerdict> Run(std::vector<ClaimedStep> steps) {
    ORRERY_RETURN_IF_ERROR(CheckRoutes(steps));
    for (ClaimedStep& step : steps) {
      if (step.runs_something()) ORRERY_RETURN_IF_ERROR(VerifyStep(step));
    }
    ORRERY_RETURN_IF_ERROR(SolveAgain(steps));
    ORRERY_RETURN_IF_ERROR(TellNews());
    evidence_.registries = trust_.verifier->EvidenceRegistries();
    verdict_.evidence = signing::PrintEvidenceBlock(std::move(evidence_));
    return std::move(verdict_);
  }

 private:
  // What is needed comes from the registry of what was asked for (step 9).
  absl::Status CheckRoutes(const std::vector<ClaimedStep>& steps) const {
    const auto home = trust_.setup->policy.RouteOf(question_.package());
    for (const ClaimedStep& step : steps) {
      const auto route = trust_.setup->policy.RouteOf(step.package);
      if (!home.ok() || !route.ok() || home->registry == route->registry) {
        continue;
      }
      return signing::At(
          {.check = 9, .registry = home->registry, .package = step.package},
          signing::Refuse(
              RefusalCode::kNameRouted,
              absl::StrCat("line ", route->line, " of the policy routes ",
                           step.package, " to registry ", route->registry,
                           ", and the plan is made of registry ",
                           home->registry)));
    }
    return absl::OkStatus();
  }

  // How it is asked for; finds out whether it keeps its content.
  signing::RevisionUse UseOf(ClaimedStep& step) const {
    signing::RevisionUse use;
    const JsonValue& resolution = MemberOrSelf(change_.request, "resolution");
    use.allows_source_change =
        MemberText(resolution, "allow_source_change") == "true";
    use.allows_downgrade = MemberText(resolution, "allow_downgrade") == "true";
    const catalog::RunningService* const running =
        question_.FindRunning(step.service);
    if (step.action == "update" && running != nullptr) {
      step.keeps_content =
          running->package == step.package && running->source == step.source &&
          running->release == step.release &&
          (running->tree.empty() || running->tree == step.tree);
      if (!step.keeps_content) {
        use.installed = {running->source, running->release, running->revision};
      }
    }
    use.is_named_by_tree = step.keeps_content || invocation_.Has("locked") ||
                           question_.NamesTreeOf(step);
    use.is_named_by_revision = question_.NamesRevisionOf(step);
    return use;
  }

  // That a release has the content that the plan names.
  static absl::Status CheckTree(const ClaimedStep& step,
                                const VerifiedRelease& release) {
    if (release.revision.tree.Text() == step.tree) return absl::OkStatus();
    return signing::At(
        {.check = 16,
         .registry = release.registry,
         .package = step.package,
         .release = step.release,
         .revision = step.revision},
        signing::Refuse(
            RefusalCode::kPlanDigest,
            absl::StrCat("the plan has the content ", step.tree,
                         ", and the log ", release.revision.tree.Text())));
  }

  absl::Status VerifyStep(ClaimedStep& step) {
    const signing::RevisionUse use = UseOf(step);
    const signing::RevisionKey key = {step.source, step.release, step.revision};
    absl::StatusOr<VerifiedRelease> release =
        trust_.verifier->VerifyRevision(step.package, key, use);
    const bool stays = step.keeps_content && step.service != change_.service;
    if (!stays) {
      ORRERY_RETURN_IF_ERROR(release.status());
      return CheckContent(step, *release);
    }
    // Somebody else's change only tells it something new.
    absl::Status refused = release.status();
    if (!refused.ok()) {
      release = trust_.verifier->ReadRevision(step.package, key);
    }
    const absl::Status checked =
        release.ok() ? CheckContent(step, *release) : release.status();
    if (refused.ok()) refused = checked;
    const auto code = signing::RefusalOf(checked);
    if (code.has_value() && code->code == RefusalCode::kPlanDigest) {
      return checked;
    }
    const auto told = signing::RefusalOf(refused);
    if (refused.ok() || !told.has_value()) return refused;
    verdict_.warnings.push_back(absl::StrCat(
        step.service, " (", step.package, " ", step.version,
        ") stays, not admitted by policy: ", signing::RefusalName(told->code),
        ": ", refused.message()));
    return absl::OkStatus();
  }

  absl::Status CheckContent(const ClaimedStep& step,
                            const VerifiedRelease& release) {
    ORRERY_RETURN_IF_ERROR(CheckTree(step, release));
    const bool is_asked = step.service == change_.service;
    const bool stays = step.keeps_content && !is_asked;
    ORRERY_ASSIGN_OR_RETURN(
        const std::vector<std::string> unpinned,
        catalog::CheckStep(
            step, release,
            !stays && trust_.setup->policy.DemandsOn(step.package)
                          .requires_pins.value));
    for (const std::string& text : unpinned) {
      evidence_.unpinned.push_back({step.package, text});
    }
    AddEvidence(step, release);
    if (change_.AsksFor(step.service)) {
      const std::string notes = MemberText(
          ParsedFile(release, registry::kPackageFile), "postInstallNotes");
      if (!notes.empty()) verdict_.notes_after[step.service] = notes;
    }
    return is_asked ? CompareAnswer(step, release) : absl::OkStatus();
  }

  // What the server said of the package before.
  absl::Status CompareAnswer(const ClaimedStep& step,
                             const VerifiedRelease& release) {
    const JsonValue package = ParsedFile(release, registry::kPackageFile);
    verdict_.notes_before = MemberText(package, "preInstallNotes");
    const JsonValue& answer = change_.release;
    if (!answer.is_object() ||
        MemberText(answer, "release") != absl::StrCat(step.release) ||
        MemberText(answer, "source") != step.source) {
      return absl::OkStatus();
    }
    const std::pair<const char*, const char*> files[] = {
        {"package", registry::kPackageFile}, {"config", registry::kConfigFile}};
    for (const auto& [member, file] : files) {
      const JsonValue* told = answer.Find(member);
      const JsonValue logged = ParsedFile(release, file);
      if ((told == nullptr ? JsonValue() : *told) == logged) continue;
      return signing::At(
          {.file = file,
           .check = 15,
           .registry = release.registry,
           .package = step.package,
           .release = step.release,
           .revision = step.revision},
          signing::Refuse(RefusalCode::kContentIdentity,
                          absl::StrCat("the server answered another ", file,
                                       " than the release has")));
    }
    return absl::OkStatus();
  }

  void AddEvidence(const ClaimedStep& step, const VerifiedRelease& release) {
    const signing::AdmittedRevision& revision = release.revision;
    signing::EvidenceBlock::Use use;
    use.registry = release.registry;
    use.source = revision.key.source;
    use.package = step.package;
    use.release = revision.key.release;
    use.revision = revision.key.revision;
    use.evidence = revision.evidence;
    use.leaf = revision.leaf;
    use.statement = release.statement;
    use.tree = revision.tree;
    use.config = signing::Digest::Of(
        absl::StrCat(registry::CanonicalJson(step.options), "\n"));
    evidence_.uses.push_back(std::move(use));
    const std::string* own =
        catalog::FindFile(release.files, registry::kRelationsFile);
    if (own != nullptr) return;
    for (const catalog::VerifiedOverlay& overlay : release.overlays) {
      const std::string* added =
          catalog::FindFile(overlay.files, registry::kRelationsFile);
      if (added == nullptr || *added != step.relations) continue;
      evidence_.overlays.push_back(
          {release.registry, overlay.source, step.package, overlay.release,
           overlay.revision, overlay.leaf, overlay.statement, overlay.tree});
      return;
    }
  }

  // The same question over verified releases has the same answer (trust.md
  // §14.1, step 14).
  absl::Status SolveAgain(const std::vector<ClaimedStep>& steps) {
    ORRERY_ASSIGN_OR_RETURN(const catalog::VerifiedCatalog verified,
                            trust_.verifier->CatalogOf(question_.package()));
    return question_.CheckAnswer(steps, verified);
  }

  absl::Status TellNews() {
    TrustNews news;
    ORRERY_ASSIGN_OR_RETURN(news.registries, trust_.verifier->Reports());
    std::vector<std::string> packages;
    for (const auto& use : evidence_.uses) packages.push_back(use.package);
    news.revisions = trust_.verifier->News(packages);
    for (std::string& line : NewsLines(news)) {
      verdict_.warnings.push_back(std::move(line));
    }
    return absl::OkStatus();
  }

  const AskedChange& change_;
  const Invocation& invocation_;
  const catalog::PlanQuestion& question_;
  const Trust& trust_;
  signing::EvidenceBlock evidence_;
  PlanVerdict verdict_;
};

}  // namespace

absl::StatusOr<PlanVerdict> LogPlanVerifier::Verify(
    const JsonValue& planned, const AskedChange& change,
    const Invocation& invocation, CommandContext& context) {
  const JsonValue& plan = MemberOrSelf(planned, "plan");
  ORRERY_ASSIGN_OR_RETURN(
      std::vector<ClaimedStep> steps,
      catalog::ReadPlanDocument(MemberText(plan, "id"),
                                MemberText(planned, "plan_document"), plan));
  const bool runs_something = std::any_of(
      steps.begin(), steps.end(),
      [](const ClaimedStep& step) { return step.runs_something(); });
  if (!runs_something) return PlanVerdict();
  const JsonValue* told = planned.Find("basis");
  ORRERY_ASSIGN_OR_RETURN(const catalog::PlanQuestion question,
                          catalog::PlanQuestion::Read(
                              {change.cluster, change.service, change.request},
                              told == nullptr ? JsonValue() : *told));
  ORRERY_ASSIGN_OR_RETURN(const Trust trust, OpenTrust(invocation, context));
  return Verification(change, invocation, question, trust)
      .Run(std::move(steps));
}

}  // namespace orrery::cli
