#include "tests/testing/case_universe.h"

#include <algorithm>
#include <utility>

namespace orrery::tests {

using registry::JsonValue;
using resolver::Alternative;
using resolver::Candidate;
using resolver::CandidateTraits;
using resolver::Node;
using resolver::PackageId;
using resolver::PackageRelations;
using resolver::Rank;
using resolver::RankInterval;
using resolver::RankSet;
using resolver::Requirement;
using resolver::Shared;
using resolver::Target;

namespace {

constexpr CandidateTraits kNoTraits = {false, false, false};

const std::vector<JsonValue>& ItemsOf(const JsonValue* list) {
  static const auto& none = *new std::vector<JsonValue>();
  return list == nullptr ? none : list->items();
}

RankSet ReadIntervals(const JsonValue& list) {
  std::vector<RankInterval> intervals;
  for (const JsonValue& pair : list.items()) {
    intervals.push_back({static_cast<Rank>(*pair.items()[0].AsInteger()),
                         static_cast<Rank>(*pair.items()[1].AsInteger())});
  }
  return RankSet(std::move(intervals));
}

// Adds `what` to the releases that share it.
template <typename T>
void Share(Rank rank, const T& what, std::vector<Shared<T>>* all) {
  auto shared = std::find_if(all->begin(), all->end(), [&](const auto& entry) {
    return entry.what == what;
  });
  if (shared == all->end()) shared = all->insert(shared, {RankSet(), what});
  shared->ranks.Append(rank);
}

}  // namespace

CaseUniverse::CaseUniverse(const JsonValue& packages) {
  for (const auto& [name, versions] : packages.members()) IdOf(name);
  for (const auto& [name, versions] : packages.members()) {
    std::vector<Candidate> candidates;
    CandidateTraits traits = kNoTraits;
    PackageRelations relations;
    absl::flat_hash_map<std::string, uint32_t> slots;
    for (const JsonValue& version : versions.items()) {
      Candidate candidate;
      candidate.label = std::string(version.FindString("v"));
      const JsonValue* pre = version.Find("pre");
      candidate.prerelease = pre != nullptr && pre->bool_value();
      candidate.barred = std::string(version.FindString("excluded"));
      if (version.Find("unknown_deps") != nullptr) {
        candidate.barred = "its relations cannot be read";
      }
      candidate.slot =
          slots.try_emplace(version.FindString("slot"), slots.size())
              .first->second;
      traits.has_prereleases |= candidate.prerelease;
      traits.has_barred |= !candidate.barred.empty();
      traits.has_slots |= candidate.slot > 0;
      const auto rank = static_cast<Rank>(candidates.size());
      candidates.push_back(std::move(candidate));
      ReadVersion(version, rank, &relations);
    }
    const auto index = static_cast<size_t>(IdOf(name));
    traits_[index] = traits;
    candidates_[index] = std::move(candidates);
    relations_[index] = std::move(relations);
  }
}

PackageId CaseUniverse::IdOf(absl::string_view name) {
  const auto [entry, is_new] =
      ids_.try_emplace(name, static_cast<PackageId>(names_.size()));
  if (is_new) {
    names_.emplace_back(name);
    candidates_.emplace_back();
    relations_.emplace_back();
    traits_.push_back(kNoTraits);
  }
  return entry->second;
}

absl::StatusOr<std::span<const Candidate>> CaseUniverse::Candidates(
    PackageId package) {
  return std::span<const Candidate>(candidates_[static_cast<size_t>(package)]);
}

absl::StatusOr<const PackageRelations*> CaseUniverse::Load(const Node& node) {
  loaded_.push_back(node.package);
  return &relations_[static_cast<size_t>(node.package)];
}

std::vector<std::string> CaseUniverse::Loaded() const {
  std::vector<std::string> names;
  for (const PackageId package : loaded_)
    names.emplace_back(names_[static_cast<size_t>(package)]);
  return names;
}

Rank CaseUniverse::RankOf(absl::string_view name, absl::string_view version) {
  const auto& candidates = candidates_[static_cast<size_t>(IdOf(name))];
  Rank rank = 0;
  while (candidates.at(rank).label != version) ++rank;
  return rank;
}

Alternative CaseUniverse::ReadAlternative(const JsonValue& alternative) {
  Alternative result;
  Target& target = result.target;
  target.name = std::string(alternative.FindString("p"));
  target.range = std::string(alternative.FindString("r"));
  target.members.push_back(
      {IdOf(target.name), ReadIntervals(*alternative.Find("in"))});
  if (const JsonValue* providers = alternative.Find("prv")) {
    std::vector<const JsonValue::Member*> sorted;
    for (const auto& member : providers->members()) sorted.push_back(&member);
    std::sort(sorted.begin(), sorted.end(),
              [](const auto* a, const auto* b) { return a->name < b->name; });
    for (const auto* member : sorted) {
      target.members.push_back(
          {IdOf(member->name), ReadIntervals(member->value)});
    }
  }
  for (const JsonValue& feature : ItemsOf(alternative.Find("features"))) {
    result.features.push_back(feature.text());
  }
  return result;
}

Requirement CaseUniverse::ReadRequirement(const JsonValue& dependency) {
  Requirement requirement;
  for (const JsonValue& alternative : ItemsOf(dependency.Find("any"))) {
    requirement.any_of.push_back(ReadAlternative(alternative));
  }
  for (const JsonValue& condition : ItemsOf(dependency.Find("if"))) {
    requirement.conditions.push_back(ReadAlternative(condition));
  }
  return requirement;
}

std::vector<Requirement> CaseUniverse::ReadRequirements(const JsonValue* list) {
  std::vector<Requirement> requirements;
  for (const JsonValue& dependency : ItemsOf(list)) {
    requirements.push_back(ReadRequirement(dependency));
  }
  return requirements;
}

void CaseUniverse::ReadVersion(const JsonValue& version, Rank rank,
                               PackageRelations* relations) {
  for (const JsonValue& dependency : ItemsOf(version.Find("deps"))) {
    relations->requirements.Add(rank, ReadRequirement(dependency));
  }
  for (const JsonValue& conflict : ItemsOf(version.Find("conflicts"))) {
    Share(rank, ReadAlternative(conflict).target, &relations->conflicts);
  }
  for (const JsonValue& bound : ItemsOf(version.Find("constrains"))) {
    Target target = ReadAlternative(bound).target;
    target.members.resize(1);
    Share(rank, target, &relations->bounds);
  }
  for (const JsonValue& claim : ItemsOf(version.Find("claims"))) {
    Share(rank, claim.text(), &relations->claims);
  }
  if (const JsonValue* features = version.Find("features")) {
    ReadFeatures(*features, rank, relations);
  }
}

void CaseUniverse::ReadFeatures(const JsonValue& features, Rank rank,
                                PackageRelations* relations) {
  for (const auto& [name, dependencies] : features.members()) {
    auto& all = relations->features;
    auto feature = std::find_if(
        all.begin(), all.end(),
        [&wanted = name](const auto& known) { return known.name == wanted; });
    if (feature == all.end()) feature = all.insert(feature, {name, RankSet()});
    feature->ranks.Append(rank);
    for (const JsonValue& dependency : dependencies.items()) {
      feature->requirements.Add(rank, ReadRequirement(dependency));
    }
  }
}

std::vector<resolver::NodeRelease> CaseUniverse::ReadReleases(
    const JsonValue* object) {
  std::vector<resolver::NodeRelease> releases;
  if (object == nullptr) return releases;
  for (const auto& [name, version] : object->members()) {
    releases.push_back({{IdOf(name)}, RankOf(name, version.text())});
  }
  return releases;
}

resolver::Request CaseUniverse::ReadRequest(const JsonValue& request) {
  resolver::Request result;
  result.items = ReadRequirements(request.Find("deps"));
  result.keep = ReadRequirements(request.Find("keep"));
  for (const auto& [node, rank] : ReadReleases(request.Find("installed"))) {
    result.installed.push_back({node, rank});
    // In a case, what runs is excluded like all others.
    RankSet possible;
    const auto& candidates = candidates_[static_cast<size_t>(node.package)];
    for (Rank other = 0; other < candidates.size(); ++other) {
      if (candidates[other].barred.empty()) possible.Append(other);
    }
    if (possible.Contains(rank)) continue;
    resolver::PackageRanks& limit = result.limits.emplace_back();
    limit.package = node.package;
    limit.ranks = std::move(possible);
  }
  result.prefer = ReadReleases(request.Find("prefer"));
  result.locked = ReadReleases(request.Find("locked"));
  result.facts = ReadReleases(request.Find("facts"));
  for (const JsonValue& limit : ItemsOf(request.Find("constraints"))) {
    result.limits.push_back(ReadAlternative(limit).target.members.front());
  }
  for (const JsonValue& name : ItemsOf(request.Find("update"))) {
    if (name.text() == "*") {
      result.update_all = true;
    } else {
      result.update.push_back({IdOf(name.text())});
    }
  }
  result.oldest_first = request.FindString("order") == "oldest";
  return result;
}

// Copies packages in the order in which they are reached.
class CaseUniverse::PartMaker {
 public:
  explicit PartMaker(const CaseUniverse& whole) : whole_(whole) {}

