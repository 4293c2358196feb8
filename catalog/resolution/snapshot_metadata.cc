#include "catalog/resolution/snapshot_metadata.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "catalog/resolution/not_admitted.h"
#include "resolver/range_ranks.h"
#include "resolver/requirement_text.h"
#include "signing/digest.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using resolver::Alternative;
using resolver::Candidate;
using resolver::Node;
using resolver::PackageId;
using resolver::PackageRanks;
using resolver::PrereleaseGate;
using resolver::Rank;
using resolver::RankSet;
using resolver::Target;
using resolver::TargetKind;
using resolver::Version;
using resolver::VersionRange;
using resolver::WrittenBinding;
using resolver::WrittenRequirement;
using resolver::WrittenTarget;

// The version that a release states for what it provides.
std::optional<Version> ProvidedVersion(
    const ReleaseFacts& release, const resolver::WrittenProvide& provide) {
  if (const auto* version = std::get_if<Version>(&provide.version)) {
    return *version;
  }
  const auto* part = std::get_if<uint32_t>(&provide.version);
  if (part == nullptr) return std::nullopt;
  const std::vector<absl::string_view> parts =
      absl::StrSplit(release.release->version, '-');
  if (*part > parts.size()) return std::nullopt;
  absl::StatusOr<Version> version = Version::Parse(parts[*part - 1]);
  if (!version.ok()) return std::nullopt;
  return *std::move(version);
}

bool HasOutputs(const ReleaseFacts& release,
                std::span<const WrittenBinding> bind) {
  return std::all_of(
      bind.begin(), bind.end(), [&](const WrittenBinding& binding) {
        return release.relations->outputs.contains(binding.output);
      });
}

std::string FlagsOf(const ReleaseFacts& release, bool is_untrusted) {
  std::string flags;
  if (release.release->hidden) flags += 'h';
  if (release.is_lost || !release.release->not_current.empty()) flags += 'i';
  if (release.has_known_issues) flags += 'k';
  if (release.version.is_prerelease()) flags += 'p';
  if (release.unreadable || is_untrusted) flags += 'u';
  return flags.empty() ? "-" : flags;
}

}  // namespace

bool RunningRelease::Is(const ReleaseFacts& facts) const {
  return facts.release->name == package && facts.release->source == source &&
         facts.release->release == release &&
         (tree.empty() || TreeOf(facts) == tree);
}

bool Provides(const ReleaseFacts& release, absl::string_view capability,
              const VersionRange& range, std::span<const WrittenBinding> bind) {
  for (const auto& provide : release.relations->relations.provides) {
    if (provide.capability != capability) continue;
    const bool outputs = std::all_of(
        bind.begin(), bind.end(), [&](const WrittenBinding& binding) {
          return std::find(provide.outputs.begin(), provide.outputs.end(),
                           binding.output) != provide.outputs.end();
        });
    if (!outputs) continue;
    if (range.is_any()) return true;
    const std::optional<Version> version = ProvidedVersion(release, provide);
    if (version.has_value() &&
        range.Contains(*version, std::nullopt, PrereleaseGate::kOpen)) {
      return true;
    }
  }
  return false;
}

SnapshotMetadata::SnapshotMetadata(ResolutionContext context)
    : context_(std::move(context)) {}

PackageId SnapshotMetadata::IdOf(absl::string_view name) {
  const auto [entry, is_new] =
      ids_.try_emplace(name, static_cast<PackageId>(packages_.size()));
  if (is_new) {
    packages_.emplace_back();
    packages_.back().name = std::string(name);
  }
  return entry->second;
}

absl::string_view SnapshotMetadata::Name(PackageId package) {
  const auto index = static_cast<size_t>(package);
  // Foreign requests decide what is asked about.
  return index < packages_.size() ? absl::string_view(packages_[index].name)
                                  : "";
}

bool SnapshotMetadata::IsFact(PackageId package) {
  return absl::StartsWith(Name(package), "@");
}

std::string SnapshotMetadata::TextOf(const Node& node) const {
  const auto index = static_cast<size_t>(node.package);
  return NodeText(
      index < packages_.size() ? absl::string_view(packages_[index].name) : "",
      node.instance);
}

