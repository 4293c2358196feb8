#include "tests/testing/libsolv_problem.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

// A member of a struct of libsolv has the name of a keyword.
#define requires requires_
extern "C" {
#include <solv/pool.h>
#include <solv/queue.h>
#include <solv/repo.h>
#include <solv/solver.h>
}
#undef requires

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace orrery::tests {
namespace {

using resolver::Alternative;
using resolver::Candidate;
using resolver::ChosenRelease;
using resolver::Node;
using resolver::PackageId;
using resolver::PackageRanks;
using resolver::PackageRelations;
using resolver::Rank;
using resolver::RankSet;
using resolver::Request;
using resolver::Requirement;
using resolver::RequirementTable;
using resolver::Target;

using Ids = std::vector<Id>;

class Problem : public LibsolvProblem {
 public:
  Problem(const Request& request, resolver::MetadataSource* source)
      : request_(request), source_(*source), pool_(pool_create()) {
    repo_ = repo_create(pool_, "all");
    queue_init(&jobs_);
  }
  Problem(const Problem&) = delete;
  Problem& operator=(const Problem&) = delete;
  ~Problem() override {
    if (solver_ != nullptr) solver_free(solver_);
    queue_free(&jobs_);
    pool_free(pool_);
  }

  // False if the problem cannot be expressed.
  bool Build() {
    for (const auto& [node, rank] : request_.facts) {
      facts_[node.package] = rank;
      Reach(node.package);
    }
    for (const auto* clauses : {&request_.items, &request_.keep}) {
      for (const Requirement& clause : *clauses) ReachAll(clause);
    }
    while (!open_.empty()) {
      const PackageId package = open_.front();
      open_.pop_front();
      AddReleases(package);
      if (!facts_.contains(package)) ReachFrom(*relations_[package]);
    }
    for (const auto& [package, relations] : relations_) AddFeatures(package);
    for (const auto& [package, relations] : relations_) {
      if (!facts_.contains(package)) AddRelations(package, *relations);
    }
    for (const auto& [package, rank] : facts_) Ask(SetId({At(package, rank)}));
    for (const auto* clauses : {&request_.items, &request_.keep}) {
      for (const Requirement& clause : *clauses) Ask(TargetId(clause));
    }
    if (!is_expressible_) return false;
    FixSets();
    return true;
  }

  bool Solve() override {
    if (solver_ != nullptr) solver_free(solver_);
    solver_ = solver_create(pool_);
    return solver_solve(solver_, &jobs_) == 0;
  }

  std::vector<ChosenRelease> Chosen() override {
    std::map<std::pair<PackageId, Rank>, std::vector<std::string>> chosen;
    for (const auto& [release, id] : releases_) {
      if (IsChosen(id) && !facts_.contains(release.first)) chosen[release];
    }
    for (const auto& [feature, id] : features_) {
      const auto& [package, rank, names] = feature;
      if (names.size() != 1 || !IsChosen(id)) continue;
      chosen[{package, rank}].push_back(names[0]);
    }
    std::vector<ChosenRelease> all;
    for (auto& [release, names] : chosen) {
      all.push_back({{release.first}, release.second, std::move(names)});
    }
    return all;
  }

 private:
  bool IsChosen(Id id) const {
    return solver_get_decisionlevel(solver_, id) > 0;
  }

  void Reach(PackageId package) {
    if (relations_.contains(package)) return;
    relations_[package] =
        facts_.contains(package) ? nullptr : *source_.Load(Node{package});
    open_.push_back(package);
  }
  void ReachAll(const Requirement& requirement) {
    if (!requirement.conditions.empty()) is_expressible_ = false;
    for (const Alternative& alternative : requirement.any_of) {
      if (!alternative.instance.empty() || alternative.own) {
        is_expressible_ = false;
      }
      for (const PackageRanks& member : alternative.target.members) {
        Reach(member.package);
      }
    }
  }
  void ReachFrom(const PackageRelations& relations) {
    for (const auto& [ranks, what] : relations.requirements.distinct()) {
      ReachAll(what);
    }
    for (const auto& feature : relations.features) {
      for (const auto& [ranks, what] : feature.requirements.distinct()) {
        ReachAll(what);
      }
    }
  }

  bool MayBe(PackageId package, Rank rank, const Candidate& candidate) const {
    if (const auto fact = facts_.find(package); fact != facts_.end()) {
      return fact->second == rank;
    }
    for (const auto& [node, locked] : request_.locked) {
      if (node.package == package && locked != rank) return false;
    }
    for (const PackageRanks& limit : request_.limits) {
      if (limit.package == package && !limit.ranks.Contains(rank)) return false;
    }
    for (const auto& installed : request_.installed) {
      if (installed.node.package == package && installed.rank == rank) {
        return true;
      }
    }
    return candidate.barred.empty();
  }

  Id AddSolvable(const std::string& name, Rank rank) {
    const Id id = repo_add_solvable(repo_);
    Solvable* solvable = pool_id2solvable(pool_, id);
    solvable->name = pool_str2id(pool_, name.c_str(), 1);
    solvable->evr = pool_str2id(pool_, absl::StrCat(rank).c_str(), 1);
    solvable->arch = ARCH_NOARCH;
    solvable->provides = repo_addid_dep(
        repo_, solvable->provides,
        pool_rel2id(pool_, solvable->name, solvable->evr, REL_EQ, 1), 0);
    return id;
  }

  void AddReleases(PackageId package) {
    const auto candidates = *source_.Candidates(package);
    for (Rank rank = 0; rank < candidates.size(); ++rank) {
      if (!MayBe(package, rank, candidates[rank])) continue;
      std::string name(source_.Name(package));
      if (candidates[rank].slot > 0) {
        absl::StrAppend(&name, "#", candidates[rank].slot);
      }
      releases_[{package, rank}] = AddSolvable(name, rank);
    }
  }

  Id At(PackageId package, Rank rank) const {
    const auto found = releases_.find({package, rank});
    return found == releases_.end() ? 0 : found->second;
  }

  void AddFeatures(PackageId package) {
    if (facts_.contains(package)) return;
    for (const auto& feature : relations_[package]->features) {
      for (const auto& [first, last] : feature.ranks.intervals()) {
        for (Rank rank = first; rank <= last; ++rank) {
          const Id base = At(package, rank);
          if (base == 0) continue;
          const Id id = AddSolvable(
              absl::StrCat(source_.Name(package), "[", feature.name, "]"),
              rank);
          Require(id, SetId({base}));
          features_[{package, rank, {feature.name}}] = id;
        }
      }
    }
  }

  // The solvable of a release with all these features; 0 if there is none.
  Id WithFeatures(PackageId package, Rank rank,
                  const std::vector<std::string>& names) {
    if (names.empty()) return At(package, rank);
    const auto known = features_.find({package, rank, names});
    if (known != features_.end()) return known->second;
    if (names.size() == 1) return 0;
    Ids parts;
    for (const std::string& name : names) {
      parts.push_back(WithFeatures(package, rank, {name}));
      if (parts.back() == 0) return 0;
    }
    const Id id = AddSolvable(absl::StrCat(source_.Name(package), "[",
                                           absl::StrJoin(names, ","), "]"),
                              rank);
    for (const Id part : parts) Require(id, SetId({part}));
    features_[{package, rank, names}] = id;
    return id;
  }

  void Collect(PackageId package, const RankSet& ranks,
               const std::vector<std::string>& features, Ids* ids) {
    for (const auto& [first, last] : ranks.intervals()) {
      for (Rank rank = first; rank <= last; ++rank) {
        const Id id = WithFeatures(package, rank, features);
        if (id != 0) ids->push_back(id);
      }
    }
  }

  // A name that stands for the set.
  Id SetId(Ids ids) {
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    const auto [entry, is_new] = sets_.try_emplace(std::move(ids), 0);
    if (is_new) {
      entry->second =
          pool_str2id(pool_, absl::StrCat("set:", sets_.size()).c_str(), 1);
    }
    return entry->second;
  }

  Id TargetId(const Requirement& requirement) {
    Ids ids;
    for (const Alternative& alternative : requirement.any_of) {
      for (const auto& [package, ranks, if_running] :
           alternative.target.members) {
        Collect(package, ranks, alternative.features, &ids);
      }
    }
    return SetId(std::move(ids));
  }

  void Require(Id solvable, Id set) {
    Solvable* s = pool_id2solvable(pool_, solvable);
    s->requires_ = repo_addid_dep(repo_, s->requires_, set, 0);
  }
  void Conflict(Id solvable, Id set) {
    Solvable* s = pool_id2solvable(pool_, solvable);
    s->conflicts = repo_addid_dep(repo_, s->conflicts, set, 0);
  }
  void Ask(Id set) {
    queue_push2(&jobs_, SOLVER_INSTALL | SOLVER_SOLVABLE_PROVIDES, set);
  }

  // `add(id)` for each solvable of those releases.
  template <typename F>
  void ForEach(PackageId package, const RankSet& ranks, const F& add) {
    Ids ids;
    Collect(package, ranks, {}, &ids);
    for (const Id id : ids) add(id);
  }

  void AddRelations(PackageId package, const PackageRelations& relations) {
    for (const auto& [ranks, what] : relations.requirements.distinct()) {
      const Id set = TargetId(what);
      ForEach(package, ranks, [&](Id id) { Require(id, set); });
    }
    for (const auto& feature : relations.features) {
      for (const auto& [ranks, what] : feature.requirements.distinct()) {
        const Id set = TargetId(what);
        Ids ids;
        Collect(package, ranks, {feature.name}, &ids);
        for (const Id id : ids) Require(id, set);
      }
    }
    for (const auto& [ranks, target] : relations.conflicts) {
      Ids ids;
      for (const auto& [other, excluded, if_running] : target.members) {
        Collect(other, excluded, {}, &ids);
      }
      if (ids.empty()) continue;
      const Id set = SetId(std::move(ids));
      ForEach(package, ranks, [&](Id id) { Conflict(id, set); });
    }
    for (const auto& [ranks, target] : relations.bounds) {
      for (const auto& [other, inside, if_running] : target.members) {
        const size_t count = source_.Candidates(other)->size();
        Ids ids;
        Collect(other, inside.Complement(count), {}, &ids);
        if (ids.empty()) continue;
        const std::set<Id> outside(ids.begin(), ids.end());
        const Id set = SetId(std::move(ids));
        ForEach(package, ranks, [&](Id id) {
          Conflict(id, set);
          // Of libsolv's solvables none conflicts with itself.
          if (outside.contains(id)) Require(id, SetId({}));
        });
      }
    }
    for (const auto& [ranks, text] : relations.claims) {
      const Id claim =
          pool_str2id(pool_, absl::StrCat("claim:", text).c_str(), 1);
      ForEach(package, ranks, [&](Id id) {
        Solvable* s = pool_id2solvable(pool_, id);
        s->provides = repo_addid_dep(repo_, s->provides, claim, 0);
        Conflict(id, claim);
      });
    }
  }

  void FixSets() {
    pool_createwhatprovides(pool_);
    Queue queue;
    queue_init(&queue);
    for (const auto& [ids, name] : sets_) {
      queue_empty(&queue);
      for (const Id id : ids) {
        if (id != 0) queue_push(&queue, id);
      }
      pool_set_whatprovides(pool_, name,
                            pool_queuetowhatprovides(pool_, &queue));
    }
    queue_free(&queue);
    sets_.clear();
  }

  const Request request_;
  resolver::MetadataSource& source_;
  Pool* pool_;
  Repo* repo_;
  Queue jobs_;
  Solver* solver_ = nullptr;
  bool is_expressible_ = true;
  std::map<PackageId, Rank> facts_;
  std::deque<PackageId> open_;
  std::map<PackageId, const PackageRelations*> relations_;
  std::map<std::pair<PackageId, Rank>, Id> releases_;
  std::map<std::tuple<PackageId, Rank, std::vector<std::string>>, Id> features_;
  std::map<Ids, Id> sets_;
};

}  // namespace

std::unique_ptr<LibsolvProblem> LibsolvProblem::Make(
    const Request& request, resolver::MetadataSource* source) {
  auto problem = std::make_unique<Problem>(request, source);
  if (!problem->Build()) return nullptr;
  return problem;
}

}  // namespace orrery::tests
