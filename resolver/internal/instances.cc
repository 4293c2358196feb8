#include "resolver/internal/instances.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace orrery::resolver::internal {
namespace {

const Node* FindPackage(const std::vector<Node>& nodes, PackageId package) {
  const auto found = std::find_if(
      nodes.begin(), nodes.end(),
      [package](const Node& node) { return node.package == package; });
  return found == nodes.end() ? nullptr : &*found;
}

void AppendNew(const Node& node, MeantNodes* nodes) {
  if (std::find(nodes->begin(), nodes->end(), node) == nodes->end()) {
    nodes->push_back(node);
  }
}

}  // namespace

Instances::Instances(const Request& request, MetadataSource& source)
    : source_(source) {
  for (const InstalledNode& installed : request.installed) {
    installed_[installed.node.package].push_back(installed.node);
    has_choice_ |= !installed.node.instance.empty();
    if (installed.bindings.empty()) continue;
    has_choice_ = true;
    recorded_bindings_[installed.node] = installed.bindings;
  }
  has_choice_ |= !request.bindings.empty();
  for (const Binding& binding : request.bindings) {
    asked_bindings_[binding.consumer].push_back(binding.provider);
  }
  for (auto& [package, nodes] : installed_) {
    std::sort(nodes.begin(), nodes.end(), [this](const Node& a, const Node& b) {
      return IdOf(a) < IdOf(b);
    });
  }
}

std::string Instances::IdOf(const Node& node) const {
  return node.instance.empty() ? std::string(source_.Name(node.package))
                               : node.instance;
}

std::string Instances::TextOf(const Node& node) const {
  return NodeText(node, source_);
}

bool Instances::IsRecorded(const Node& consumer, const Node& provider) const {
  const auto found = recorded_bindings_.find(consumer);
  return found != recorded_bindings_.end() &&
         std::find(found->second.begin(), found->second.end(), provider) !=
             found->second.end();
}

bool Instances::SameGroup(const Node& a, const Node& b) const {
  const std::string id_a = IdOf(a);
  const std::string id_b = IdOf(b);
  const size_t end_a = id_a.rfind('/');
  const size_t end_b = id_b.rfind('/');
  return end_a != std::string::npos && end_a == end_b &&
         id_a.compare(0, end_a, id_b, 0, end_b) == 0;
}

Node Instances::MeantOf(const Node& consumer, PackageId package,
                        bool own) const {
  for (const auto* bindings : {&asked_bindings_, &recorded_bindings_}) {
    if (bindings->empty()) continue;
    const auto found = bindings->find(consumer);
    if (found == bindings->end()) continue;
    const Node* bound = FindPackage(found->second, package);
    if (bound != nullptr) return *bound;
  }
  if (own) {
    return {package, absl::StrCat(IdOf(consumer), "-", source_.Name(package))};
  }
  const auto installed = installed_.find(package);
  if (installed == installed_.end()) return {package};
  for (const Node& node : installed->second) {
    if (SameGroup(node, consumer)) return node;
  }
  if (installed->second.size() == 1) return installed->second.front();
  return {package};
}

MeantNodes Instances::InstalledProviders(const Target& target,
                                         const Node* group_of) const {
  std::vector<std::pair<std::pair<bool, std::string>, Node>> found;
  for (const PackageRanks& member : target.members) {
    const auto installed = installed_.find(member.package);
    if (installed == installed_.end()) continue;
    for (const Node& node : installed->second) {
      const bool near = group_of != nullptr && SameGroup(node, *group_of);
      found.push_back({{!near, TextOf(node)}, node});
    }
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  MeantNodes nodes;
  for (auto& [key, node] : found) nodes.push_back(std::move(node));
  return nodes;
}

MeantNodes Instances::Meant(const Node& consumer,
                            const Alternative& alternative) const {
  MeantNodes nodes;
  if (alternative.target.is_capability) {
    nodes = InstalledProviders(alternative.target, &consumer);
  }
  for (const PackageRanks& member : alternative.target.members) {
    AppendNew(MeantOf(consumer, member.package, alternative.own), &nodes);
  }
  return nodes;
}

MeantNodes Instances::Asked(const Alternative& alternative) const {
  MeantNodes nodes;
  if (alternative.target.is_capability) {
    nodes = InstalledProviders(alternative.target, nullptr);
  }
  for (const PackageRanks& member : alternative.target.members) {
    AppendNew({member.package, alternative.instance}, &nodes);
  }
  return nodes;
}

}  // namespace orrery::resolver::internal
