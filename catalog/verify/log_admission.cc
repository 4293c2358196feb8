#include "catalog/verify/log_admission.h"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"

#include "catalog/verify/logged_release.h"
#include "registry/judge/tree_hash.h"
#include "resolver/version.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using signing::LogState;
using signing::RefusalCode;
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

bool IsIn(const resolver::VersionRange& range, absl::string_view label,
          int64_t release) {
  const auto version = resolver::Version::Parse(label);
  return version.ok() &&
         range.Contains(*version, static_cast<uint64_t>(release),
                        resolver::PrereleaseGate::kOpen);
}

std::string WhyNotCurrent(const LogState& log, absl::string_view package,
                          const RevisionKey& key) {
  const signing::PackageState& known = *signing::FindPackage(log, package);
  switch (signing::StateOf(log, known, key.source, key.release, key.revision)) {
    case signing::RevisionState::kYanked:
      return absl::StrCat(
          "was yanked: ",
          signing::FindYank(known, key.source, key.release, key.revision)
              ->reason);
    case signing::RevisionState::kWithdrawn:
      return absl::StrCat("has left source ", key.source);
    case signing::RevisionState::kSuperseded:
      return "has a later revision";
    case signing::RevisionState::kCurrent:
      break;
  }
  return "";
}

std::string UrlOf(const signing::SourceRecord& source) {
  const auto* const git = std::get_if<signing::GitOrigin>(&source.origin);
  return git != nullptr ? git->repository.url
                        : std::get<signing::JsonOrigin>(source.origin).url;
}

}  // namespace

ReleaseContent ContentOf(const registry::Release& release) {
  return {release.name, release.source, release.release,
          registry::TreeHash(release)};
}

ReleaseContent ContentOf(const RunningService& service) {
  return {service.package, service.source, service.release, service.tree};
}

LogAdmission::LogAdmission(Basis basis)
    : basis_(std::move(basis)),
      check_(basis_.policy, basis_.trust, *basis_.log, basis_.now) {}

absl::Status LogAdmission::CheckName(
    absl::string_view package, const RevisionKey& key,
    const signing::RevisionUse& /*use*/) const {
  ORRERY_RETURN_IF_ERROR(check().CheckName(package, key.release));
  return check().CheckPackage(package);
}

absl::Status LogAdmission::CheckContent(const ReleaseContent& content,
                                        const signing::RevisionUse& use) const {
  const auto judge = [&]() -> absl::Status {
    ORRERY_RETURN_IF_ERROR(
        CheckName(content.package, {content.source, content.release, 0}, use));
    ORRERY_ASSIGN_OR_RETURN(const RevisionKey key, FindIn(log(), content));
    return check().CheckRevision(content.package, key, use).status();
  };
  return signing::At({.registry = trust().registry.id,
                      .package = content.package,
                      .release = content.release},
                     judge());
}

absl::Status LogAdmission::Admit(const registry::Release& release) const {
  return CheckContent(ContentOf(release),
                      {.is_named_by_tree = !release.not_current.empty()});
}

absl::Status LogAdmission::AdmitRunning(const RunningService& service) const {
  return CheckContent(ContentOf(service), {.is_named_by_tree = true});
}

std::string LogAdmission::WhyYanked(const RunningService& service) const {
  const absl::StatusOr<RevisionKey> key = Find(ContentOf(service));
  return key.ok() ? WhyYanked(service.package, *key) : "";
}

std::string LogAdmission::WhyYanked(absl::string_view package,
                                    const RevisionKey& key) const {
  const signing::PackageState* const known =
      signing::FindPackage(log(), package);
  const signing::Yank* const yank =
      known == nullptr || key.revision == 0
          ? nullptr
          : signing::FindYank(*known, key.source, key.release, key.revision);
  return yank == nullptr ? "" : yank->reason;
}

int64_t LogAdmission::RevisionOf(const registry::Release& release) const {
  const absl::StatusOr<RevisionKey> found = Find(ContentOf(release));
  return found.ok() ? found->revision : 1;
}

absl::Status LogAdmission::ExplainAbsence(
    absl::string_view package, const resolver::VersionRange& versions) const {
  const auto explain = [&]() -> absl::Status {
    const signing::PackageState* const known =
        signing::FindPackage(log(), package);
    if (known == nullptr) return absl::OkStatus();
    for (const auto& [place, release] : known->releases) {
      const auto& [source, number] = place;
      // What an overlay added is no release.
      if (!signing::FindSource(log(), source)->is_base()) continue;
      const auto latest = static_cast<int64_t>(release.revisions.size());
      const auto state =
          signing::StateOf(log(), *known, source, number, latest);
      if ((state != signing::RevisionState::kWithdrawn &&
           state != signing::RevisionState::kYanked) ||
          !IsIn(versions, release.revisions.back().version, number)) {
        continue;
      }
      ORRERY_RETURN_IF_ERROR(check().CheckName(package, number));
      ORRERY_RETURN_IF_ERROR(
          check()
              .CheckRevision(package, {source, number, latest}, {})
              .status());
    }
    return absl::OkStatus();
  };
  return signing::At(
      {.registry = trust().registry.id, .package = std::string(package)},
      explain());
}

absl::StatusOr<RevisionKey> LogAdmission::Find(
    const ReleaseContent& content) const {
  absl::StatusOr<RevisionKey> key = FindIn(log(), content);
  if (key.ok()) return key;
  return signing::At({.registry = trust().registry.id,
                      .package = content.package,
                      .release = content.release},
                     key.status());
}

std::vector<RevisionKey> LogAdmission::FindPast(
    const NamedContent& named) const {
  std::vector<RevisionKey> past;
  const signing::PackageState* const package =
      signing::FindPackage(log(), named.package);
  if (package == nullptr) return past;
  for (const auto& [place, release] : package->releases) {
    const auto& [source, number] = place;
    if (!signing::FindSource(log(), source)->is_base()) continue;
    for (size_t i = 0; i < release.revisions.size(); ++i) {
      const auto revision = static_cast<int64_t>(i + 1);
      const bool is_named =
          named.tree.empty()
              ? named.revision == revision &&
                    IsIn(named.versions, release.revisions[i].version, number)
              : release.revisions[i].tree.Text() == named.tree;
      if (is_named &&
          signing::StateOf(log(), *package, source, number, revision) !=
              signing::RevisionState::kCurrent) {
        past.push_back({source, number, revision});
      }
    }
  }
  return past;
}

PastRelease LogAdmission::PastOf(absl::string_view package,
                                 const RevisionKey& key,
                                 const signing::RevisionContent& content,
                                 const std::vector<VerifiedFile>& files) const {
  std::shared_ptr<registry::Release> release =
      ReleaseOf(package, key.source, content, files);
  release->not_current = WhyNotCurrent(log(), package, key);
  PastRelease past;
  past.source_url = UrlOf(signing::FindSource(log(), key.source)->in_force());
  for (const signing::ContentFile& file : content.files) {
    const std::string* bytes = FindFile(files, file.path);
    if (bytes != nullptr) past.contents[file.digest] = *bytes;
  }
  past.release = std::move(release);
  return past;
}

absl::StatusOr<signing::AdmittedRevision> LogAdmission::Check(
    absl::string_view package, const RevisionKey& key,
    const signing::RevisionUse& use) const {
  ORRERY_RETURN_IF_ERROR(CheckName(package, key, use));
  return check().CheckRevision(package, key, use);
}

}  // namespace orrery::catalog
