#include "catalog/trust_view.h"

#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"

#include "catalog/verify/content_agreement.h"
#include "registry/format/relations_document.h"
#include "registry/judge/tree_hash.h"
#include "resolver/version.h"
#include "signing/content_check.h"
#include "signing/leaf.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using signing::LogState;
using signing::RefusalCode;
using signing::ReleaseCheck;
using signing::RevisionContent;
using signing::RevisionKey;

absl::StatusOr<RevisionKey> FindIn(const LogState& log,
                                   const ReleaseContent& wanted) {
  const signing::PackageState* package =
      signing::FindPackage(log, wanted.package);
  const signing::ReleaseState* release =
      package == nullptr
          ? nullptr
          : signing::FindRelease(*package, wanted.source, wanted.release);
  if (release == nullptr) {
    return signing::At(
        {.check = 10},
        signing::Refuse(
            RefusalCode::kVersionAbsent,
            absl::StrCat("is not in source ", wanted.source, " of the log")));
  }
  const auto latest = static_cast<int64_t>(release->revisions.size());
  if (wanted.tree.empty()) {
    return RevisionKey{wanted.source, wanted.release, latest};
  }
  for (int64_t revision = latest; revision > 0; --revision) {
    if (release->revisions[revision - 1].tree.Text() == wanted.tree) {
      return RevisionKey{wanted.source, wanted.release, revision};
    }
  }
  return signing::At(
      {.check = 15},
      signing::Refuse(
          RefusalCode::kContentTree,
          absl::StrCat("has the tree ", wanted.tree,
                       ", and the log has another one for release ",
                       wanted.release, " of source ", wanted.source)));
}

// Null for a leaf of another kind.
const RevisionContent* ContentIn(const signing::Leaf& leaf) {
  if (const auto* body =
          std::get_if<signing::ObservedRecord>(&leaf.record.body)) {
    return &body->content;
  }
  const auto* body = std::get_if<signing::ReleaseRecord>(&leaf.record.body);
  return body == nullptr ? nullptr : &body->content;
}

struct LoggedContent {
  RevisionContent content;
  signing::Digest statement;
};

absl::StatusOr<LoggedContent> ReadContent(registry::RegistryLog& log,
                                          int64_t index) {
  ORRERY_ASSIGN_OR_RETURN(const std::string bytes, log.ReadLeafAt(index));
  ORRERY_ASSIGN_OR_RETURN(const signing::Leaf leaf, signing::ParseLeaf(bytes));
  const RevisionContent* content = ContentIn(leaf);
  if (content != nullptr) {
    return LoggedContent{*content, leaf.statement_digest};
  }
  return signing::Refuse(
      RefusalCode::kRecordSyntax,
      absl::StrCat("leaf ", index, " is no record of a release"));
}

// Of the latest revisions that overlays of a base source have of a package.
std::vector<std::pair<RevisionKey, int64_t>> OverlayLeaves(
    const LogState& log, absl::string_view name, absl::string_view base) {
  std::vector<std::pair<RevisionKey, int64_t>> leaves;
  const signing::PackageState* package = signing::FindPackage(log, name);
  if (package == nullptr) return leaves;
  for (const auto& [key, release] : package->releases) {
    const signing::SourceState* source = signing::FindSource(log, key.first);
    if (source == nullptr || source->in_force().overlay_of != base) continue;
    const auto revision = static_cast<int64_t>(release.revisions.size());
    if (signing::StateOf(log, *package, key.first, key.second, revision) !=
        signing::RevisionState::kCurrent) {
      continue;
    }
    leaves.push_back({{key.first, key.second, revision},
                      release.revisions.back().first_leaf()});
  }
  return leaves;
}

}  // namespace

ReleaseContent ContentOf(const registry::Release& release) {
  return {release.name, release.source, release.release,
          registry::TreeHash(release)};
}

ReleaseContent ContentOf(const ServiceRecord& record) {
  return {record.package, record.source, record.release, record.tree};
}

TrustView::TrustView(registry::RegistryLog* log, Basis basis)
    : log_(*log),
      state_(std::move(basis.log)),
      policy_(std::move(basis.policy)),
      trust_(std::move(basis.trust)),
      checkpoint_(std::move(basis.checkpoint)),
      unread_sources_(std::move(basis.unread_sources)),
      check_(policy_, trust_, *state_, basis.now) {}

absl::Status TrustView::CheckName(absl::string_view package,
                                  const RevisionKey& key,
                                  const signing::RevisionUse& use) const {
  ORRERY_RETURN_IF_ERROR(check_.CheckName(package, key.release));
  ORRERY_ASSIGN_OR_RETURN(const signing::Route route, policy_.RouteOf(package));
  const signing::SourceState* const source =
      signing::FindSource(*state_, key.source);
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
                  trust_.registry.id, "/", key.source, " ", package, "`")));
    }
  }
  return check_.CheckPackage(package);
}

