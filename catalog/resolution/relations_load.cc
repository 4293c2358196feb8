// Loading: what was written, for one node.

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"

#include "catalog/resolution/snapshot_metadata.h"
#include "registry/format/canonical_json.h"
#include "registry/format/dcos_version.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::DcosVersion;
using registry::JsonValue;
using resolver::Alternative;
using resolver::Node;
using resolver::OptionCondition;
using resolver::PackageRelations;
using resolver::Rank;
using resolver::RankSet;
using resolver::Requirement;
using resolver::RequirementTable;
using resolver::Shared;
using resolver::Target;
using resolver::TargetKind;
using resolver::VersionRange;
using resolver::WrittenAlternative;
using resolver::WrittenCondition;
using resolver::WrittenRequirement;
using resolver::WrittenTarget;

constexpr char kDcos[] = "@dcos";

// Adds `what` to the releases that share it.
template <typename T>
void Share(Rank rank, const T& what, std::vector<Shared<T>>* all) {
  auto shared = std::find_if(all->begin(), all->end(), [&](const auto& entry) {
    return entry.what == what;
  });
  if (shared == all->end()) shared = all->insert(shared, {RankSet(), what});
  shared->ranks.Append(rank);
}

// DC/OS versions may have a suffix, which does not count.
std::optional<DcosVersion> DcosVersionOf(absl::string_view text) {
  return DcosVersion::Parse(text.substr(0, text.find('-')));
}

}  // namespace

// Builds the relations of one node, release by release.
struct SnapshotMetadata::Reader {
  SnapshotMetadata& metadata;
  const Node& node;
  const PackageFacts& package;
  Loaded& loaded;

  absl::Status ReadAll();
  absl::Status ReadRelease(Rank rank);
  absl::Status ReadRequirements(
      const std::vector<WrittenRequirement>& requirements,
      const OptionValues& options, Rank rank, RequirementTable* table,
      std::vector<Origin>* origins);
  absl::StatusOr<std::optional<Requirement>> ReadRequirement(
      const WrittenRequirement& written, const OptionValues& options);
  absl::StatusOr<bool> ReadConditions(const WrittenRequirement& written,
                                      const OptionValues& options,
                                      Requirement* out);
  absl::StatusOr<Alternative> ReadAlternative(const WrittenAlternative& written,
                                              const OptionValues& options);
  absl::Status ReadImplicit(const ReleaseFacts& release, Rank rank);
  absl::Status ReadTargets(const ReleaseFacts& release, Rank rank);
  absl::Status AddBound(const WrittenTarget& written, Rank rank);
  void ReadClaims(const ReleaseFacts& release, const OptionValues& options,
                  Rank rank);
  absl::Status ReadFeatures(const ReleaseFacts& release,
                            const OptionValues& options, Rank rank);
  void Add(Rank rank, const Requirement& requirement, Origin origin,
           RequirementTable* table, std::vector<Origin>* origins);
};

absl::Status SnapshotMetadata::Reader::ReadAll() {
  loaded.origins.resize(package.releases.size());
  for (Rank rank = 0; rank < package.releases.size(); ++rank) {
    ORRERY_RETURN_IF_ERROR(ReadRelease(rank));
  }
  return absl::OkStatus();
}

absl::Status SnapshotMetadata::Reader::ReadRelease(Rank rank) {
  const ReleaseFacts& release = package.releases[rank];
  const OptionValues options = metadata.OptionsOf(node, release);
  ORRERY_RETURN_IF_ERROR(
      ReadRequirements(release.relations->relations.requirements, options, rank,
                       &loaded.relations.requirements, &loaded.origins[rank]));
  ORRERY_RETURN_IF_ERROR(ReadImplicit(release, rank));
  ORRERY_RETURN_IF_ERROR(ReadTargets(release, rank));
  ReadClaims(release, options, rank);
  return ReadFeatures(release, options, rank);
}

void SnapshotMetadata::Reader::Add(Rank rank, const Requirement& requirement,
                                   Origin origin, RequirementTable* table,
                                   std::vector<Origin>* origins) {
  table->Add(rank, requirement);
  if (table->OfRank(rank).size() > origins->size()) {
    origins->push_back(std::move(origin));
  }
}

absl::Status SnapshotMetadata::Reader::ReadRequirements(
    const std::vector<WrittenRequirement>& requirements,
    const OptionValues& options, Rank rank, RequirementTable* table,
    std::vector<Origin>* origins) {
  for (const WrittenRequirement& written : requirements) {
    ORRERY_ASSIGN_OR_RETURN(const std::optional<Requirement> requirement,
                            ReadRequirement(written, options));
    if (requirement.has_value()) {
      Add(rank, *requirement, {&written, ""}, table, origins);
    }
  }
  return absl::OkStatus();
}

