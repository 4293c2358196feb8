#include "catalog/verify/solution_check.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

#include "catalog/resolution/lock_file.h"
#include "registry/format/json_parse.h"
#include "registry/format/json_value.h"
#include "resolver/answer.h"
#include "signing/digest.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

absl::Status Refuse(absl::string_view package, absl::string_view detail) {
  return signing::At({.check = 14, .package = std::string(package)},
                     signing::Refuse(signing::RefusalCode::kPlanDeps, detail));
}

std::string TextOf(const JsonValue& node) {
  const JsonValue* release = node.Find("release");
  const JsonValue* revision = node.Find("revision");
  return absl::StrCat(
      node.FindString("node"), " ", node.FindString("version"), " (release ",
      release == nullptr ? "" : registry::WriteJson(*release), "#",
      revision == nullptr ? "" : registry::WriteJson(*revision), " of source ",
      node.FindString("source"), ")");
}

std::map<std::string, JsonValue> NodesIn(absl::string_view text) {
  std::map<std::string, JsonValue> nodes;
  const absl::StatusOr<registry::JsonDocument> json =
      registry::ParseJson(text, {.max_bytes = text.size()});
  if (!json.ok()) return nodes;
  for (const JsonValue& node : json->root.items()) {
    nodes.emplace(node.FindString("node"), node);
  }
  return nodes;
}

// The first node that is not the same in both texts, which differ.
absl::Status RefuseDifference(absl::string_view proposed,
                              absl::string_view own) {
  const std::map<std::string, JsonValue> theirs = NodesIn(proposed);
  const std::map<std::string, JsonValue> ours = NodesIn(own);
  constexpr absl::string_view kAgain =
      ": if something was published meanwhile, plan again";
  for (const auto& [name, node] : theirs) {
    const auto found = ours.find(name);
    const absl::string_view package = node.FindString("package");
    if (found == ours.end()) {
      return Refuse(package, absl::StrCat("the plan has ", TextOf(node),
                                          ", which solving again from verified "
                                          "releases does not give",
                                          kAgain));
    }
    if (node == found->second) continue;
    return Refuse(
        package,
        absl::StrCat("the plan has ", TextOf(node),
                     ", and solving again from verified releases gives ",
                     TextOf(found->second),
                     TextOf(node) == TextOf(found->second)
                         ? " for other reasons or bound to others"
                         : "",
                     kAgain));
  }
  for (const auto& [name, node] : ours) {
    if (theirs.contains(name)) continue;
    return Refuse(node.FindString("package"),
                  absl::StrCat("the plan lacks ", TextOf(node),
                               ", which solving again from verified releases "
                               "gives",
                               kAgain));
  }
  return Refuse("", "the nodes of the plan are not written as a lock has them");
}

std::string DigestOf(const std::string& relations) {
  return relations.empty()
             ? "none"
             : absl::StrCat("sha256:", signing::Digest::Of(relations).Hex());
}

// What it uses of others: by bindings, without one, or of the cluster.
std::set<std::string> ProvidersOf(const ResolvedNode& node,
                                  const Resolution& own) {
  std::set<std::string> providers(node.facts.begin(), node.facts.end());
  for (const ResolvedBinding& binding : node.bindings) {
    if (!binding.overridden) providers.insert(binding.provider);
  }
  for (const ResolvedNode& other : own.nodes) {
    if (other.requirements.contains(node.node)) providers.insert(other.node);
  }
  return providers;
}

std::set<std::string> SetOf(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

// A step that makes a service what its node says.
absl::Status CheckRun(const ClaimedStep& step, const ResolvedNode& node,
                      const Resolution& own) {
  const auto differs = [&](absl::string_view what) {
    return Refuse(step.package,
                  absl::StrCat("the plan gives service ", step.service,
                               " another ", what, " than its own answer has"));
  };
  if (step.package != node.package || step.service != node.instance ||
      step.source != node.release->source ||
      step.release != node.release->release || step.tree != node.tree ||
      step.revision != node.revision) {
    return differs("release");
  }
  if (DigestOf(step.relations) != node.relations_digest) {
    return differs("relations.json");
  }
  if (SetOf(step.features) != SetOf(node.features)) return differs("feature");
  if (SetOf(step.providers) != ProvidersOf(node, own)) {
    return differs("provider");
  }
  const bool is_new = node.action == NodeAction::kAdd;
  return is_new == (step.action == "apply") ? absl::OkStatus()
                                            : differs("action");
}

absl::Status CheckSteps(const std::vector<ClaimedStep>& steps,
                        const Resolution& own) {
  std::set<std::string> done;
  for (const ClaimedStep& step : steps) {
    const ResolvedNode* const node = own.Find(step.node());
    const bool is_known =
        node != nullptr &&
        (node->action == NodeAction::kRemove) != step.runs_something();
    if (!is_known || !done.insert(step.node()).second) {
      return Refuse(step.package,
                    absl::StrCat("the plan ",
                                 step.runs_something() ? "starts" : "removes",
                                 " service ", step.service,
                                 ", which its own answer does not"));
    }
    if (!step.runs_something()) continue;
    ORRERY_RETURN_IF_ERROR(CheckRun(step, *node, own));
  }
  for (const ResolvedNode& node : own.nodes) {
    if (node.action == NodeAction::kKeep || done.contains(node.node)) continue;
    return Refuse(node.package,
                  absl::StrCat("the plan has no step for service ",
                               node.instance, ", which its answer changes"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckSolution(const std::vector<ClaimedStep>& steps,
                           absl::string_view proposed, const Resolution& own) {
  if (own.status == resolver::Status::kGaveUp) {
    return Refuse("",
                  "solving again from verified releases came to no end within "
                  "its steps; give it more with --steps");
  }
  if (own.status != resolver::Status::kSolved) {
    return Refuse("",
                  "verified releases give no answer to what was asked for, and "
                  "the server has one");
  }
  const std::string nodes = LockNodes(own);
  if (nodes != proposed) return RefuseDifference(proposed, nodes);
  return CheckSteps(steps, own);
}

}  // namespace orrery::catalog
