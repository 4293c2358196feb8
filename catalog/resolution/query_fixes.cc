#include "catalog/resolution/query_fixes.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "catalog/resolution/locked_answer.h"
#include "resolver/relations.h"
#include "resolver/relaxations.h"
#include "resolver/version.h"
#include "resolver/version_range.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using resolver::Fact;
using resolver::FixKind;
using resolver::Relaxation;
using resolver::Requirement;
using resolver::Version;
using resolver::VersionRange;

constexpr size_t kMaxNames = 3;
// Values of a fact that are tried: each is a solve of its own.
constexpr size_t kMaxValues = 10;

// The labels that a range names.
std::vector<Version> LabelsIn(absl::string_view range) {
  std::vector<Version> labels;
  for (absl::string_view word :
       absl::StrSplit(range, absl::ByAnyChar(" ,|"), absl::SkipEmpty())) {
    if (absl::StartsWith(word, "release")) continue;
    while (!word.empty() && absl::StrContains("=!<>^~", word.front())) {
      word.remove_prefix(1);
    }
    if (!absl::ConsumeSuffix(&word, ".*")) absl::ConsumeSuffix(&word, "-*");
    absl::StatusOr<Version> label = Version::Parse(word);
    if (label.ok()) labels.push_back(*std::move(label));
  }
  return labels;
}

bool Holds(const VersionRange& range, const Version& value) {
  return range.Contains(value, std::nullopt, resolver::PrereleaseGate::kOpen);
}

// Each once, smallest first; of many the smallest, and those that meet the most
// demands.
std::vector<Version> MostWanted(std::vector<Version> values,
                                const std::vector<VersionRange>& ranges) {
  std::sort(values.begin(), values.end(), resolver::TotalLess);
  values.erase(std::unique(values.begin(), values.end(),
                           [](const Version& a, const Version& b) {
                             return a.label() == b.label();
                           }),
               values.end());
  if (values.size() <= kMaxValues) return values;
  const auto met = [&ranges](const Version& value) {
    return std::count_if(
        ranges.begin(), ranges.end(),
        [&value](const VersionRange& range) { return Holds(range, value); });
  };
  std::stable_sort(
      values.begin() + kMaxValues / 2, values.end(),
      [&met](const Version& a, const Version& b) { return met(a) > met(b); });
  values.erase(values.begin() + kMaxValues, values.end());
  std::sort(values.begin(), values.end(), resolver::TotalLess);
  return values;
}

class Suggestions {
 public:
  Suggestions(const ResolveQuery& query, const QueryInputs& inputs,
              PreparedQuery& prepared, std::span<const Fact> facts)
      : query_(query), inputs_(inputs), prepared_(prepared), facts_(facts) {}

  absl::StatusOr<std::vector<Relaxation>> Find() {
    for (fact_ = 0; fact_ < facts_.size(); ++fact_) {
      const Fact& fact = facts_[fact_];
      if (fact.kind == Fact::Kind::kRequest) {
        ORRERY_RETURN_IF_ERROR(AskForAnother(query_.items[fact.index]));
      }
      if (fact.kind == Fact::Kind::kFact) {
        ORRERY_RETURN_IF_ERROR(BringFact(fact));
      }
      for (const Fact::Targeted& target : fact.targets) {
        if (target.is_fact || target.is_capability) continue;
        ORRERY_RETURN_IF_ERROR(AllowPrereleases(target.package));
      }
    }
    return std::move(found_);
  }

 private:
  absl::Status Ask(FixKind kind, const RequestItem& item) {
    Requirement requirement;
    ORRERY_ASSIGN_OR_RETURN(resolver::Alternative alternative,
                            prepared_.metadata->AlternativeOf(item));
    requirement.any_of.push_back(std::move(alternative));
    found_.push_back(resolver::AskInstead(kind, prepared_.request, facts_,
                                          fact_, std::move(requirement),
                                          *prepared_.metadata));
    return absl::OkStatus();
  }

  absl::Status AskForAnother(const RequestItem& item) {
    if (!item.versions.is_any()) {
      RequestItem any = item;
      any.versions = VersionRange();
      ORRERY_RETURN_IF_ERROR(Ask(FixKind::kRange, any));
    }
    if (item.is_capability) return absl::OkStatus();
    ORRERY_ASSIGN_OR_RETURN(
        const PackageFacts* package,
        prepared_.metadata->FactsOf(prepared_.metadata->IdOf(item.name)));
    if (!package->releases.empty()) return absl::OkStatus();
    std::vector<std::string> names = inputs_.snapshot->SimilarNames(item.name);
    names.resize(std::min(names.size(), kMaxNames));
    for (const std::string& name : names) {
      RequestItem other = item;
      other.name = name;
      ORRERY_RETURN_IF_ERROR(Ask(FixKind::kName, other));
    }
    return absl::OkStatus();
  }