  // Goes on with the packages that the copied requirements name.
  CaseUniverse Make(const resolver::Request& request) {
    for (const auto* list : {&request.items, &request.keep}) {
      for (const Requirement& requirement : *list) Copy(requirement);
    }
    for (const auto& installed : request.installed) {
      Copy(installed.node.package);
    }
    for (const auto* list :
         {&request.prefer, &request.locked, &request.facts}) {
      for (const auto& [node, rank] : *list) Copy(node.package);
    }
    for (const auto& limit : request.limits) Copy(limit.package);
    for (const Node& node : request.update) Copy(node.package);
    for (size_t next = 0; next < reached_.size(); ++next) {
      PackageRelations relations = CopyRequirements(reached_[next]);
      part_.relations_[next] = std::move(relations);
    }
    for (size_t next = 0; next < reached_.size(); ++next) {
      CopyExclusions(reached_[next], &part_.relations_[next]);
    }
    return std::move(part_);
  }

 private:
  absl::string_view NameOf(PackageId package) const {
    return whole_.names_[static_cast<size_t>(package)];
  }
  PackageId Copy(PackageId package) {
    const size_t known = part_.size();
    const PackageId copy = part_.IdOf(NameOf(package));
    if (part_.size() > known) {
      const auto from = static_cast<size_t>(package);
      part_.candidates_.back() = whole_.candidates_[from];
      part_.traits_.back() = whole_.traits_[from];
      reached_.push_back(package);
    }
    return copy;
  }
  Target Copy(Target target) {
    for (auto& member : target.members) member.package = Copy(member.package);
    return target;
  }
  Requirement Copy(Requirement requirement) {
    for (auto* list : {&requirement.any_of, &requirement.conditions}) {
      for (Alternative& alternative : *list) {
        alternative.target = Copy(std::move(alternative.target));
      }
    }
    return requirement;
  }
  resolver::RequirementTable Copy(const resolver::RequirementTable& table,
                                  size_t releases) {
    resolver::RequirementTable copy;
    for (Rank rank = 0; rank < releases; ++rank) {
      for (const uint32_t index : table.OfRank(rank)) {
        copy.Add(rank, Copy(table.distinct()[index].what));
      }
    }
    return copy;
  }
  PackageRelations CopyRequirements(PackageId package) {
    const auto index = static_cast<size_t>(package);
    const size_t releases = whole_.candidates_[index].size();
    const PackageRelations& relations = whole_.relations_[index];
    PackageRelations copy;
    copy.requirements = Copy(relations.requirements, releases);
    for (const auto& feature : relations.features) {
      copy.features.push_back(
          {feature.name, feature.ranks, Copy(feature.requirements, releases)});
    }
    return copy;
  }
  // What the others exclude of packages that are not reached says nothing.
  void CopyExclusions(PackageId package, PackageRelations* copy) {
    const auto& relations = whole_.relations_[static_cast<size_t>(package)];
    for (auto list :
         {&PackageRelations::conflicts, &PackageRelations::bounds}) {
      for (Shared<Target> shared : relations.*list) {
        auto& members = shared.what.members;
        members.erase(std::remove_if(members.begin(), members.end(),
                                     [this](const auto& member) {
                                       return !part_.ids_.contains(
                                           NameOf(member.package));
                                     }),
                      members.end());
        if (members.empty()) continue;
        shared.what = Copy(std::move(shared.what));
        (copy->*list).push_back(std::move(shared));
      }
    }
    copy->claims = relations.claims;
  }

  const CaseUniverse& whole_;
  CaseUniverse part_;
  // By the numbers of the whole, as the copies are numbered.
  std::vector<PackageId> reached_;
};

CaseUniverse CaseUniverse::Part(const resolver::Request& request) const {
  return PartMaker(*this).Make(request);
}

}  // namespace orrery::tests
