#include "catalog/verify/verifier.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"

#include "catalog/verify/content_agreement.h"
#include "catalog/verify/logged_content.h"
#include "catalog/verify/overlay_files.h"
#include "catalog/verify/release_files.h"
#include "catalog/verify/state_directory.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using signing::At;
using signing::RefusalCode;

// Not only of files that overlays would add to one.
bool HasRelease(const signing::LogState& log,
                const signing::PackageState& package) {
  return std::any_of(
      package.releases.begin(), package.releases.end(),
      [&](const auto& release) {
        return signing::FindSource(log, release.first.first)->is_base();
      });
}

// Whether there are leaves that the user was not told of.
bool MayHaveNews(const RegistryView& view) {
  return view.told_leaves != view.log.log.size;
}

}  // namespace

struct Verifier::Registry {
  Registry(const TrustedRegistry& opened, bool is_offline)
      : trusted(opened), places(opened.places, is_offline) {}

  const signing::LogState& log() const { return view->log.log; }
  LogFiles files(const FileCache& cache) {
    return {&log(), &view->log.leaves, &places, &cache};
  }

  const TrustedRegistry& trusted;
  PlaceList places;
  // Why there is no view.
  absl::Status status;
  std::optional<RegistryView> view;
  // Of the view; there is one where there is a view.
  std::optional<signing::ReleaseCheck> check;
};

Verifier::Verifier(const TrustSetup& setup, VerifierOptions options)
    : setup_(setup),
      options_(std::move(options)),
      cache_(options_.cache_directory),
      file_cache_(options_.takes_stored ? options_.cache_directory : "") {}

Verifier::~Verifier() = default;

absl::StatusOr<Verifier::Registry*> Verifier::Refreshed(absl::string_view id) {
  const auto known = registries_.find(id);
  if (known != registries_.end()) {
    if (!known->second->status.ok()) return known->second->status;
    return known->second.get();
  }
  const auto trusted = std::find_if(
      setup_.registries.begin(), setup_.registries.end(),
      [&](const TrustedRegistry& one) { return one.trust.registry.id == id; });
  auto registry = std::make_unique<Registry>(*trusted, options_.is_offline);
  auto view = RefreshRegistry(*trusted, registry->places, cache_,
                              {options_.now, options_.is_offline,
                               options_.lock_timeout, options_.takes_stored});
  registry->status = view.status();
  if (view.ok()) {
    registry->view.emplace(*std::move(view));
    registry->check.emplace(setup_.policy, trusted->trust, registry->log(),
                            options_.now);
  }
  Registry* const added =
      registries_.emplace(id, std::move(registry)).first->second.get();
  if (!added->status.ok()) return added->status;
  return added;
}

absl::StatusOr<Verifier::Registry*> Verifier::RegistryOf(
    absl::string_view package) {
  const auto at = [&](absl::Status status) {
    return At({.package = std::string(package)}, std::move(status));
  };
  const auto route = setup_.policy.RouteOf(package);
  if (!route.ok()) {
    return At({.file = setup_.policy_name, .check = 9}, at(route.status()));
  }
  auto registry = Refreshed(route->registry);
  if (!registry.ok()) return at(registry.status());
  return registry;
}

absl::Status Verifier::CheckPackage(Registry& registry,
                                    absl::string_view package,
                                    std::optional<int64_t> release) {
  ORRERY_RETURN_IF_ERROR(registry.check->CheckName(package, release));
  return KeepRecordFork(registry, registry.check->CheckPackage(package));
}

absl::Status Verifier::KeepRecordFork(Registry& registry, absl::Status status) {
  const std::optional<signing::Refusal> refusal = signing::RefusalOf(status);
  if (!refusal.has_value() || refusal->code != RefusalCode::kRecordFork) {
    return status;
  }
  const std::vector<signing::VoidLeaf>& leaves = registry.log().void_leaves;
  const auto leaf = std::find_if(leaves.begin(), leaves.end(),
                                 [&](const signing::VoidLeaf& other) {
                                   return other.leaf == refusal->place.leaf &&
                                          other.contradicted.has_value();
                                 });
  if (leaf == leaves.end()) return status;
  const auto evidence = signing::EvidenceOf(
      *leaf, registry.view->log,
      {registry.trusted.trust.registry.id, registry.log().origin,
       registry.view->place,
       static_cast<uint64_t>(absl::ToUnixSeconds(options_.now)), /*check=*/10});
  // The fork is what must be told, whether or not it could be kept.
  if (!evidence.ok()) return status;
  const auto state = StateDirectory::Lock(registry.trusted.state_directory,
                                          options_.lock_timeout);
  if (!state.ok() || !(*state)->Keep(*evidence).ok()) return status;
  return At({.evidence = evidence->directory}, std::move(status));
}

