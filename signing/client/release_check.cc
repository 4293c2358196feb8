#include "signing/client/release_check.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

absl::Status CheckInstalled(const RevisionKey& key, const RevisionUse& use) {
  if (!use.installed.has_value()) return absl::OkStatus();
  const RevisionKey& installed = *use.installed;
  if (installed.source != key.source) {
    // Numbers of two sources do not compare.
    if (use.allows_source_change) return absl::OkStatus();
    return Refuse(RefusalCode::kVersionSource,
                  absl::StrCat("comes from source ", key.source,
                               ", what is installed from ", installed.source,
                               ": --allow-source-change takes it"));
  }
  const bool is_lower = std::pair(key.release, key.revision) <
                        std::pair(installed.release, installed.revision);
  if (!is_lower || use.allows_downgrade) return absl::OkStatus();
  return Refuse(
      RefusalCode::kVersionRollback,
      absl::StrCat("is lower than what is installed, ", installed.release, "#",
                   installed.revision, ": --allow-downgrade takes it"));
}

// The earliest leaf whose evidence the policy accepts.
int64_t FirstAcceptedLeaf(const RevisionEntry& entry, const Demands& demands) {
  return demands.evidence.value == Evidence::kSshsig ? *entry.released
                                                     : entry.first_leaf();
}

}  // namespace

absl::Status ReleaseCheck::CheckName(absl::string_view package,
                                     std::optional<int64_t> release) const {
  const auto check = [&]() -> absl::Status {
    ORRERY_ASSIGN_OR_RETURN(const Route route, policy_.RouteOf(package));
    if (route.registry != trust_.registry.id) {
      return Refuse(RefusalCode::kNameRouted,
                    absl::StrCat("line ", route.line, " of the policy routes ",
                                 package, " to registry ", route.registry));
    }
    ORRERY_RETURN_IF_ERROR(policy_.CheckPackage(package));
    if (release.has_value()) {
      ORRERY_RETURN_IF_ERROR(policy_.CheckRelease(package, *release));
    }
    return At({.file = trust_.registry.names_file},
              trust_.names.CheckReserved(package));
  };
  return At({.check = 9,
             .registry = trust_.registry.id,
             .package = std::string(package)},
            check());
}

absl::Status ReleaseCheck::CheckPackage(absl::string_view package) const {
  const RefusalPlace place = {.check = 10,
                              .registry = trust_.registry.id,
                              .package = std::string(package)};
  for (const VoidLeaf& leaf : log_.void_leaves) {
    const bool names_it = std::find(leaf.packages.begin(), leaf.packages.end(),
                                    package) != leaf.packages.end();
    if (!names_it || trust_.names.IsExcused(leaf.leaf, leaf.leaf_hash)) {
      continue;
    }
    return At(
        {.leaf = leaf.leaf},
        At(place, Refuse(leaf.code, absl::StrCat("leaf ", leaf.leaf,
                                                 " is void: ", leaf.detail))));
  }
  const PackageState* const known = FindPackage(log_, package);
  if (known == nullptr || known->releases.empty()) {
    return At(place,
              Refuse(RefusalCode::kVersionAbsent,
                     absl::StrCat("the log has no release of ", package)));
  }
  for (const ChainEntry& entry : known->maintainers) {
    // It takes back what would pass without it.
    if (entry.kind != RecordKind::kDistrust) continue;
    return At({.leaf = entry.leaf},
              At(place, Refuse(RefusalCode::kRecordSyntax,
                               "this version does not support records of kind "
                               "distrust: verify with one that does")));
  }
  return ChainOf(package).status();
}

absl::StatusOr<std::shared_ptr<const MaintainerChain>> ReleaseCheck::ChainOf(
    absl::string_view package) const {
  const PackageState* const state = FindPackage(log_, package);
  if (state == nullptr) {
    return At({.check = 10},
              Refuse(RefusalCode::kVersionAbsent,
                     absl::StrCat("the log has no release of ", package)));
  }
  MutexLock lock(&mutex_);
  const auto known = chains_.find(package);
  if (known != chains_.end()) return known->second;
  const auto judge =
      [&]() -> absl::StatusOr<std::shared_ptr<const MaintainerChain>> {
    auto chain = MaintainerChain::Judge(package, *state, policy_, trust_.names);
    if (chain.ok()) {
      return std::make_shared<const MaintainerChain>(*std::move(chain));
    }
    return At({.check = 11,
               .registry = trust_.registry.id,
               .package = std::string(package)},
              chain.status());
  };
  return chains_.emplace(package, judge()).first->second;
}

