#include "resolver/upgrade_path.h"

#include <algorithm>
#include <utility>

#include "resolver/edges.h"
#include "resolver/resolve.h"
#include "third_party/absl/status_macros.h"

namespace orrery::resolver {
namespace {

class Walk {
 public:
  Walk(const Request& request, const Node& node, MetadataSource& source,
       uint64_t steps_each, uint64_t* steps)
      : request_(request),
        node_(node),
        source_(source),
        steps_each_(steps_each),
        steps_(*steps) {}

  absl::StatusOr<std::optional<UpgradePath>> To(Rank to) {
    // Where the others do not fit is not on the way.
    RankSet closed = Running(request_).elsewhere;
    while (true) {
      UpgradePath path;
      ORRERY_ASSIGN_OR_RETURN(path.ranks, PathAround(closed, to));
      if (path.ranks.empty()) return std::nullopt;
      ORRERY_ASSIGN_OR_RETURN(const std::optional<Rank> stuck, Go(&path));
      if (!stuck.has_value()) return path;
      if (*stuck == to) return std::nullopt;
      closed = Union(closed, {{*stuck, *stuck}});
    }
  }

 private:
  const InstalledNode& Running(const Request& request) const {
    return *std::find_if(
        request.installed.begin(), request.installed.end(),
        [this](const InstalledNode& each) { return each.node == node_; });
  }

  absl::StatusOr<std::vector<Rank>> PathAround(const RankSet& closed, Rank to) {
    ORRERY_ASSIGN_OR_RETURN(const auto candidates,
                            source_.Candidates(node_.package));
    const InstalledNode& runs = Running(request_);
    return PathOfEdges(candidates, runs.edges, runs.rank, to,
                       request_.downgrades, closed);
  }

  // Takes the steps. The one that cannot be taken, if there is such a one.
  absl::StatusOr<std::optional<Rank>> Go(UpgradePath* path) {
    Request at = request_;
    uint32_t removed = 0;
    uint32_t changed = 0;
    for (const Rank rank : path->ranks) {
      const bool is_last = rank == path->ranks.back();
      ORRERY_RETURN_IF_ERROR(SetReachable(&at));
      at.items = request_.items;
      if (!is_last) {
        Target target;
        target.members = {{node_.package, {{rank, rank}}}};
        at.items = {{{{target, {}, false, node_.instance}}}};
      }
      at.max_steps = std::min(steps_each_, steps_);
      ORRERY_ASSIGN_OR_RETURN(path->answer, Resolve(at, source_));
      steps_ -= std::min(steps_, path->answer.statistics.steps);
      if (path->answer.status != Status::kSolved ||
          path->answer.unfinished != Stage::kNone) {
        return rank;
      }
      removed += path->answer.removed;
      changed += path->answer.changed;
      Install(path->answer, &at);
    }
    path->answer.removed = removed;
    path->answer.changed = changed;
    return std::nullopt;
  }

  absl::Status SetReachable(Request* request) {
    for (InstalledNode& installed : request->installed) {
      if (installed.edges.empty()) continue;
      ORRERY_ASSIGN_OR_RETURN(const auto candidates,
                              source_.Candidates(installed.node.package));
      installed.reachable =
          ReachableRanks(candidates, installed.edges, installed.rank,
                         request->downgrades, installed.elsewhere);
    }
    return absl::OkStatus();
  }

  // What an answer chose runs from then on.
  static void Install(const Answer& answer, Request* request) {
    std::vector<InstalledNode> before = std::move(request->installed);
    request->installed.clear();
    for (const ChosenRelease& chosen : answer.chosen) {
      const auto known = std::find_if(before.begin(), before.end(),
                                      [&chosen](const InstalledNode& each) {
                                        return each.node == chosen.node;
                                      });
      InstalledNode& now = request->installed.emplace_back();
      if (known != before.end()) now = std::move(*known);
      now.node = chosen.node;
      now.rank = chosen.rank;
      now.features = chosen.features;
    }
  }

  const Request& request_;
  const Node& node_;
  MetadataSource& source_;
  const uint64_t steps_each_;
  uint64_t& steps_;
};

}  // namespace

absl::StatusOr<std::optional<UpgradePath>> FindUpgradePath(
    const Request& request, const Node& node, Rank to, MetadataSource& source,
    uint64_t steps_each, uint64_t* steps) {
  return Walk(request, node, source, steps_each, steps).To(to);
}

}  // namespace orrery::resolver
