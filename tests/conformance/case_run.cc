#include "tests/conformance/case_run.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "resolver/check.h"
#include "resolver/explain.h"
#include "resolver/relaxations.h"
#include "resolver/resolve.h"
#include "resolver/sentences.h"
#include "tests/conformance/facts_only.h"

namespace orrery::tests {

using registry::JsonValue;
using resolver::Fact;
using resolver::Stage;
using resolver::Status;

namespace {

constexpr absl::string_view kCluster = "local";

absl::string_view StatusText(const resolver::Answer& answer) {
  switch (answer.status) {
    case Status::kSolved:
      return "sat";
    case Status::kUnsatisfiable:
      return "unsat";
    case Status::kGaveUp:
      return "gave_up";
  }
  return "";
}

const std::vector<JsonValue>& ItemsOf(const JsonValue* list) {
  static const auto& none = *new std::vector<JsonValue>();
  return list == nullptr ? none : list->items();
}

// Runs one problem and collects what is wrong.
class Runner {
 public:
  Runner(const JsonValue& problem, CaseUniverse* universe)
      : expect_(*problem.Find("expect")),
        universe_(*universe),
        request_(universe->ReadRequest(*problem.Find("request"))) {
    run_.id = std::string(problem.FindString("id"));
  }

  CaseRun Run() {
    universe_.ForgetLoaded();
    const auto start = std::chrono::steady_clock::now();
    auto answer = resolver::Resolve(request_, universe_);
    run_.milliseconds = std::chrono::duration<double, std::milli>(
                            std::chrono::steady_clock::now() - start)
                            .count();
    if (!answer.ok()) {
      Fault(answer.status().ToString());
      return std::move(run_);
    }
    run_.answer = *std::move(answer);
    CheckLoaded();
    CheckStatus();
    if (run_.answer.status == Status::kSolved) CheckSolution();
    if (run_.answer.status == Status::kUnsatisfiable) CheckExplanation();
    return std::move(run_);
  }

 private:
  void Fault(std::string text) { run_.faults.push_back(std::move(text)); }

  void CheckStatus() {
    const absl::string_view expected = expect_.FindString("status");
    const absl::string_view found = StatusText(run_.answer);
    if (!expected.empty() && found != expected) {
      Fault(absl::StrCat("status is ", found, ", not ", expected));
    }
    if (run_.answer.unfinished != Stage::kNone) Fault("not proved the best");
  }

  // Everything is loaded once at most, and only what something names that was
  // loaded before.
  void CheckLoaded() {
    std::set<resolver::PackageId> named;
    for (const auto* list : {&request_.items, &request_.keep}) {
      for (const auto& requirement : *list) AddNamed(requirement, &named);
    }
    for (const auto& installed : request_.installed) {
      named.insert(installed.node.package);
    }
    std::set<std::string> loaded;
    for (const std::string& name : universe_.Loaded()) {
      const resolver::PackageId package = universe_.IdOf(name);
      if (!loaded.insert(name).second) {
        Fault(absl::StrCat("loads ", name, " twice"));
      }
      if (!named.contains(package)) {
        Fault(absl::StrCat("loads ", name, ", which nothing names"));
      }
      const resolver::PackageRelations& relations = **universe_.Load({package});
      AddNamed(relations.requirements, &named);
      for (const auto& feature : relations.features) {
        AddNamed(feature.requirements, &named);
      }
    }
    for (const JsonValue& name : ItemsOf(expect_.Find("unvisited"))) {
      if (loaded.contains(name.text())) {
        Fault(absl::StrCat("loads ", name.text()));
      }
    }
  }

  static void AddNamed(const resolver::Requirement& requirement,
                       std::set<resolver::PackageId>* named) {
    for (const auto& alternative : requirement.any_of) {
      for (const auto& member : alternative.target.members) {
        named->insert(member.package);
      }
    }
  }
  static void AddNamed(const resolver::RequirementTable& table,
                       std::set<resolver::PackageId>* named) {
    for (const auto& shared : table.distinct()) AddNamed(shared.what, named);
  }

