#include "resolver/relaxations.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "resolver/edges.h"
#include "third_party/absl/status_macros.h"

namespace orrery::resolver {
namespace {

class Suggestions {
 public:
  Suggestions(const Request& request, std::span<const Fact> facts,
              MetadataSource& source)
      : request_(request), facts_(facts), source_(source) {}

  absl::StatusOr<std::vector<Relaxation>> Run() {
    for (fact_ = 0; fact_ < facts_.size(); ++fact_) {
      ORRERY_RETURN_IF_ERROR(Suggest(facts_[fact_]));
    }
    return std::move(relaxations_);
  }

 private:
  absl::Status Suggest(const Fact& fact) {
    switch (fact.kind) {
      case Fact::Kind::kRequest:
        Drop(fact);
        return absl::OkStatus();
      case Fact::Kind::kKeep:
        Remove(fact);
        return absl::OkStatus();
      case Fact::Kind::kLocked:
        Unlock(fact);
        return absl::OkStatus();
      case Fact::Kind::kEdge:
        return GoFurther(fact);
      case Fact::Kind::kFact:
        return BringFact(fact);
      default:
        return absl::OkStatus();
    }
  }

  Request& Add(FixKind kind, std::string subject, std::string text) {
    relaxations_.push_back(
        {kind, std::move(subject), std::move(text), fact_, request_});
    return relaxations_.back().request;
  }

  std::string TextOf(const Node& node) const { return NodeText(node, source_); }

  void Drop(const Fact& fact) {
    const std::string item = ItemText(request_.items[fact.index], source_);
    Request& request =
        Add(FixKind::kDrop, item, absl::StrCat("do not ask for ", item));
    // What the item names was to be updated for its sake.
    for (const Alternative& alternative : request.items[fact.index].any_of) {
      for (const PackageRanks& member : alternative.target.members) {
        std::erase(request.update, Node{member.package, alternative.instance});
      }
    }
    request.items.erase(request.items.begin() + fact.index);
  }

  void Remove(const Fact& fact) {
    const std::string& text = fact.targets.front().text;
    const std::string kept = text.substr(0, text.find('['));
    const auto runs = std::find_if(
        request_.installed.begin(), request_.installed.end(),
        [&](const InstalledNode& each) { return TextOf(each.node) == kept; });
    if (runs == request_.installed.end()) return;
    const std::string node = TextOf(runs->node);
    Add(FixKind::kRemove, node, absl::StrCat("remove ", node))
        .remove.push_back(runs->node);
  }

  void Unlock(const Fact& fact) {
    Request& request = Add(FixKind::kUnlock, fact.subject,
                           absl::StrCat("unlock ", fact.subject));
    std::erase_if(request.locked, [&](const NodeRelease& locked) {
      return TextOf(locked.node) == fact.subject;
    });
  }

  absl::Status GoFurther(const Fact& fact) {
    const auto runs =
        std::find_if(request_.installed.begin(), request_.installed.end(),
                     [&](const InstalledNode& each) {
                       return TextOf(each.node) == fact.subject;
                     });
    if (runs == request_.installed.end() || runs->edges.empty()) {
      return absl::OkStatus();
    }
    const size_t index = runs - request_.installed.begin();
    ORRERY_ASSIGN_OR_RETURN(const auto candidates,
                            source_.Candidates(runs->node.package));
    RankSet far;
    for (Rank to = 0; to < candidates.size(); ++to) {
      if (to == runs->rank ||
          !PathOfEdges(candidates, runs->edges, runs->rank, to,
                       request_.downgrades, runs->elsewhere)
               .empty()) {
        far.Append(to);
      }
    }
    Add(FixKind::kSteps, fact.subject, "").installed[index].reachable = far;
    if (request_.downgrades == Downgrades::kAllowed) return absl::OkStatus();
    Request& request = Add(FixKind::kDowngrade, fact.subject,
                           absl::StrCat("allow ", fact.subject, " to go down"));
    request.installed[index].reachable =
        ReachableRanks(candidates, runs->edges, runs->rank,
                       Downgrades::kAllowed, runs->elsewhere);
    return absl::OkStatus();
  }

  // The values that requirements of the explanation name, smallest first.
  absl::Status BringFact(const Fact& fact) {
    RankSet named;
    for (const Fact& other : facts_) {
      for (const Fact::Targeted& target : other.targets) {
        if (target.package == fact.package && target.is_fact) {
          named = Union(named, target.releases);
        }
      }
    }
    ORRERY_ASSIGN_OR_RETURN(const auto candidates,
                            source_.Candidates(fact.package));
    for (Rank rank = 0; rank < candidates.size(); ++rank) {
      if (!named.Contains(rank) || fact.releases.Contains(rank)) continue;
      Request& request = Add(
          FixKind::kPlatform, fact.subject,
          absl::StrCat("bring ", fact.subject, " to ", candidates[rank].label));
      std::erase_if(request.facts, [&](const NodeRelease& each) {
        return each.node.package == fact.package;
      });
      std::erase(request.absent_facts, fact.package);
      request.facts.push_back({{fact.package}, rank});
    }
    return absl::OkStatus();
  }

  const Request& request_;
  const std::span<const Fact> facts_;
  MetadataSource& source_;
  size_t fact_ = 0;
  std::vector<Relaxation> relaxations_;
};

}  // namespace

absl::string_view FixKindName(FixKind kind) {
  switch (kind) {
    case FixKind::kName:
      return "name";
    case FixKind::kPrerelease:
      return "prerelease";
    case FixKind::kRange:
      return "range";
    case FixKind::kUnlock:
      return "unlock";
    case FixKind::kSteps:
      return "steps";
    case FixKind::kDowngrade:
      return "downgrade";
    case FixKind::kPlatform:
      return "platform";
    case FixKind::kRemove:
      return "remove";
    case FixKind::kDrop:
      return "drop";
  }
  return "";
}

std::string ItemText(const Requirement& item, MetadataSource& source) {
  return absl::StrJoin(
      item.any_of, " or ",
      [&source](std::string* out, const Alternative& alternative) {
        const Target& target = alternative.target;
        if (target.is_capability) {
          absl::StrAppend(out, "cap:", target.name);
        } else if (target.members.empty()) {
          out->append(target.name);
        } else {
          out->append(NodeText(
              {target.members.front().package, alternative.instance}, source));
        }
        if (!alternative.features.empty()) {
          absl::StrAppend(out, "[", absl::StrJoin(alternative.features, ","),
                          "]");
        }
        if (target.range != "*") absl::StrAppend(out, " ", target.range);
      });
}

Relaxation AskInstead(FixKind kind, const Request& request,
                      std::span<const Fact> facts, size_t fact,
                      Requirement item, MetadataSource& source) {
  Relaxation relaxation{kind, ItemText(item, source), "", fact, request};
  relaxation.text = absl::StrCat("ask for ", relaxation.subject);
  relaxation.request.items[facts[fact].index] = std::move(item);
  return relaxation;
}

absl::StatusOr<std::vector<Relaxation>> RelaxationsOf(
    const Request& request, std::span<const Fact> facts,
    MetadataSource& source) {
  return Suggestions(request, facts, source).Run();
}

absl::StatusOr<std::string> StepsText(PackageId package,
                                      std::span<const Rank> path,
                                      MetadataSource& source) {
  ORRERY_ASSIGN_OR_RETURN(const auto candidates, source.Candidates(package));
  return absl::StrCat(
      "go in ", path.size(),
      " steps: ", absl::StrJoin(path, " -> ", [&](std::string* out, Rank rank) {
        out->append(candidates[rank].label);
      }));
}

}  // namespace orrery::resolver
