#include "catalog/planning/trust_view.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "catalog/verify/content_agreement.h"
#include "catalog/verify/logged_content.h"
#include "catalog/verify/overlay_files.h"
#include "registry/format/relations_document.h"
#include "signing/client/candidates.h"
#include "signing/client/content_check.h"
#include "signing/record/leaf.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using signing::RefusalCode;
using signing::RevisionKey;

absl::StatusOr<SignedContent> ReadContent(registry::RegistryLog& log,
                                          int64_t index) {
  ORRERY_ASSIGN_OR_RETURN(const std::string bytes, log.ReadLeafAt(index));
  ORRERY_ASSIGN_OR_RETURN(signing::Leaf leaf, signing::ParseLeaf(bytes));
  return ContentOfLeaf(std::move(leaf));
}

}  // namespace

TrustView::TrustView(registry::RegistryLog* log, Basis basis)
    : LogAdmission(std::move(basis.admission)),
      log_(*log),
      checkpoint_(std::move(basis.checkpoint)),
      unread_sources_(std::move(basis.unread_sources)) {}

absl::Status TrustView::CheckName(absl::string_view package,
                                  const RevisionKey& key,
                                  const signing::RevisionUse& use) const {
  ORRERY_RETURN_IF_ERROR(check().CheckName(package, key.release));
  ORRERY_ASSIGN_OR_RETURN(const signing::Route route,
                          policy().RouteOf(package));
  const signing::SourceState* const source =
      signing::FindSource(log(), key.source);
  // What is named by its content is no other source's.
  const bool is_contested = route.source.empty() && !use.is_named_by_tree;
  if (is_contested && source != nullptr) {
    for (const registry::Source& better : unread_sources_) {
      if (better.priority >= source->in_force().priority) continue;
      return signing::At(
          {.check = 9},
          signing::Refuse(
              RefusalCode::kLogUnavailable,
              absl::StrCat(
                  "source ", better.name, " comes before source ", key.source,
                  " and was never read, so that nobody knows whether "
                  "it has ",
                  package, ": run `orrery source sync ", better.name,
                  "`, remove it, or route the name in the policy with "
                  "`names ",
                  trust().registry.id, "/", key.source, " ", package, "`")));
    }
  }
  return check().CheckPackage(package);
}

absl::StatusOr<VerifiedRelease> TrustView::Read(absl::string_view package,
                                                const RevisionKey& key) const {
  VerifiedRelease release;
  release.registry = trust().registry.id;
  release.package = std::string(package);
  release.revision = check().Describe(package, key);
  const auto read = [&]() -> absl::Status {
    ORRERY_ASSIGN_OR_RETURN(SignedContent logged,
                            ReadContent(log_, release.revision.leaf));
    release.content = std::move(logged.content);
    release.statement = logged.statement;
    std::vector<signing::FetchedFile> fetched;
    for (const signing::ContentFile& file : release.content.files) {
      ORRERY_ASSIGN_OR_RETURN(std::string bytes, log_.ReadContent(file.digest));
      release.files.push_back({file.path, std::move(bytes)});
    }
    for (const VerifiedFile& file : release.files) {
      fetched.push_back({file.path, file.bytes});
    }
    ORRERY_RETURN_IF_ERROR(
        signing::CheckContent(package, release.content, fetched));
    return CheckAgreement(package, release.content, release.files);
  };
  const absl::Status status = read();
  if (status.ok()) return release;
  return signing::At({.check = 15,
                      .registry = trust().registry.id,
                      .package = release.package,
                      .release = key.release,
                      .revision = key.revision,
                      .leaf = release.revision.leaf},
                     status);
}

absl::StatusOr<std::vector<PastRelease>> TrustView::ReadPast(
    const NamedContent& named) const {
  std::vector<PastRelease> past;
  for (const RevisionKey& key : FindPast(named)) {
    ORRERY_ASSIGN_OR_RETURN(const VerifiedRelease release,
                            Read(named.package, key));
    past.push_back(PastOf(named.package, key, release.content, release.files));
  }
  return past;
}

absl::StatusOr<std::optional<signing::EvidenceBlock::Overlay>>
TrustView::FindOverlay(const VerifiedRelease& base,
                       absl::string_view relations) const {
  std::optional<signing::EvidenceBlock::Overlay> found;
  const std::string& package = base.package;
  if (!UsesOverlays(package) ||
      FindFile(base.files, registry::kRelationsFile) != nullptr) {
    return found;
  }
  const signing::PackageState& known = *signing::FindPackage(log(), package);
  std::vector<RevisionKey> overlays =
      signing::FindOverlays(log(), known, base.revision.key);
  for (RevisionKey& other :
       signing::FindOtherOverlays(log(), known, base.revision.key)) {
    if (CoverAlso(relations, other.release, package, base.revision.key.release,
                  base.revision.version)) {
      overlays.push_back(std::move(other));
    }
  }
  const signing::Digest wanted = signing::Digest::Of(relations);
  for (const RevisionKey& key : overlays) {
    const int64_t leaf = signing::FindRelease(known, key.source, key.release)
                             ->revisions[key.revision - 1]
                             .first_leaf();
    ORRERY_ASSIGN_OR_RETURN(const SignedContent logged,
                            ReadContent(log_, leaf));
    for (const signing::ContentFile& file : logged.content.files) {
      if (file.path != registry::kRelationsFile || file.digest != wanted) {
        continue;
      }
      ORRERY_RETURN_IF_ERROR(check().CheckOverlay(package, key));
      found = {trust().registry.id, key.source,         package,
               key.release,         key.revision,       leaf,
               logged.statement,    logged.content.tree};
      return found;
    }
  }
  return found;
}

signing::EvidenceBlock::Registry TrustView::Evidence() const {
  signing::EvidenceBlock::Registry evidence;
  const signing::ClientState& state = checkpoint_.state;
  evidence.id = trust().registry.id;
  evidence.origin = state.checkpoint.origin;
  evidence.note = signing::Digest::Of(state.note);
  evidence.size = state.checkpoint.size;
  evidence.quorum_time = state.quorum_time;
  evidence.tlog_policy = trust().tlog_policy_digest;
  evidence.names = trust().names_digest;
  if (checkpoint_.stale_by > absl::ZeroDuration()) {
    evidence.stale_by = absl::ToInt64Seconds(checkpoint_.stale_by);
  }
  return evidence;
}

}  // namespace orrery::catalog