  void CheckSolution() {
    for (const auto& [node, rank, features] : run_.answer.chosen) {
      const auto candidates = universe_.Candidates(node.package);
      run_.solution[std::string(universe_.Name(node.package))].push_back(
          (*candidates)[rank].label);
    }
    for (auto& [name, labels] : run_.solution) {
      std::sort(labels.begin(), labels.end());
    }
    const auto violations =
        resolver::Check(request_, run_.answer.chosen, universe_);
    for (const auto& violation : *violations) {
      Fault(absl::StrCat(violation.rule, " ", violation.node, ": ",
                         violation.text));
    }
    if (const JsonValue* canonical = expect_.Find("canonical")) {
      CheckCanonical(*canonical);
    }
    for (const JsonValue& pair : ItemsOf(expect_.Find("absent"))) {
      if (Has(pair)) Fault(absl::StrCat("has ", registry::WriteJson(pair)));
    }
    for (const JsonValue& pair : ItemsOf(expect_.Find("present"))) {
      if (!Has(pair)) Fault(absl::StrCat("lacks ", registry::WriteJson(pair)));
    }
  }

  bool Has(const JsonValue& pair) const {
    const auto found = run_.solution.find(pair.items()[0].text());
    return found != run_.solution.end() &&
           std::count(found->second.begin(), found->second.end(),
                      pair.items()[1].text()) > 0;
  }

  void CheckCanonical(const JsonValue& canonical) {
    std::map<std::string, std::vector<std::string>> expected;
    for (const auto& [name, labels] : canonical.Find("solution")->members()) {
      for (const JsonValue& label : labels.items()) {
        expected[name].push_back(label.text());
      }
      std::sort(expected[name].begin(), expected[name].end());
    }
    if (run_.solution != expected) Fault("not the canonical solution");
    const JsonValue* removed = canonical.Find("removed");
    const JsonValue* changed = canonical.Find("changed");
    if (removed != nullptr && removed->AsInteger() != run_.answer.removed) {
      Fault(absl::StrCat("removes ", run_.answer.removed));
    }
    if (changed != nullptr && changed->AsInteger() != run_.answer.changed) {
      Fault(absl::StrCat("changes ", run_.answer.changed));
    }
  }

  void CheckExplanation() {
    auto explanation = resolver::Explain(request_, universe_);
    run_.facts = std::move(explanation->facts);
    if (!explanation->reduced) Fault("the facts are not reduced");
    run_.sentences = *resolver::Sentences(run_.facts, kCluster, universe_);
    // The last one says how many more there are.
    if (run_.sentences.size() > 13) Fault("more than 12 sentences");
    if (explanation->reduced) CheckFacts();
    CheckMentions();
    CheckFixes();
    const JsonValue* core = expect_.Find("core");
    if (core == nullptr) return;
    // Of one family of the generator it names packages, not facts.
    if (!core->items().empty() && core->items()[0].is_string()) {
      CheckPackages(core->items());
      return;
    }
    run_.core_size = core->items().size();
    run_.fact_count = std::count_if(
        run_.facts.begin(), run_.facts.end(),
        [](const Fact& fact) { return fact.kind != Fact::Kind::kFact; });
    if (run_.fact_count > run_.core_size + 2) {
      Fault(absl::StrCat(run_.fact_count, " facts where ", run_.core_size,
                         " do"));
    }
  }

  // The facts alone cannot be met, and without any one of them they can.
  void CheckFacts() {
    if (!CannotBeMet(run_.facts)) Fault("the facts can be met");
    for (size_t i = 0; i < run_.facts.size(); ++i) {
      std::vector<Fact> rest = run_.facts;
      if (rest[i].kind == Fact::Kind::kFact) continue;
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
      if (CannotBeMet(rest)) {
        Fault(absl::StrCat("not needed: ",
                           registry::WriteJson(CoreOf(run_.facts[i]))));
      }
    }
  }