// Nothing when a condition on an option or a fact does not hold.
absl::StatusOr<std::optional<Requirement>>
SnapshotMetadata::Reader::ReadRequirement(const WrittenRequirement& written,
                                          const OptionValues& options) {
  Requirement requirement;
  ORRERY_ASSIGN_OR_RETURN(const bool applies,
                          ReadConditions(written, options, &requirement));
  if (!applies) return std::nullopt;
  for (const WrittenAlternative& alternative : written.any_of) {
    ORRERY_ASSIGN_OR_RETURN(Alternative read,
                            ReadAlternative(alternative, options));
    requirement.any_of.push_back(std::move(read));
  }
  return requirement;
}

absl::StatusOr<bool> SnapshotMetadata::Reader::ReadConditions(
    const WrittenRequirement& written, const OptionValues& options,
    Requirement* out) {
  for (const WrittenCondition& condition : written.when) {
    if (const auto* option = std::get_if<OptionCondition>(&condition)) {
      if (!options.Holds(*option)) return false;
      continue;
    }
    const auto& target = std::get<WrittenTarget>(condition);
    if (target.kind == TargetKind::kFact) {
      if (!metadata.FactHolds(target)) return false;
      continue;
    }
    Alternative read;
    ORRERY_ASSIGN_OR_RETURN(read.target, metadata.TargetOf(target, {}));
    out->conditions.push_back(std::move(read));
  }
  return true;
}

absl::StatusOr<Alternative> SnapshotMetadata::Reader::ReadAlternative(
    const WrittenAlternative& written, const OptionValues& options) {
  Alternative alternative;
  ORRERY_ASSIGN_OR_RETURN(alternative.target,
                          metadata.TargetOf(written.target, written.bind));
  alternative.features = written.features;
  alternative.own = written.own;
  const auto contradicted = std::find_if(
      written.set.begin(), written.set.end(), [&](const auto& setting) {
        return options.Contradicts(setting.first, setting.second);
      });
  if (contradicted == written.set.end()) return alternative;
  // It is not there for this service.
  Contradiction& contradiction =
      metadata
          .set_alternatives_[{metadata.TextOf(node), alternative.target.name}];
  contradiction.option = contradicted->first;
  contradiction.without.assign(alternative.target.members.begin(),
                               alternative.target.members.end());
  const RankSet nothing;
  for (auto& member : alternative.target.members) {
    member.ranks = nothing;
    member.if_running = nothing;
  }
  return alternative;
}

// What package.json requires.
absl::Status SnapshotMetadata::Reader::ReadImplicit(const ReleaseFacts& release,
                                                    Rank rank) {
  const auto add_fact = [&](absl::string_view name, std::string range,
                            RankSet ranks) {
    Alternative alternative;
    alternative.target.name = std::string(name);
    alternative.target.range = range;
    alternative.target.members = {{metadata.IdOf(name), std::move(ranks)}};
    Requirement requirement;
    requirement.any_of.push_back(std::move(alternative));
    Add(rank, requirement, {nullptr, absl::StrCat(name, " ", range)},
        &loaded.relations.requirements, &loaded.origins[rank]);
  };
  for (const auto& [fact, range] : release.relations->relations.platform) {
    add_fact(fact, range.ToString(), metadata.FactRanks(fact, range));
  }
  if (release.min_dcos_version.has_value() && !release.release->hidden) {
    const auto& facts = metadata.context_.facts;
    const bool checked = facts.has_value();
    const auto dcos =
        checked ? facts->find(kDcos) : decltype(facts->find(""))();
    // Clusters that are no DC/OS have no such demand.
    if (!checked || dcos != facts->end()) {
      const auto wanted = DcosVersionOf(*release.min_dcos_version);
      RankSet ranks;
      if (!checked || !wanted.has_value() ||
          !(DcosVersionOf(dcos->second) < wanted)) {
        ranks.Append(0);
      }
      add_fact(kDcos, absl::StrCat(">=", *release.min_dcos_version),
               std::move(ranks));
    }
  }
  if (!release.manager.has_value()) return absl::OkStatus();
  WrittenTarget manager;
  manager.name = release.manager->package_name;
  if (release.manager->min_package_version.has_value()) {
    const auto range = VersionRange::Parse(
        absl::StrCat(">=", *release.manager->min_package_version));
    if (range.ok()) manager.versions = *range;
  }
  Alternative alternative;
  ORRERY_ASSIGN_OR_RETURN(alternative.target, metadata.TargetOf(manager, {}));
  Requirement requirement;
  requirement.any_of.push_back(std::move(alternative));
  Add(rank, requirement,
      {nullptr,
       manager.versions.is_any()
           ? manager.name
           : absl::StrCat(manager.name, " ", manager.versions.ToString())},
      &loaded.relations.requirements, &loaded.origins[rank]);
  return absl::OkStatus();
}

