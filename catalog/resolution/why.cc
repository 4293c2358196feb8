#include "catalog/resolution/why.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

#include "registry/status/error_details.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

constexpr size_t kMaxChains = 5;
// Ways that are followed at once; more of one length are cut by text.
constexpr size_t kMaxOpen = 100;

struct Step {
  const ResolvedNode* node = nullptr;
  // What the step before requires, or why the first is there.
  std::string requirement;
};
// From the node backwards.
using Chain = std::vector<Step>;

std::string TextOf(const Chain& chain) {
  std::string text;
  for (auto step = chain.rbegin(); step != chain.rend(); ++step) {
    absl::StrAppend(&text, step->node->node, " ", step->requirement, "\n");
  }
  return text;
}

void SortAndCut(std::vector<Chain>* chains, size_t most) {
  std::sort(chains->begin(), chains->end(), [](const Chain& a, const Chain& b) {
    return std::make_pair(a.size(), TextOf(a)) <
           std::make_pair(b.size(), TextOf(b));
  });
  if (chains->size() > most) chains->resize(most);
}

class ChainFinder {
 public:
  explicit ChainFinder(const Resolution& resolution)
      : resolution_(resolution) {}

  std::vector<Chain> Find(const ResolvedNode& node) {
    std::vector<Chain> found;
    std::vector<Chain> open = {{{&node, ""}}};
    while (!open.empty() && found.size() < kMaxChains) {
      std::vector<Chain> next;
      for (const Chain& chain : open) Extend(chain, &found, &next);
      SortAndCut(&next, kMaxOpen);
      open = std::move(next);
    }
    SortAndCut(&found, kMaxChains);
    return found;
  }

 private:
  void Extend(const Chain& chain, std::vector<Chain>* found,
              std::vector<Chain>* next) const {
    const ResolvedNode& first = *chain.back().node;
    for (const std::string& reason : first.why) {
      Chain longer = chain;
      if (reason == "installed" || absl::StartsWith(reason, "request:")) {
        longer.back().requirement = RootText(reason);
        found->push_back(std::move(longer));
        continue;
      }
      const bool seen = std::any_of(
          chain.begin(), chain.end(),
          [&](const Step& step) { return step.node->node == reason; });
      const ResolvedNode* consumer = resolution_.Find(reason);
      if (seen || consumer == nullptr) continue;
      const auto requirement = first.requirements.find(reason);
      if (requirement != first.requirements.end()) {
        longer.back().requirement = requirement->second;
      }
      longer.push_back({consumer, ""});
      next->push_back(std::move(longer));
    }
  }

  std::string RootText(absl::string_view reason) const {
    size_t index = 0;
    if (absl::ConsumePrefix(&reason, "request:") &&
        absl::SimpleAtoi(reason, &index) && index < resolution_.items.size()) {
      return absl::StrCat("you ask for ", resolution_.items[index]);
    }
    return "installed";
  }

  const Resolution& resolution_;
};

// People know a service by its name, which is a node's instance.
const ResolvedNode* FindNode(const Resolution& resolution,
                             absl::string_view name) {
  if (const ResolvedNode* node = resolution.Find(name)) return node;
  const auto found = std::find_if(
      resolution.nodes.begin(), resolution.nodes.end(),
      [name](const ResolvedNode& node) { return node.instance == name; });
  return found == resolution.nodes.end() ? nullptr : &*found;
}

// Why the node comes from its source.
std::string SourceText(const ResolvedNode& node) {
  if (node.release == nullptr) return "";
  const std::string& source = node.release->source;
  if (node.sources.empty() ||
      (node.sources.size() == 1 && node.sources.front() == source)) {
    return absl::StrCat("from source ", source);
  }
  const std::string all = absl::StrJoin(node.sources, ", ");
  if (node.sources.front() == source) {
    return absl::StrCat("from source ", source, ", the best of ", all);
  }
  return absl::StrCat("from source ", source, ", though ", all,
                      " is the order of the sources that have it: ",
                      node.action == NodeAction::kKeep
                          ? "it was installed from there"
                          : "no better one has a release that fits");
}

}  // namespace

absl::StatusOr<JsonValue> WhyToJson(const Resolution& resolution,
                                    absl::string_view node) {
  ORRERY_RETURN_IF_ERROR(CheckSolved(resolution));
  const ResolvedNode* const found = FindNode(resolution, node);
  if (found == nullptr) {
    return registry::WithReason(
        absl::NotFoundError(absl::StrCat(node,
                                         " is not in the answer: "
                                         "nothing that is asked for or runs "
                                         "needs it")),
        "NODE_NOT_FOUND", {{"node", std::string(node)}});
  }
  JsonValue chains = JsonValue::Array();
  for (const Chain& chain : ChainFinder(resolution).Find(*found)) {
    JsonValue steps = JsonValue::Array();
    for (auto step = chain.rbegin(); step != chain.rend(); ++step) {
      steps.items().push_back(JsonValue::Object(
          {{"node", JsonValue::String(step->node->node)},
           {"version", JsonValue::String(step->node->release == nullptr
                                             ? step->node->from_version
                                             : step->node->release->version)},
           {"requirement", JsonValue::String(step->requirement)}}));
    }
    chains.items().push_back(std::move(steps));
  }
  return JsonValue::Object(
      {{"schema", JsonValue::Integer(1)},
       {"node", JsonValue::String(found->node)},
       {"version",
        JsonValue::String(found->release == nullptr ? found->from_version
                                                    : found->release->version)},
       {"source", JsonValue::String(
                      found->release == nullptr ? "" : found->release->source)},
       {"source_reason", JsonValue::String(SourceText(*found))},
       {"chains", std::move(chains)}});
}

}  // namespace orrery::catalog