  // The same query, or nearly so, over other metadata.
  absl::Status AskAgain(FixKind kind, const std::string& subject,
                        const std::string& text, const ResolveQuery& query,
                        const QueryInputs& inputs) {
    ORRERY_ASSIGN_OR_RETURN(PreparedQuery again, PrepareQuery(query, inputs));
    if (query.lock.has_value()) {
      std::vector<AnswerNote> notes;
      ORRERY_RETURN_IF_ERROR(PreferLocked(*query.lock, again, &notes));
    }
    Relaxation relaxation{kind, subject, text, fact_, again.request};
    relaxation.source = again.metadata.get();
    found_.push_back(std::move(relaxation));
    again_.push_back(std::move(again));
    return absl::OkStatus();
  }

  absl::Status AllowPrereleases(resolver::PackageId id) {
    const std::string package(prepared_.metadata->Name(id));
    const std::vector<std::string>& allowed = query_.prereleases_of;
    if (query_.allow_prereleases ||
        std::find(allowed.begin(), allowed.end(), package) != allowed.end() ||
        !tried_.insert(package).second) {
      return absl::OkStatus();
    }
    ORRERY_ASSIGN_OR_RETURN(const auto candidates,
                            prepared_.metadata->Candidates(id));
    const bool has_some = std::any_of(
        candidates.begin(), candidates.end(), [](const auto& candidate) {
          return candidate.prerelease && candidate.barred.empty();
        });
    if (!has_some) return absl::OkStatus();
    ResolveQuery query = query_;
    query.prereleases_of.push_back(package);
    return AskAgain(FixKind::kPrerelease, package,
                    absl::StrCat("allow pre-releases of ", package), query,
                    inputs_);
  }

  // What the packages that the facts speak of demand of a fact of the cluster.
  // One release may do so twice, and one demand explains enough.
  absl::StatusOr<std::set<std::string>> RangesOf(const std::string& name) {
    std::set<std::string> ranges;
    for (const Fact& fact : facts_) {
      if (fact.kind != Fact::Kind::kNeeds) continue;
      ORRERY_ASSIGN_OR_RETURN(const resolver::PackageRelations* relations,
                              prepared_.metadata->Load({fact.package}));
      for (const auto& requirement : relations->requirements.distinct()) {
        for (const auto& alternative : requirement.what.any_of) {
          if (alternative.target.name != name) continue;
          ranges.insert(alternative.target.range);
        }
      }
    }
    return ranges;
  }

  // To the values that requirements on it name, smallest first.
  absl::Status BringFact(const Fact& fact) {
    if (!inputs_.facts.has_value()) return absl::OkStatus();
    std::vector<Version> values;
    if (absl::StartsWith(fact.subject, "@feature:")) {
      values.push_back(*Version::Parse("1"));
    }
    ORRERY_ASSIGN_OR_RETURN(const std::set<std::string> texts,
                            RangesOf(fact.subject));
    std::vector<VersionRange> ranges;
    for (const std::string& text : texts) {
      ORRERY_ASSIGN_OR_RETURN(VersionRange range, VersionRange::Parse(text));
      for (Version& label : LabelsIn(text)) {
        if (Holds(range, label)) values.push_back(std::move(label));
      }
      ranges.push_back(std::move(range));
    }
    for (const Version& value : MostWanted(std::move(values), ranges)) {
      QueryInputs inputs = inputs_;
      (*inputs.facts)[fact.subject] = value.label();
      ORRERY_RETURN_IF_ERROR(
          AskAgain(FixKind::kPlatform, fact.subject,
                   absl::StrCat("bring ", fact.subject, " to ", value.label()),
                   query_, inputs));
    }
    return absl::OkStatus();
  }

  const ResolveQuery& query_;
  const QueryInputs& inputs_;
  PreparedQuery& prepared_;
  const std::span<const Fact> facts_;
  size_t fact_ = 0;
  std::vector<Relaxation> found_;
  // What relaxations borrow.
  std::deque<PreparedQuery> again_;
  // Packages whose pre-releases were suggested.
  std::set<std::string> tried_;
};

}  // namespace

absl::StatusOr<std::vector<resolver::Fix>> FixesFor(
    const ResolveQuery& query, const QueryInputs& inputs,
    PreparedQuery& prepared, std::span<const Fact> facts) {
  Suggestions suggestions(query, inputs, prepared, facts);
  ORRERY_ASSIGN_OR_RETURN(std::vector<Relaxation> added, suggestions.Find());
  resolver::FixBudget budget;
  budget.steps_in_all *= query.max_fix_steps;
  budget.steps_in_all /= budget.steps_each;
  budget.steps_each = query.max_fix_steps;
  return resolver::FindFixes(prepared.request, facts, std::move(added),
                             *prepared.metadata, budget);
}

}  // namespace orrery::catalog