  bool CannotBeMet(std::span<const Fact> facts) {
    FactsOnly reduced(facts, request_, &universe_);
    const auto answer = resolver::Resolve(reduced.request(), reduced);
    return answer.ok() && answer->status == Status::kUnsatisfiable;
  }

  // Only ranges: a case has no names but its own, and no gate.
  std::vector<resolver::Relaxation> WithoutRanges() {
    std::vector<resolver::Relaxation> relaxations;
    for (size_t i = 0; i < run_.facts.size(); ++i) {
      if (run_.facts[i].kind != Fact::Kind::kRequest) continue;
      resolver::Requirement item = request_.items[run_.facts[i].index];
      bool has_range = false;
      for (auto& [target, features, own, instance] : item.any_of) {
        has_range |= target.range != "*";
        target.range.assign(1, '*');
        for (auto& [package, ranks, if_running] : target.members) {
          ranks = resolver::RankSet::All(universe_.Candidates(package)->size());
        }
      }
      if (!has_range) continue;
      relaxations.push_back(resolver::AskInstead(resolver::FixKind::kRange,
                                                 request_, run_.facts, i,
                                                 std::move(item), universe_));
    }
    return relaxations;
  }

  void CheckFixes() {
    auto fixes =
        resolver::FindFixes(request_, run_.facts, WithoutRanges(), universe_);
    run_.fixes = *std::move(fixes);
    if (run_.fixes.size() > 5) Fault("more than 5 fixes");
    std::vector<resolver::Relaxation> tried =
        *resolver::RelaxationsOf(request_, run_.facts, universe_);
    for (auto& each : WithoutRanges()) tried.push_back(std::move(each));
    for (const resolver::Fix& fix : run_.fixes) {
      const bool is_enough = std::any_of(
          tried.begin(), tried.end(), [&](const resolver::Relaxation& each) {
            return each.kind == fix.kind && each.subject == fix.subject &&
                   IsEnough(each);
          });
      if (!is_enough) Fault(absl::StrCat("not enough: ", fix.text));
    }
  }

  bool IsEnough(const resolver::Relaxation& relaxation) {
    const auto answer = resolver::Resolve(relaxation.request, universe_);
    return answer->status == Status::kSolved &&
           resolver::Check(relaxation.request, answer->chosen, universe_)
               ->empty();
  }

  // Packages that the facts name.
  std::set<std::string> Mentioned() const {
    std::set<std::string> mentioned;
    for (const Fact& fact : run_.facts) {
      for (absl::string_view name :
           absl::StrSplit(TargetNames(fact), absl::ByString(" | "))) {
        mentioned.emplace(name.substr(0, name.find('[')));
      }
      mentioned.insert(fact.subject.substr(0, fact.subject.find('[')));
    }
    return mentioned;
  }

  // The facts name these and no others.
  void CheckPackages(const std::vector<JsonValue>& packages) {
    std::set<std::string> expected = {""};
    for (const JsonValue& name : packages) expected.insert(name.text());
    std::set<std::string> mentioned = Mentioned();
    mentioned.insert("");
    if (mentioned != expected) {
      Fault(absl::StrCat("the facts name ", absl::StrJoin(mentioned, " ")));
    }
  }

  void CheckMentions() {
    const std::set<std::string> mentioned = Mentioned();
    std::set<std::string> beyond;
    for (const JsonValue& name :
         ItemsOf(expect_.Find("mentions_beyond_core"))) {
      beyond.insert(name.text());
    }
    for (const JsonValue& name : ItemsOf(expect_.Find("mentions"))) {
      if (mentioned.count(name.text()) == 0 && beyond.count(name.text()) == 0) {
        Fault(absl::StrCat("does not mention ", name.text()));
      }
    }
    for (const JsonValue& name : ItemsOf(expect_.Find("not_mentioned"))) {
      if (mentioned.count(name.text()) > 0) {
        Fault(absl::StrCat("mentions ", name.text()));
      }
    }
  }