absl::StatusOr<SnapshotMetadata::Package*> SnapshotMetadata::Read(
    PackageId package) {
  const auto index = static_cast<size_t>(package);
  if (index >= packages_.size()) {
    return absl::InternalError(
        "the resolver asks about a package that nobody named");
  }
  if (packages_[index].is_read) return &packages_[index];
  if (IsFact(package)) {
    ReadFact(&packages_[index]);
    return &packages_[index];
  }
  std::shared_ptr<const PackageFacts> facts;
  const auto with_lost = context_.with_lost.find(packages_[index].name);
  if (with_lost != context_.with_lost.end()) {
    facts = with_lost->second;
  } else {
    ORRERY_ASSIGN_OR_RETURN(
        facts, context_.cache->Get(
                   context_.snapshot, packages_[index].name,
                   OverlaysOf(context_.admission, packages_[index].name)));
  }
  std::vector<Candidate> candidates;
  for (size_t rank = 0; rank < facts->releases.size(); ++rank) {
    const ReleaseFacts& release = facts->releases[rank];
    Candidate candidate;
    candidate.label = release.release->version;
    candidate.release = static_cast<uint64_t>(release.release->release);
    candidate.prerelease = release.version.is_prerelease();
    bool is_untrusted = false;
    candidate.barred = BarredText(*facts, rank, &is_untrusted);
    if (is_untrusted)
      packages_[index].untrusted.Append(static_cast<Rank>(rank));
    has_refused_ = has_refused_ || is_untrusted;
    const std::string& not_current = release.release->not_current;
    if (candidate.barred.empty() && !not_current.empty() &&
        context_.names != nullptr &&
        !context_.names(release, RevisionOf(release))) {
      candidate.barred = absl::StrCat("it ", not_current);
      packages_[index].past.Append(static_cast<Rank>(rank));
    }
    candidates.push_back(std::move(candidate));
  }
  for (Rank rank = 0; rank < facts->releases.size(); ++rank) {
    const bool runs =
        std::any_of(context_.running.begin(), context_.running.end(),
                    [&](const auto& entry) {
                      return entry.second.Is(facts->releases[rank]);
                    });
    if (runs) packages_[index].running.Append(rank);
  }
  packages_[index].facts = std::move(facts);
  packages_[index].candidates = std::move(candidates);
  packages_[index].is_read = true;
  return &packages_[index];
}

// A fact is a package with one release, whose label is the value, or none.
void SnapshotMetadata::ReadFact(Package* package) const {
  static const auto& nothing =
      *new std::shared_ptr<const PackageFacts>(new PackageFacts());
  package->facts = nothing;
  package->is_read = true;
  Candidate value;
  if (context_.facts.has_value()) {
    const auto found = context_.facts->find(package->name);
    if (found == context_.facts->end()) return;
    value.label = found->second;
  }
  package->candidates.push_back(std::move(value));
}

std::string SnapshotMetadata::BarredText(const PackageFacts& package,
                                         size_t rank, bool* refused) const {
  const ReleaseFacts& release = package.releases[rank];
  if (release.unreadable) return "its relations cannot be read";
  if (release.is_lost) return "its source does not have it any more";
  if (release.is_shadowed) return "a better source has that version";
  if (context_.admission != nullptr && context_.bars_refused) {
    const absl::Status admitted = context_.admission->Admit(*release.release);
    if (!admitted.ok()) {
      *refused = true;
      return absl::StrCat("it is ", NotAdmittedText(admitted));
    }
  }
  if (!release.release->hidden) return "";
  const auto asked = context_.asked.find(package.name);
  if (asked != context_.asked.end()) {
    for (const VersionRange& range : asked->second) {
      if (range.names_one() &&
          range.Contains(release.version,
                         static_cast<uint64_t>(release.release->release),
                         PrereleaseGate::kOpen)) {
        return "";
      }
    }
  }
  return "it is hidden";
}

absl::StatusOr<std::span<const Candidate>> SnapshotMetadata::Candidates(
    PackageId package) {
  ORRERY_ASSIGN_OR_RETURN(const Package* read, Read(package));
  return std::span<const Candidate>(read->candidates);
}

absl::StatusOr<const PackageFacts*> SnapshotMetadata::FactsOf(
    PackageId package) {
  ORRERY_ASSIGN_OR_RETURN(const Package* read, Read(package));
  return read->facts.get();
}

absl::StatusOr<RankSet> SnapshotMetadata::UntrustedOf(PackageId package) {
  ORRERY_ASSIGN_OR_RETURN(const Package* read, Read(package));
  return read->untrusted;
}

