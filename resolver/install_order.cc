#include "resolver/install_order.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace orrery::resolver {
namespace {

// Providers by consumer.
using Graph = std::map<std::string, std::set<std::string>>;

// Everything that a node leads to.
std::set<std::string> Reached(const Graph& graph, const std::string& from) {
  std::set<std::string> reached;
  std::vector<std::string> open = {from};
  while (!open.empty()) {
    const std::string node = open.back();
    open.pop_back();
    for (const std::string& next : graph.at(node)) {
      if (reached.insert(next).second) open.push_back(next);
    }
  }
  return reached;
}

// The nodes of `group`, so that what they point to inside of it comes first and
// the smallest text where there is a choice. Short when there is a circle.
std::vector<std::string> Sorted(const Graph& graph,
                                const std::set<std::string>& group) {
  std::vector<std::string> order;
  std::set<std::string> left = group;
  while (true) {
    const auto ready =
        std::find_if(left.begin(), left.end(), [&](const std::string& node) {
          const std::set<std::string>& providers = graph.at(node);
          return std::none_of(providers.begin(), providers.end(),
                              [&](const std::string& provider) {
                                return left.contains(provider);
                              });
        });
    if (ready == left.end()) return order;
    order.push_back(*ready);
    left.erase(ready);
  }
}

absl::Status CircleError(const Graph& hard,
                         const std::set<std::string>& group) {
  // Every node that was left points to another one that was.
  const std::vector<std::string> sorted = Sorted(hard, group);
  std::set<std::string> left = group;
  for (const std::string& node : sorted) left.erase(node);
  std::vector<std::string> path = {*left.begin()};
  while (true) {
    const std::set<std::string>& providers = hard.at(path.back());
    const auto next = std::find_if(
        providers.begin(), providers.end(),
        [&](const std::string& node) { return left.contains(node); });
    const auto seen = std::find(path.begin(), path.end(), *next);
    const bool closes = seen != path.end();
    if (closes) path.erase(path.begin(), seen);
    path.push_back(*next);
    if (!closes) continue;
    return absl::FailedPreconditionError(
        absl::StrCat("plan.cycle: ", absl::StrJoin(path, " -> "),
                     " wait for each other's outputs"));
  }
}

}  // namespace

absl::StatusOr<std::vector<std::vector<std::string>>> InstallOrder(
    std::span<const std::string> nodes, std::span<const OrderEdge> edges) {
  Graph all;
  Graph hard;
  for (const std::string& node : nodes) {
    all[node];
    hard[node];
  }
  for (const OrderEdge& edge : edges) {
    if (!all.contains(edge.consumer) || !all.contains(edge.provider)) continue;
    if (edge.hard) hard[edge.consumer].insert(edge.provider);
    if (edge.consumer != edge.provider) {
      all[edge.consumer].insert(edge.provider);
    }
  }
  std::map<std::string, std::set<std::string>> reached;
  for (const auto& [node, providers] : all) reached[node] = Reached(all, node);

  // A component goes by its smallest node.
  Graph components;
  std::map<std::string, std::string> component_of;
  for (const auto& [node, beyond] : reached) {
    std::string smallest = node;
    for (const std::string& other : beyond) {
      if (other < smallest && reached[other].contains(node)) smallest = other;
    }
    component_of[node] = smallest;
  }
  std::map<std::string, std::set<std::string>> members;
  for (const auto& [node, component] : component_of) {
    members[component].insert(node);
    components[component];
    for (const std::string& provider : all[node]) {
      if (component_of[provider] != component) {
        components[component].insert(component_of[provider]);
      }
    }
  }
  std::set<std::string> names;
  for (const auto& [component, providers] : components) names.insert(component);
  std::vector<std::vector<std::string>> order;
  for (const std::string& component : Sorted(components, names)) {
    const std::set<std::string>& group = members[component];
    order.push_back(Sorted(hard, group));
    if (order.back().size() < group.size()) return CircleError(hard, group);
  }
  return order;
}

}  // namespace orrery::resolver