absl::Status TrustView::CheckContent(const ReleaseContent& content,
                                     const signing::RevisionUse& use) const {
  const auto judge = [&]() -> absl::Status {
    ORRERY_RETURN_IF_ERROR(
        CheckName(content.package, {content.source, content.release, 0}, use));
    ORRERY_ASSIGN_OR_RETURN(const RevisionKey key, FindIn(*state_, content));
    return check_.CheckRevision(content.package, key, use).status();
  };
  return signing::At({.registry = trust_.registry.id,
                      .package = content.package,
                      .release = content.release},
                     judge());
}

absl::Status TrustView::Admit(const registry::Release& release) const {
  return CheckContent(ContentOf(release), {});
}

absl::Status TrustView::AdmitRunning(const ServiceRecord& record) const {
  return CheckContent(ContentOf(record), {.is_named_by_tree = true});
}

int64_t TrustView::RevisionOf(const registry::Release& release) const {
  const absl::StatusOr<RevisionKey> found = Find(ContentOf(release));
  return found.ok() ? found->revision : 1;
}

absl::Status TrustView::ExplainAbsence(
    absl::string_view package, const resolver::VersionRange& versions) const {
  const auto explain = [&]() -> absl::Status {
    const signing::PackageState* const known =
        signing::FindPackage(*state_, package);
    if (known == nullptr) return absl::OkStatus();
    for (const auto& [place, release] : known->releases) {
      const auto& [source, number] = place;
      const auto latest = static_cast<int64_t>(release.revisions.size());
      const auto state =
          signing::StateOf(*state_, *known, source, number, latest);
      const auto label =
          resolver::Version::Parse(release.revisions.back().version);
      if ((state != signing::RevisionState::kWithdrawn &&
           state != signing::RevisionState::kYanked) ||
          !label.ok() ||
          !versions.Contains(*label, static_cast<uint64_t>(number),
                             resolver::PrereleaseGate::kOpen)) {
        continue;
      }
      ORRERY_RETURN_IF_ERROR(check_.CheckName(package, number));
      ORRERY_RETURN_IF_ERROR(
          check_.CheckRevision(package, {source, number, latest}, {}).status());
    }
    return absl::OkStatus();
  };
  return signing::At(
      {.registry = trust_.registry.id, .package = std::string(package)},
      explain());
}

absl::StatusOr<RevisionKey> TrustView::Find(
    const ReleaseContent& content) const {
  absl::StatusOr<RevisionKey> key = FindIn(*state_, content);
  if (key.ok()) return key;
  return signing::At({.registry = trust_.registry.id,
                      .package = content.package,
                      .release = content.release},
                     key.status());
}

absl::Status TrustView::Check(absl::string_view package, const RevisionKey& key,
                              const signing::RevisionUse& use) const {
  ORRERY_RETURN_IF_ERROR(CheckName(package, key, use));
  return check_.CheckRevision(package, key, use).status();
}

absl::StatusOr<VerifiedRelease> TrustView::Read(absl::string_view package,
                                                const RevisionKey& key) const {
  VerifiedRelease release;
  release.registry = trust_.registry.id;
  release.package = std::string(package);
  release.revision = check_.Describe(package, key);
  const auto read = [&]() -> absl::Status {
    ORRERY_ASSIGN_OR_RETURN(LoggedContent logged,
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
                      .registry = trust_.registry.id,
                      .package = release.package,
                      .release = key.release,
                      .revision = key.revision,
                      .leaf = release.revision.leaf},
                     status);
}

absl::StatusOr<std::optional<signing::EvidenceBlock::Overlay>>
TrustView::FindOverlay(absl::string_view package, absl::string_view base,
                       absl::string_view relations) const {
  std::optional<signing::EvidenceBlock::Overlay> overlay;
  if (DemandsOn(package).overlays.value == signing::OverlayUse::kNone) {
    return overlay;
  }
  const signing::Digest wanted = signing::Digest::Of(relations);
  for (const auto& [key, leaf] : OverlayLeaves(*state_, package, base)) {
    ORRERY_ASSIGN_OR_RETURN(const LoggedContent logged,
                            ReadContent(log_, leaf));
    for (const signing::ContentFile& file : logged.content.files) {
      if (file.path != registry::kRelationsFile || file.digest != wanted) {
        continue;
      }
      ORRERY_RETURN_IF_ERROR(check_.CheckOverlay(package, key));
      overlay = {trust_.registry.id, key.source,         std::string(package),
                 key.release,        key.revision,       leaf,
                 logged.statement,   logged.content.tree};
      return overlay;
    }
  }
  return overlay;
}

signing::EvidenceBlock::Registry TrustView::Evidence() const {
  signing::EvidenceBlock::Registry evidence;
  const signing::ClientState& state = checkpoint_.state;
  evidence.id = trust_.registry.id;
  evidence.origin = state.checkpoint.origin;
  evidence.note = signing::Digest::Of(state.note);
  evidence.size = state.checkpoint.size;
  evidence.quorum_time = state.quorum_time;
  evidence.tlog_policy = trust_.tlog_policy_digest;
  evidence.names = trust_.names_digest;
  if (checkpoint_.stale_by > absl::ZeroDuration()) {
    evidence.stale_by = absl::ToInt64Seconds(checkpoint_.stale_by);
  }
  return evidence;
}

}  // namespace orrery::catalog