absl::StatusOr<RankSet> SnapshotMetadata::PastOf(PackageId package) {
  ORRERY_ASSIGN_OR_RETURN(const Package* read, Read(package));
  return read->past;
}

OptionValues SnapshotMetadata::OptionsOf(const Node& node,
                                         const ReleaseFacts& release) const {
  const auto user = context_.options.find(TextOf(node));
  return {release.defaults.get(),
          user == context_.options.end() ? nullptr : &user->second};
}

RankSet SnapshotMetadata::FactRanks(absl::string_view fact,
                                    const VersionRange& range) {
  RankSet ranks;
  if (!context_.facts.has_value()) {
    ranks.Append(0);
    return ranks;
  }
  const auto found = context_.facts->find(std::string(fact));
  if (found == context_.facts->end()) return ranks;
  const absl::StatusOr<Version> value = Version::Parse(found->second);
  if (range.is_any() || (value.ok() && range.Contains(*value, std::nullopt,
                                                      PrereleaseGate::kOpen))) {
    ranks.Append(0);
  }
  return ranks;
}

bool SnapshotMetadata::FactHolds(const WrittenTarget& target) {
  return !FactRanks(target.name, target.versions).empty();
}

bool SnapshotMetadata::AllowsPrereleases(const Package& package) const {
  return context_.allow_prereleases ||
         context_.prereleases_of.contains(package.name);
}

absl::StatusOr<PackageRanks> SnapshotMetadata::RanksOf(
    PackageId package, const VersionRange& range,
    std::span<const WrittenBinding> bind) {
  ORRERY_ASSIGN_OR_RETURN(const Package* read, Read(package));
  const RankSet in_range =
      resolver::RanksIn(range, read->facts->ranged, AllowsPrereleases(*read));
  PackageRanks ranks{package, {}};
  for (Rank rank = 0; rank < read->facts->releases.size(); ++rank) {
    const ReleaseFacts& release = read->facts->releases[rank];
    if (!bind.empty() && !HasOutputs(release, bind)) continue;
    if (in_range.Contains(rank)) {
      ranks.ranks.Append(rank);
    } else if (read->running.Contains(rank) &&
               range.Contains(release.version,
                              static_cast<uint64_t>(release.release->release),
                              PrereleaseGate::kOpen)) {
      ranks.if_running.Append(rank);
    }
  }
  return ranks;
}

absl::Status SnapshotMetadata::AddProviders(
    const WrittenTarget& written, std::span<const WrittenBinding> bind,
    Target* target) {
  ORRERY_ASSIGN_OR_RETURN(
      const std::vector<std::string> providers,
      context_.cache->Providers(context_.snapshot, written.name));
  std::set<std::string> names(providers.begin(), providers.end());
  for (const auto& [package, facts] : context_.with_lost) names.insert(package);
  for (const std::string& provider : names) {
    const PackageId id = IdOf(provider);
    ORRERY_ASSIGN_OR_RETURN(const Package* read, Read(id));
    RankSet ranks;
    for (Rank rank = 0; rank < read->facts->releases.size(); ++rank) {
      if (Provides(read->facts->releases[rank], written.name, written.versions,
                   bind)) {
        ranks.Append(rank);
      }
    }
    if (!ranks.empty()) target->members.push_back({id, std::move(ranks)});
  }
  return absl::OkStatus();
}

absl::StatusOr<Target> SnapshotMetadata::TargetOf(
    const WrittenTarget& written, std::span<const WrittenBinding> bind) {
  Target target;
  target.name = written.name;
  target.range = written.versions.ToString();
  switch (written.kind) {
    case TargetKind::kFact:
      target.members.push_back(
          {IdOf(written.name), FactRanks(written.name, written.versions)});
      break;
    case TargetKind::kPackage: {
      const PackageId id = IdOf(written.name);
      ORRERY_ASSIGN_OR_RETURN(PackageRanks ranks,
                              RanksOf(id, written.versions, bind));
      target.members.push_back(std::move(ranks));
      break;
    }
    case TargetKind::kCapability:
      target.is_capability = true;
      ORRERY_RETURN_IF_ERROR(AddProviders(written, bind, &target));
      break;
  }
  return target;
}

