#include "resolver/fixes.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

#include "resolver/relaxations.h"
#include "resolver/resolve.h"
#include "resolver/sentences.h"
#include "resolver/upgrade_path.h"
#include "third_party/absl/status_macros.h"

namespace orrery::resolver {
namespace {

constexpr size_t kMaxFixes = 5;

// What an answer does to what is installed.
class Effect {
 public:
  Effect(const Request& request, const Answer& answer, MetadataSource& source)
      : source_(source) {
    for (const ChosenRelease& chosen : answer.chosen) {
      chosen_[NodeText(chosen.node, source)].push_back(chosen);
    }
    for (const InstalledNode& installed : request.installed) {
      installed_[NodeText(installed.node, source)] = &installed;
    }
  }

  absl::Status Work() {
    for (const auto& [text, releases] : chosen_) {
      const auto runs = installed_.find(text);
      const bool is_kept =
          runs != installed_.end() &&
          std::any_of(releases.begin(), releases.end(), [&](const auto& each) {
            return each.rank == runs->second->rank;
          });
      size_t next = 0;
      if (runs != installed_.end() && !is_kept) {
        ORRERY_ASSIGN_OR_RETURN(
            const std::string from,
            Label({runs->second->node, runs->second->rank}));
        const ChosenRelease& chosen = releases[next++];
        ORRERY_ASSIGN_OR_RETURN(const std::string to,
                                Label({chosen.node, chosen.rank}));
        changes_.push_back(
            absl::StrCat("changes ", text, " ", from, " -> ", to));
      }
      for (; next < releases.size(); ++next) {
        if (is_kept && releases[next].rank == runs->second->rank) {
          ORRERY_RETURN_IF_ERROR(SwitchOn(text, releases[next], *runs->second));
          continue;
        }
        ORRERY_ASSIGN_OR_RETURN(
            const std::string label,
            Label({releases[next].node, releases[next].rank}));
        adds_.push_back(absl::StrCat("adds ", text, " ", label));
      }
    }
    for (const auto& [text, runs] : installed_) {
      if (chosen_.contains(text)) continue;
      ORRERY_ASSIGN_OR_RETURN(const std::string label,
                              Label({runs->node, runs->rank}));
      removes_.push_back(absl::StrCat("removes ", text, " ", label));
    }
    return absl::OkStatus();
  }

  size_t added() const { return adds_.size(); }

  std::string Text() const {
    constexpr size_t kMost = 4;
    std::vector<std::string> all = adds_;
    all.insert(all.end(), changes_.begin(), changes_.end());
    all.insert(all.end(), removes_.begin(), removes_.end());
    if (all.empty()) return "changes nothing";
    const size_t more = all.size() > kMost ? all.size() - kMost : 0;
    all.resize(all.size() - more);
    std::string text = absl::StrJoin(all, "; ");
    if (more > 0) absl::StrAppend(&text, "; and ", more, " more");
    return text;
  }