absl::Status ReleaseCheck::CheckOverlay(absl::string_view package,
                                        const RevisionKey& key) const {
  const TreeHash& tree =
      FindRelease(*FindPackage(log_, package), key.source, key.release)
          ->revisions[key.revision - 1]
          .tree;
  return At({.file = trust_.registry.names_file,
             .check = 12,
             .registry = trust_.registry.id,
             .package = std::string(package),
             .release = key.release,
             .revision = key.revision},
            trust_.names.CheckBlocked(package, key.release, tree));
}

absl::Status ReleaseCheck::CheckEvidence(const MaintainerChain& chain,
                                         const RevisionEntry& entry,
                                         const Demands& demands,
                                         AdmittedRevision& admitted) const {
  const bool wants_sshsig = demands.evidence.value == Evidence::kSshsig;
  admitted.anchor = chain.anchor();
  if (entry.released.has_value() && chain.anchor().ok()) {
    SignerCount count = chain.CheckRelease(
        *entry.released, wants_sshsig ? demands.threshold.value : 1);
    admitted.evidence = Evidence::kSshsig;
    admitted.principals = std::move(count.principals);
    admitted.leaf = *entry.released;
    return At({.leaf = admitted.leaf}, std::move(count.status));
  }
  // Signed by nobody who is known here.
  if (!entry.observed.has_value()) {
    return At({.check = 11, .leaf = *entry.released}, chain.anchor());
  }
  admitted.evidence = Evidence::kObserved;
  admitted.leaf = *entry.observed;
  if (!wants_sshsig) return absl::OkStatus();
  const int64_t line = demands.evidence.line;
  return Refuse(
      RefusalCode::kRecordEvidence,
      absl::StrCat("is observed, and ",
                   line > 0 ? absl::StrCat("line ", line, " of the policy")
                            : "the policy, by default,",
                   " demands sshsig"));
}

absl::Status ReleaseCheck::CheckState(const PackageState& package,
                                      const RevisionKey& key,
                                      const Demands& demands,
                                      const RevisionUse& use) const {
  switch (StateOf(log_, package, key.source, key.release, key.revision)) {
    case RevisionState::kYanked:
      if (use.is_named_by_tree && demands.accepts_yanked.value) break;
      return Refuse(
          RefusalCode::kVersionYanked,
          absl::StrCat("was yanked: ",
                       FindYank(package, key.source, key.release, key.revision)
                           ->reason));
    case RevisionState::kWithdrawn:
      if (use.is_named_by_tree) break;
      return Refuse(RefusalCode::kVersionWithdrawn,
                    absl::StrCat("has left source ", key.source,
                                 ": naming its tree takes it"));
    case RevisionState::kSuperseded:
      if (use.is_named_by_tree || use.is_named_by_revision) break;
      return Refuse(RefusalCode::kVersionAbsent,
                    "has a later revision: naming revision or tree takes it");
    case RevisionState::kCurrent:
      break;
  }
  if (key.revision == 1 || demands.accepts_revisions.value) {
    return absl::OkStatus();
  }
  return Refuse(
      RefusalCode::kVersionRevised,
      absl::StrCat("is a revision, which line ", demands.accepts_revisions.line,
                   " of the policy refuses"));
}

absl::Status ReleaseCheck::CheckAge(const RevisionKey& key,
                                    const RevisionEntry& entry,
                                    const Demands& demands,
                                    bool& is_of_unknown_age) const {
  const int64_t leaf = FirstAcceptedLeaf(entry, demands);
  is_of_unknown_age = IsOfFirstImport(log_, key.source, leaf);
  if (is_of_unknown_age && demands.accepts_import.value) {
    return absl::OkStatus();
  }
  const std::optional<int64_t> logged = TimeOf(log_, leaf);
  // No index leaf yet: it is younger than any.
  const absl::Time end =
      absl::FromUnixSeconds(logged.value_or(0)) + demands.min_age.value;
  if (demands.min_age.value == absl::ZeroDuration() ||
      (logged.has_value() && now_ >= end)) {
    return absl::OkStatus();
  }
  return Refuse(RefusalCode::kVersionYoung,
                absl::StrCat("is younger than line ", demands.min_age.line,
                             " of the policy asks, until ",
                             absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", end,
                                              absl::UTCTimeZone())));
}