absl::StatusOr<VerifiedRelease> Verifier::Verify(const ReleaseQuery& query) {
  ORRERY_ASSIGN_OR_RETURN(Registry* const registry, RegistryOf(query.package));
  VerifiedRelease verified;
  ORRERY_RETURN_IF_ERROR(KeepRecordFork(
      *registry, registry->check->Choose(
                     query.package, query.wanted, query.use,
                     [&](const signing::RevisionKey& key,
                         const signing::RevisionUse& use) -> absl::Status {
                       ORRERY_ASSIGN_OR_RETURN(
                           verified,
                           VerifyIn(*registry, query.package, key, use));
                       return absl::OkStatus();
                     })));
  return verified;
}

absl::StatusOr<VerifiedRelease> Verifier::VerifyRevision(
    absl::string_view package, const signing::RevisionKey& key,
    const signing::RevisionUse& use) {
  ORRERY_ASSIGN_OR_RETURN(Registry* const registry, RegistryOf(package));
  ORRERY_RETURN_IF_ERROR(CheckPackage(*registry, package, key.release));
  return VerifyIn(*registry, package, key, use);
}

absl::Status Verifier::Check(
    absl::string_view package,
    const std::function<absl::Status(const signing::ReleaseCheck&,
                                     const signing::LogState&)>& check) {
  ORRERY_ASSIGN_OR_RETURN(Registry* const registry, RegistryOf(package));
  return check(*registry->check, registry->log());
}

absl::StatusOr<VerifiedCatalog> Verifier::CatalogOf(absl::string_view package) {
  ORRERY_ASSIGN_OR_RETURN(Registry* const registry, RegistryOf(package));
  const LogFiles files = registry->files(file_cache_);
  // The log is this verifier's.
  return VerifiedCatalog{
      VerifiedSnapshot(files),
      VerifiedAdmission({{std::shared_ptr<const void>(), files.log},
                         setup_.policy,
                         registry->trusted.trust,
                         options_.now},
                        files)};
}

absl::StatusOr<VerifiedRelease> Verifier::ReadRevision(
    absl::string_view package, const signing::RevisionKey& key) {
  ORRERY_ASSIGN_OR_RETURN(Registry* const registry, RegistryOf(package));
  const signing::PackageState* const known =
      signing::FindPackage(registry->log(), package);
  const signing::ReleaseState* const found =
      known == nullptr ? nullptr
                       : signing::FindRelease(*known, key.source, key.release);
  if (found == nullptr || key.revision < 1 ||
      key.revision > static_cast<int64_t>(found->revisions.size())) {
    return At({.check = 10,
               .registry = registry->trusted.trust.registry.id,
               .package = std::string(package),
               .release = key.release},
              signing::Refuse(signing::RefusalCode::kVersionAbsent,
                              absl::StrCat("is not in source ", key.source,
                                           " of the log")));
  }
  VerifiedRelease release;
  release.registry = registry->trusted.trust.registry.id;
  release.package = std::string(package);
  release.revision = registry->check->Describe(package, key);
  return WithFiles(*registry, std::move(release));
}

absl::StatusOr<VerifiedRelease> Verifier::VerifyIn(
    Registry& registry, absl::string_view package,
    const signing::RevisionKey& key, const signing::RevisionUse& use) {
  ORRERY_ASSIGN_OR_RETURN(signing::AdmittedRevision admitted,
                          registry.check->CheckRevision(package, key, use));
  VerifiedRelease release;
  release.registry = registry.trusted.trust.registry.id;
  release.package = std::string(package);
  release.revision = std::move(admitted);
  return WithFiles(registry, std::move(release));
}

absl::StatusOr<VerifiedRelease> Verifier::WithFiles(Registry& registry,
                                                    VerifiedRelease release) {
  const absl::Status status = AddFiles(registry, release);
  if (status.ok()) return release;
  return At({.check = 15,
             .registry = release.registry,
             .package = release.package,
             .release = release.revision.key.release,
             .revision = release.revision.key.revision},
            status);
}

absl::Status Verifier::AddFiles(Registry& registry, VerifiedRelease& release) {
  const LogFiles files = registry.files(file_cache_);
  ORRERY_ASSIGN_OR_RETURN(
      SignedContent record,
      ReadSignedContent(release.revision.leaf, *files.leaves));
  release.statement = record.statement;
  release.content = std::move(record.content);
  ORRERY_ASSIGN_OR_RETURN(release.files,
                          FetchReleaseFiles(release.package, release.content,
                                            registry.places, file_cache_));
  ORRERY_RETURN_IF_ERROR(
      CheckAgreement(release.package, release.content, release.files));
  if (setup_.policy.DemandsOn(release.package).overlays.value ==
      signing::OverlayUse::kNone) {
    return absl::OkStatus();
  }
  ORRERY_ASSIGN_OR_RETURN(release.overlays,
                          ReadOverlays(release, *registry.check, files));
  return absl::OkStatus();
}