int64_t SnapshotMetadata::RevisionOf(const ReleaseFacts& release) const {
  if (release.is_lost) return release.lost_revision;
  return context_.admission == nullptr
             ? 1
             : context_.admission->RevisionOf(*release.release);
}

absl::StatusOr<std::string> SnapshotMetadata::CatalogDigest(PackageId package) {
  ORRERY_ASSIGN_OR_RETURN(const Package* read, Read(package));
  std::string lines;
  for (Rank rank = 0; rank < read->facts->releases.size(); ++rank) {
    const ReleaseFacts& release = read->facts->releases[rank];
    absl::StrAppend(&lines, release.release->source, " ",
                    release.release->release, " ", RevisionOf(release), " ",
                    TreeOf(release), " ", release.relations_digest, " ",
                    FlagsOf(release, read->untrusted.Contains(rank)), " ",
                    release.release->version, "\n");
  }
  return absl::StrCat("sha256:", signing::Digest::Of(lines).Hex());
}

RankSet SnapshotMetadata::OfRevision(int64_t revision,
                                     const PackageFacts& package,
                                     const RankSet& ranks) const {
  RankSet kept;
  for (const auto& [first, last] : ranks.intervals()) {
    for (Rank rank = first; rank <= last; ++rank) {
      if (RevisionOf(package.releases[rank]) == revision) {
        kept.Append(rank);
      }
    }
  }
  return kept;
}

// Its node is known, so a pre-release is let in only where it runs.
absl::StatusOr<Target> SnapshotMetadata::TargetOfItem(const RequestItem& item) {
  const PackageId id = IdOf(item.name);
  ORRERY_ASSIGN_OR_RETURN(const Package* read, Read(id));
  const auto running = context_.running.find(item.NodeText());
  std::optional<Rank> runs;
  for (Rank rank = 0; rank < read->facts->releases.size(); ++rank) {
    if (running != context_.running.end() &&
        running->second.Is(read->facts->releases[rank])) {
      runs = rank;
    }
  }
  RankSet ranks = resolver::RanksIn(item.versions, read->facts->ranged,
                                    AllowsPrereleases(*read), runs);
  if (item.revision.has_value()) {
    ranks = OfRevision(*item.revision, *read->facts, ranks);
  }
  Target target;
  target.members.push_back({id, std::move(ranks)});
  return target;
}

absl::StatusOr<Alternative> SnapshotMetadata::AlternativeOf(
    const RequestItem& item) {
  Alternative alternative;
  if (item.is_capability) {
    alternative.target.is_capability = true;
    WrittenTarget written;
    written.kind = TargetKind::kCapability;
    written.name = item.name;
    written.versions = item.versions;
    ORRERY_RETURN_IF_ERROR(AddProviders(written, {}, &alternative.target));
  } else {
    ORRERY_ASSIGN_OR_RETURN(alternative.target, TargetOfItem(item));
  }
  alternative.target.name = item.name;
  alternative.target.range = item.RangeText();
  alternative.features = item.features;
  alternative.instance = item.instance;
  return alternative;
}

const Contradiction* SnapshotMetadata::AlternativeIsSet(
    const std::string& node, const std::string& target) const {
  const auto found = set_alternatives_.find({node, target});
  return found == set_alternatives_.end() ? nullptr : &found->second;
}

const Contradiction* SnapshotMetadata::FeatureIsSet(
    const std::string& node, const std::string& feature) const {
  const auto found = set_features_.find({node, feature});
  return found == set_features_.end() ? nullptr : &found->second;
}

const WrittenRequirement* SnapshotMetadata::Written(const Node& node, Rank rank,
                                                    const std::string& feature,
                                                    uint32_t place) const {
  const Loaded& loaded = *loaded_.at(node);
  const auto& origins =
      feature.empty() ? loaded.origins : loaded.feature_origins.at(feature);
  return origins[rank][place].written;
}

std::string SnapshotMetadata::RequirementText(const Node& node, Rank rank,
                                              const std::string& feature,
                                              uint32_t place) const {
  const Loaded& loaded = *loaded_.at(node);
  const auto& origins =
      feature.empty() ? loaded.origins : loaded.feature_origins.at(feature);
  const Origin& origin = origins[rank][place];
  return origin.written == nullptr
             ? origin.text
             : resolver::RequirementText(*origin.written, feature);
}

}  // namespace orrery::catalog
