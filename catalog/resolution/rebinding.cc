#include "catalog/resolution/rebinding.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>

#include "catalog/resolution/request_item.h"

namespace orrery::catalog {
namespace {

std::set<std::string> UsedNow(const Resolution& resolution,
                              const ResolvedNode& consumer) {
  std::set<std::string> used(consumer.facts.begin(), consumer.facts.end());
  for (const ResolvedNode& node : resolution.nodes) {
    if (node.requirements.contains(consumer.node)) used.insert(node.node);
  }
  return used;
}

// Of a fact, whether it is gone is not for the answer to say.
bool IsTouched(const Resolution& resolution, const std::string& provider) {
  const ResolvedNode* node = resolution.Find(provider);
  return node != nullptr && node->action != NodeAction::kKeep;
}

}  // namespace

void FindRebound(std::span<const RunningService> services,
                 Resolution* resolution) {
  for (ResolvedNode& node : resolution->nodes) {
    if (node.action != NodeAction::kKeep) continue;
    const auto service = std::find_if(
        services.begin(), services.end(), [&node](const RunningService& each) {
          return NodeText(each.package, each.name) == node.node;
        });
    if (service == services.end()) continue;
    std::set<std::string> recorded;
    for (const ServiceBinding& binding : service->bindings) {
      recorded.insert(binding.provider);
    }
    const std::set<std::string> now = UsedNow(*resolution, node);
    std::set<std::string> either;
    std::set_symmetric_difference(recorded.begin(), recorded.end(), now.begin(),
                                  now.end(),
                                  std::inserter(either, either.end()));
    node.is_rebound = std::any_of(either.begin(), either.end(),
                                  [resolution](const std::string& other) {
                                    return IsTouched(*resolution, other);
                                  });
  }
}

}  // namespace orrery::catalog