absl::Status ReleaseCheck::Judge(absl::string_view package,
                                 const RevisionKey& key, const RevisionUse& use,
                                 AdmittedRevision& admitted) const {
  ORRERY_ASSIGN_OR_RETURN(const Route route, policy_.RouteOf(package));
  if (!route.source.empty() && route.source != key.source) {
    return At({.check = 9},
              Refuse(RefusalCode::kNameRouted,
                     absl::StrCat("line ", route.line, " of the policy routes ",
                                  package, " to source ", route.source)));
  }
  ORRERY_RETURN_IF_ERROR(
      At({.check = 9}, policy_.CheckRelease(package, key.release)));
  ORRERY_ASSIGN_OR_RETURN(const std::shared_ptr<const MaintainerChain> chain,
                          ChainOf(package));
  const ReleaseState* const release =
      FindRelease(chain->package(), key.source, key.release);
  if (release == nullptr || key.revision < 1 ||
      key.revision > static_cast<int64_t>(release->revisions.size())) {
    return At({.check = 10}, Refuse(RefusalCode::kVersionAbsent,
                                    absl::StrCat("is not in source ",
                                                 key.source, " of the log")));
  }
  const RevisionEntry& entry = release->revisions[key.revision - 1];
  const Demands demands = policy_.DemandsOn(package);
  ORRERY_RETURN_IF_ERROR(
      At({.check = 12}, CheckEvidence(*chain, entry, demands, admitted)));
  ORRERY_RETURN_IF_ERROR(
      At({.file = trust_.registry.names_file, .check = 12},
         trust_.names.CheckBlocked(package, key.release, entry.tree)));
  ORRERY_RETURN_IF_ERROR(
      At({.check = 13}, CheckState(chain->package(), key, demands, use)));
  ORRERY_RETURN_IF_ERROR(At({.check = 13}, CheckInstalled(key, use)));
  ORRERY_RETURN_IF_ERROR(
      At({.check = 13},
         CheckAge(key, entry, demands, admitted.is_of_unknown_age)));
  admitted.key = key;
  admitted.tree = entry.tree;
  admitted.version = entry.version;
  admitted.state =
      StateOf(log_, chain->package(), key.source, key.release, key.revision);
  return absl::OkStatus();
}

absl::StatusOr<AdmittedRevision> ReleaseCheck::CheckRevision(
    absl::string_view package, const RevisionKey& key,
    const RevisionUse& use) const {
  AdmittedRevision admitted;
  absl::Status status = Judge(package, key, use, admitted);
  if (status.ok()) return admitted;
  return At({.registry = trust_.registry.id,
             .package = std::string(package),
             .release = key.release,
             .revision = key.revision},
            std::move(status));
}

AdmittedRevision ReleaseCheck::Describe(absl::string_view package,
                                        const RevisionKey& key) const {
  const PackageState& known = *FindPackage(log_, package);
  const RevisionEntry& entry =
      FindRelease(known, key.source, key.release)->revisions[key.revision - 1];
  AdmittedRevision described;
  described.key = key;
  described.tree = entry.tree;
  described.version = entry.version;
  described.state = StateOf(log_, known, key.source, key.release, key.revision);
  described.evidence =
      entry.released.has_value() ? Evidence::kSshsig : Evidence::kObserved;
  described.leaf = entry.released.value_or(entry.first_leaf());
  const auto chain = ChainOf(package);
  if (chain.ok()) {
    // That it is not enough is no matter here.
    (void)CheckEvidence(**chain, entry, policy_.DemandsOn(package), described);
  }
  return described;
}

bool MayTryNextCandidate(const absl::Status& status) {
  const std::optional<Refusal> refusal = RefusalOf(status);
  return refusal.has_value() && refusal->code != RefusalCode::kLogUnavailable &&
         refusal->code != RefusalCode::kLogTile;
}

absl::Status ReleaseCheck::Choose(
    absl::string_view package, const WantedRevision& wanted, RevisionUse use,
    absl::FunctionRef<absl::Status(const RevisionKey&, const RevisionUse&)>
        take) const {
  ORRERY_RETURN_IF_ERROR(CheckName(package, wanted.release));
  ORRERY_RETURN_IF_ERROR(CheckPackage(package));
  ORRERY_ASSIGN_OR_RETURN(const Route route, policy_.RouteOf(package));
  use.is_named_by_tree = wanted.tree.has_value();
  use.is_named_by_revision = wanted.revision.has_value();
  ORRERY_ASSIGN_OR_RETURN(const std::shared_ptr<const MaintainerChain> chain,
                          ChainOf(package));
  absl::Status first;
  for (const RevisionKey& key :
       FindCandidates(log_, chain->package(), route.source, wanted)) {
    absl::Status taken = take(key, use);
    if (taken.ok() || !MayTryNextCandidate(taken)) return taken;
    if (first.ok()) first = std::move(taken);
  }
  if (!first.ok()) return first;
  return At({.check = 10,
             .registry = trust_.registry.id,
             .package = std::string(package),
             .release = wanted.release,
             .revision = wanted.revision},
            Refuse(RefusalCode::kVersionAbsent,
                   absl::StrCat("the log has no such release of ", package)));
}

}  // namespace orrery::signing