absl::Status SnapshotMetadata::Reader::ReadTargets(const ReleaseFacts& release,
                                                   Rank rank) {
  const resolver::WrittenRelations& written = release.relations->relations;
  for (const WrittenTarget& conflict : written.conflicts) {
    ORRERY_ASSIGN_OR_RETURN(const Target target,
                            metadata.TargetOf(conflict, {}));
    Share(rank, target, &loaded.relations.conflicts);
  }
  for (const WrittenTarget& bound : written.bounds) {
    ORRERY_RETURN_IF_ERROR(AddBound(bound, rank));
  }
  return absl::OkStatus();
}

// Of a provider, and be it of no version in the range, also the releases that
// do not provide the capability are allowed.
absl::Status SnapshotMetadata::Reader::AddBound(const WrittenTarget& written,
                                                Rank rank) {
  WrittenTarget bounded = written;
  if (written.kind == TargetKind::kCapability) {
    bounded.versions = VersionRange();
  }
  ORRERY_ASSIGN_OR_RETURN(Target target, metadata.TargetOf(bounded, {}));
  target.range = written.versions.ToString();
  if (target.is_capability) {
    for (auto& member : target.members) {
      ORRERY_ASSIGN_OR_RETURN(const PackageFacts* provider,
                              metadata.FactsOf(member.package));
      RankSet allowed;
      for (Rank other = 0; other < provider->releases.size(); ++other) {
        const ReleaseFacts& release = provider->releases[other];
        if (!member.ranks.Contains(other) ||
            Provides(release, written.name, written.versions, {})) {
          allowed.Append(other);
        }
      }
      member.ranks = std::move(allowed);
    }
  }
  Share(rank, target, &loaded.relations.bounds);
  return absl::OkStatus();
}

void SnapshotMetadata::Reader::ReadClaims(const ReleaseFacts& release,
                                          const OptionValues& options,
                                          Rank rank) {
  const resolver::WrittenRelations& written = release.relations->relations;
  for (const resolver::WrittenClaim& claim : written.claims) {
    if (!claim.option.has_value()) {
      Share(rank, claim.text, &loaded.relations.claims);
      continue;
    }
    const JsonValue* value = options.Find(*claim.option);
    if (value == nullptr || value->is_null()) continue;
    const std::string text =
        value->is_string() ? value->text() : registry::CanonicalJson(*value);
    if (text.empty()) continue;
    Share(rank, absl::StrCat(claim.text, ":", text), &loaded.relations.claims);
  }
  if (written.singleton) {
    Share(rank, absl::StrCat("singleton:", package.name),
          &loaded.relations.claims);
  }
}

absl::Status SnapshotMetadata::Reader::ReadFeatures(const ReleaseFacts& release,
                                                    const OptionValues& options,
                                                    Rank rank) {
  for (const auto& [name, written] : release.relations->relations.features) {
    const auto contradicted =
        std::find_if(written.options.begin(), written.options.end(),
                     [&options](const auto& option) {
                       return options.Contradicts(option.first, option.second);
                     });
    if (contradicted != written.options.end()) {
      Contradiction& contradiction =
          metadata.set_features_[{metadata.TextOf(node), name}];
      contradiction.option = contradicted->first;
      if (contradiction.without.empty()) {
        contradiction.without = {{node.package, RankSet()}};
      }
      contradiction.without.front().ranks.Append(rank);
      continue;
    }
    auto& all = loaded.relations.features;
    auto feature = std::find_if(
        all.begin(), all.end(),
        [wanted = &name](const auto& known) { return known.name == *wanted; });
    if (feature == all.end()) {
      feature = all.insert(feature, {name, RankSet(), {}});
    }
    feature->ranks.Append(rank);
    auto& origins = loaded.feature_origins[name];
    origins.resize(package.releases.size());
    ORRERY_RETURN_IF_ERROR(ReadRequirements(written.requirements, options, rank,
                                            &feature->requirements,
                                            &origins[rank]));
  }
  return absl::OkStatus();
}

absl::StatusOr<const PackageRelations*> SnapshotMetadata::Load(
    const Node& node) {
  const auto known = loaded_.find(node);
  if (known != loaded_.end()) return &known->second->relations;
  auto loaded = std::make_unique<Loaded>();
  if (!IsFact(node.package)) {
    ORRERY_ASSIGN_OR_RETURN(const PackageFacts* package, FactsOf(node.package));
    ORRERY_RETURN_IF_ERROR((Reader{*this, node, *package, *loaded}.ReadAll()));
  }
  const PackageRelations* relations = &loaded->relations;
  loaded_[node] = std::move(loaded);
  return relations;
}

}  // namespace orrery::catalog