 private:
  // What keeps its release changes if features of it are switched on.
  absl::Status SwitchOn(absl::string_view text, const ChosenRelease& chosen,
                        const InstalledNode& runs) {
    std::vector<std::string> on = chosen.features;
    std::erase_if(on, [&runs](const std::string& feature) {
      return std::find(runs.features.begin(), runs.features.end(), feature) !=
             runs.features.end();
    });
    if (on.empty()) return absl::OkStatus();
    ORRERY_ASSIGN_OR_RETURN(const std::string label,
                            Label({chosen.node, chosen.rank}));
    changes_.push_back(absl::StrCat("changes ", text, "[",
                                    absl::StrJoin(on, ","), "] ", label, " -> ",
                                    label));
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> Label(const NodeRelease& release) {
    ORRERY_ASSIGN_OR_RETURN(const auto candidates,
                            source_.Candidates(release.node.package));
    return LabelText(candidates, release.rank);
  }

  MetadataSource& source_;
  // By node text.
  std::map<std::string, std::vector<ChosenRelease>> chosen_;
  std::map<std::string, const InstalledNode*> installed_;
  std::vector<std::string> adds_;
  std::vector<std::string> changes_;
  std::vector<std::string> removes_;
};

// Whether the subject can go to its release of the answer one step after the
// other; then the relaxation says how, and the answer is what comes of it.
absl::StatusOr<bool> GoInSteps(Relaxation* relaxation, Answer* answer,
                               MetadataSource& source, const FixBudget& budget,
                               uint64_t* steps) {
  for (const ChosenRelease& chosen : answer->chosen) {
    if (NodeText(chosen.node, source) != relaxation->subject) continue;
    ORRERY_ASSIGN_OR_RETURN(
        std::optional<UpgradePath> path,
        FindUpgradePath(relaxation->request, chosen.node, chosen.rank, source,
                        budget.steps_each, steps));
    if (!path.has_value()) return false;
    ORRERY_ASSIGN_OR_RETURN(
        relaxation->text, StepsText(chosen.node.package, path->ranks, source));
    *answer = std::move(path->answer);
    return true;
  }
  return false;
}

bool IsOutOfTime(const Request& request) {
  return request.is_out_of_time != nullptr && request.is_out_of_time();
}

// The fix, if the relaxation is enough. `steps` is what is left of the budget.
absl::StatusOr<std::optional<Fix>> Try(Relaxation relaxation,
                                       MetadataSource& source,
                                       const FixBudget& budget,
                                       uint64_t* steps) {
  MetadataSource& asked =
      relaxation.source == nullptr ? source : *relaxation.source;
  Request& request = relaxation.request;
  request.max_steps = std::min(budget.steps_each, *steps);
  ORRERY_ASSIGN_OR_RETURN(Answer answer, Resolve(request, asked));
  *steps -= std::min(*steps, answer.statistics.steps);
  if (answer.status != Status::kSolved || answer.unfinished != Stage::kNone) {
    return std::nullopt;
  }
  if (relaxation.kind == FixKind::kSteps) {
    ORRERY_ASSIGN_OR_RETURN(const bool is_way, GoInSteps(&relaxation, &answer,
                                                         asked, budget, steps));
    if (!is_way) return std::nullopt;
  }
  Effect effect(request, answer, asked);
  ORRERY_RETURN_IF_ERROR(effect.Work());
  Fix fix{relaxation.kind, std::move(relaxation.subject),
          std::move(relaxation.text)};
  fix.effect = effect.Text();
  fix.removed = answer.removed;
  fix.changed = answer.changed;
  fix.added = static_cast<uint32_t>(effect.added());
  fix.answer = std::move(answer);
  return fix;
}

}  // namespace

absl::StatusOr<std::vector<Fix>> FindFixes(const Request& request,
                                           std::span<const Fact> facts,
                                           std::vector<Relaxation> added,
                                           MetadataSource& source,
                                           const FixBudget& budget) {
  ORRERY_ASSIGN_OR_RETURN(std::vector<Relaxation> relaxations,
                          RelaxationsOf(request, facts, source));
  for (Relaxation& each : added) relaxations.push_back(std::move(each));
  std::stable_sort(relaxations.begin(), relaxations.end(),
                   [](const Relaxation& a, const Relaxation& b) {
                     return std::tie(a.fact, a.kind) < std::tie(b.fact, b.kind);
                   });
  uint64_t steps = budget.steps_in_all;
  std::vector<Fix> fixes;
  std::set<std::pair<FixKind, std::string>> found;
  for (Relaxation& relaxation : relaxations) {
    if (steps == 0 || IsOutOfTime(request)) break;
    if (found.contains({relaxation.kind, relaxation.subject})) continue;
    ORRERY_ASSIGN_OR_RETURN(std::optional<Fix> fix,
                            Try(std::move(relaxation), source, budget, &steps));
    if (!fix.has_value()) continue;
    found.emplace(fix->kind, fix->subject);
    fixes.push_back(*std::move(fix));
  }
  std::stable_sort(fixes.begin(), fixes.end(), [](const Fix& a, const Fix& b) {
    return std::tie(a.removed, a.changed, a.kind, a.subject) <
           std::tie(b.removed, b.changed, b.kind, b.subject);
  });
  if (fixes.size() > kMaxFixes) fixes.resize(kMaxFixes);
  return fixes;
}

}  // namespace orrery::resolver
