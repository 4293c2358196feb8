#include "catalog/store/unused_services.h"

#include <algorithm>
#include <map>
#include <utility>

#include "catalog/resolution/change_order.h"
#include "catalog/resolution/request_item.h"

namespace orrery::catalog {
namespace {

using ByNode = std::map<std::string, StoredServicePtr>;

ByNode ByNodeText(std::span<const StoredServicePtr> services) {
  ByNode by_node;
  for (const StoredServicePtr& service : services) {
    by_node.emplace(NodeOf(service->record), service);
  }
  return by_node;
}

// What one is bound to, also through others, itself not; only what `follow`
// lets through.
template <typename Follow>
std::set<std::string> Reached(const ByNode& by_node,
                              std::vector<std::string> next,
                              const Follow& follow) {
  std::set<std::string> reached(next.begin(), next.end());
  while (!next.empty()) {
    const auto service = by_node.find(next.back());
    next.pop_back();
    if (service == by_node.end()) continue;
    for (const ServiceBinding& used : service->second->record.bindings) {
      const auto provider = by_node.find(used.provider);
      if (provider == by_node.end() || !follow(provider->second->record) ||
          !reached.insert(used.provider).second) {
        continue;
      }
      next.push_back(used.provider);
    }
  }
  return reached;
}

bool IsAsked(const ServiceRecord& record) { return record.added_for.empty(); }

}  // namespace

std::string NodeOf(const RunningService& record) {
  return NodeText(record.package, record.name);
}

std::set<std::string> UnusedNodes(std::span<const StoredServicePtr> services) {
  const ByNode by_node = ByNodeText(services);
  const auto is_changing = [&by_node](const std::string& node) {
    const auto found = by_node.find(node);
    return found != by_node.end() && !found->second->record.operation.empty();
  };
  std::vector<std::string> wanted;
  for (const auto& [node, service] : by_node) {
    const std::vector<std::string>& consumers = service->record.added_for;
    if (IsAsked(service->record) || is_changing(node) ||
        std::any_of(consumers.begin(), consumers.end(), is_changing)) {
      wanted.push_back(node);
    }
  }
  const std::set<std::string> used = Reached(
      by_node, std::move(wanted), [](const ServiceRecord&) { return true; });
  std::set<std::string> unused;
  for (const auto& [node, service] : by_node) {
    if (!used.contains(node)) unused.insert(node);
  }
  return unused;
}

std::vector<StoredServicePtr> OnlyUsedBy(
    const ServiceRecord& gone, std::span<const StoredServicePtr> services) {
  const ByNode by_node = ByNodeText(services);
  std::set<std::string> going =
      Reached(by_node, {NodeOf(gone)},
              [](const ServiceRecord& record) { return !IsAsked(record); });
  // Those that stay keep what they use, and that keeps what it uses.
  size_t before = 0;
  while (before != going.size()) {
    before = going.size();
    for (const auto& [node, service] : by_node) {
      if (going.contains(node)) continue;
      for (const ServiceBinding& used : service->record.bindings) {
        if (used.provider != NodeOf(gone)) going.erase(used.provider);
      }
    }
  }
  going.erase(NodeOf(gone));
  std::vector<RunningService> records;
  for (const std::string& node : going) {
    records.push_back(by_node.at(node)->record);
  }
  std::vector<StoredServicePtr> ordered;
  for (const RunningService& record : RemovalOrder(std::move(records))) {
    ordered.push_back(by_node.at(NodeOf(record)));
  }
  return ordered;
}

}  // namespace orrery::catalog