absl::StatusOr<Verifier::RoutedNames> Verifier::RoutedPackages() {
  RoutedNames names;
  for (const TrustedRegistry& trusted : setup_.registries) {
    const auto registry = Refreshed(trusted.trust.registry.id);
    if (registry.ok()) {
      AddRouted(**registry, names.packages);
    } else if (signing::RefusalOf(registry.status()).has_value()) {
      names.refused.push_back(registry.status());
    } else {
      return registry.status();
    }
  }
  std::sort(names.packages.begin(), names.packages.end());
  return names;
}

void Verifier::AddRouted(const Registry& registry,
                         std::vector<std::string>& names) const {
  for (const auto& [name, package] : registry.log().packages) {
    const auto route = setup_.policy.RouteOf(name);
    if (route.ok() && route->registry == registry.trusted.trust.registry.id &&
        HasRelease(registry.log(), package)) {
      names.push_back(name);
    }
  }
}

absl::StatusOr<Verifier::OpenedRegistry> Verifier::Open(absl::string_view id) {
  ORRERY_ASSIGN_OR_RETURN(Registry* const registry, Refreshed(id));
  return OpenedRegistry{registry->trusted, *registry->view, registry->places};
}

absl::StatusOr<std::vector<RegistryReport>> Verifier::Reports() const {
  std::vector<RegistryReport> reports;
  for (const auto& [id, registry] : registries_) {
    if (!registry->view.has_value()) {
      auto evidence = UnacknowledgedEvidence(registry->trusted.state_directory);
      if (evidence.ok() && !evidence->empty()) {
        reports.push_back({.id = id, .evidence = *std::move(evidence)});
      }
      continue;
    }
    const signing::RefreshedLog& log = registry->view->log;
    RegistryReport report{id,
                          log.state.checkpoint.origin,
                          log.state.checkpoint.size,
                          log.state.checkpoint.root,
                          signing::Digest::Of(log.state.note),
                          log.state.quorum_time,
                          log.stale_by,
                          log.is_first_use,
                          {},
                          {}};
    report.modes =
        signing::FindModeSwitches(registry->log(), registry->view->told_leaves);
    ORRERY_ASSIGN_OR_RETURN(
        report.evidence,
        UnacknowledgedEvidence(registry->trusted.state_directory));
    reports.push_back(std::move(report));
  }
  return reports;
}

std::vector<RevisionNews> Verifier::News(
    const std::vector<std::string>& packages) const {
  std::vector<RevisionNews> news;
  for (const std::string& name : packages) {
    const auto route = setup_.policy.RouteOf(name);
    if (!route.ok()) continue;
    const auto known = registries_.find(route->registry);
    if (known == registries_.end() || !known->second->view.has_value()) {
      continue;
    }
    const signing::RefreshedLog& log = known->second->view->log;
    const signing::PackageState* const package =
        signing::FindPackage(log.log, name);
    if (package == nullptr) continue;
    for (signing::NewRevision& revision : signing::FindNewRevisions(
             *package, known->second->view->told_leaves)) {
      news.push_back({route->registry, name, std::move(revision)});
    }
  }
  return news;
}

std::vector<RevisionNews> Verifier::News() const {
  std::vector<std::string> names;
  for (const auto& [id, registry] : registries_) {
    // Else all packages would be gone through for nothing.
    if (registry->view.has_value() && MayHaveNews(*registry->view)) {
      AddRouted(*registry, names);
    }
  }
  std::sort(names.begin(), names.end());
  return News(names);
}

absl::Status Verifier::MarkTold() {
  for (auto& [id, registry] : registries_) {
    if (!registry->view.has_value()) continue;
    RegistryView& view = *registry->view;
    if (!MayHaveNews(view)) continue;
    ORRERY_ASSIGN_OR_RETURN(
        const auto state,
        StateDirectory::Lock(registry->trusted.state_directory,
                             options_.lock_timeout));
    ORRERY_RETURN_IF_ERROR(state->WriteTold(view.log.log.size));
    view.told_leaves = view.log.log.size;
  }
  return absl::OkStatus();
}

std::vector<signing::EvidenceBlock::Registry> Verifier::EvidenceRegistries()
    const {
  std::vector<signing::EvidenceBlock::Registry> blocks;
  for (const auto& [id, registry] : registries_) {
    if (!registry->view.has_value()) continue;
    const signing::RefreshedLog& log = registry->view->log;
    const signing::RegistryTrust& trust = registry->trusted.trust;
    signing::EvidenceBlock::Registry block{
        .id = id,
        .origin = log.state.checkpoint.origin,
        .note = signing::Digest::Of(log.state.note),
        .size = log.state.checkpoint.size,
        .quorum_time = log.state.quorum_time,
        .tlog_policy = trust.tlog_policy_digest,
        .names = trust.names_digest};
    if (options_.is_as_of) block.as_of = absl::ToUnixSeconds(options_.now);
    if (log.stale_by > absl::ZeroDuration()) {
      block.stale_by = absl::ToInt64Seconds(log.stale_by);
    }
    blocks.push_back(std::move(block));
  }
  return blocks;
}

}  // namespace orrery::catalog