  const JsonValue& expect_;
  CaseUniverse& universe_;
  const resolver::Request request_;
  CaseRun run_;
};

JsonValue FixValue(const resolver::Fix& fix) {
  JsonValue value = JsonValue::Object();
  value.Set("kind",
            JsonValue::String(std::string(resolver::FixKindName(fix.kind))));
  value.Set("text", JsonValue::String(fix.text));
  value.Set("effect", JsonValue::String(fix.effect));
  value.Set("removed", JsonValue::Integer(fix.removed));
  value.Set("changed", JsonValue::Integer(fix.changed));
  value.Set("added", JsonValue::Integer(fix.added));
  return value;
}

JsonValue Strings(const std::vector<std::string>& texts) {
  JsonValue list = JsonValue::Array();
  for (const std::string& text : texts) {
    list.items().push_back(JsonValue::String(text));
  }
  return list;
}

}  // namespace

CaseRun RunCase(const JsonValue& problem, CaseUniverse* universe) {
  return Runner(problem, universe).Run();
}

JsonValue CoreOf(const Fact& fact) {
  const auto list = [](const std::vector<std::string>& texts) {
    return Strings(texts);
  };
  switch (fact.kind) {
    case Fact::Kind::kRequest: {
      std::vector<std::string> names;
      for (const auto& target : fact.targets) names.push_back(target.text);
      return JsonValue::Array({JsonValue::String("request"),
                               JsonValue::Integer(fact.index), Strings(names)});
    }
    case Fact::Kind::kNeeds:
      return list({"needs", fact.subject, TargetNames(fact)});
    case Fact::Kind::kConflict:
    case Fact::Kind::kBound:
      return list({"conflict", fact.subject, TargetNames(fact)});
    case Fact::Kind::kClaim:
      return list({"claim", fact.text});
    case Fact::Kind::kKeep:
      return list({"keep", fact.targets.front().text});
    case Fact::Kind::kLocked:
      return list({"locked", fact.subject});
    case Fact::Kind::kEdge:
    case Fact::Kind::kLimit:
      return list({"limit", fact.subject});
    case Fact::Kind::kExcluded:
      return list({"excluded", fact.subject});
    case Fact::Kind::kFact:
      return list({"fact", fact.subject});
  }
  return JsonValue();
}

std::string CaseRunLine(const CaseRun& run) {
  JsonValue line = JsonValue::Object();
  line.Set("id", JsonValue::String(run.id));
  line.Set("status", JsonValue::String(std::string(StatusText(run.answer))));
  JsonValue solution = JsonValue::Object();
  for (const auto& [name, labels] : run.solution) {
    solution.Set(name, Strings(labels));
  }
  line.Set("solution", std::move(solution));
  line.Set("removed", JsonValue::Integer(run.answer.removed));
  line.Set("changed", JsonValue::Integer(run.answer.changed));
  JsonValue facts = JsonValue::Array();
  for (const Fact& fact : run.facts) facts.items().push_back(CoreOf(fact));
  line.Set("facts", std::move(facts));
  line.Set("sentences", Strings(run.sentences));
  JsonValue fixes = JsonValue::Array();
  for (const auto& fix : run.fixes) fixes.items().push_back(FixValue(fix));
  line.Set("fixes", std::move(fixes));
  line.Set("steps", JsonValue::Integer(
                        static_cast<int64_t>(run.answer.statistics.steps)));
  line.Set("ms",
           JsonValue::NumberText(absl::StrFormat("%.3f", run.milliseconds)));
  line.Set("met", JsonValue::Bool(run.faults.empty()));
  line.Set("why", JsonValue::String(absl::StrJoin(run.faults, "; ")));
  return registry::WriteJson(line);
}

}  // namespace orrery::tests
