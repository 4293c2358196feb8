// What the resolver answers, in the words of packages and services.

#ifndef CATALOG_RESOLUTION_RESOLUTION_H_
#define CATALOG_RESOLUTION_RESOLUTION_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"

#include "registry/format/json_value.h"
#include "registry/judge/release.h"
#include "resolver/answer.h"
#include "resolver/fact.h"
#include "resolver/fixes.h"
#include "resolver/written_relations.h"

namespace orrery::catalog {

enum class NodeAction : uint8_t { kKeep, kAdd, kChange, kDowngrade, kRemove };

// `keep`, `add`, …
absl::string_view NodeActionName(NodeAction action);

// An option of a service that an output of another fills.
struct ResolvedBinding {
  std::string option;
  // Node text.
  std::string provider;
  std::string output;
  // Between the elements of a list that fills a text.
  std::optional<std::string> join;
  // Known only when the provider runs.
  bool late = false;
  // The user gave the option.
  bool overridden = false;
};

struct AnswerNote {
  std::string code;
  std::string text;
};

// That nothing needs a service any more that came with others, with the command
// that removes it.
AnswerNote OrphanNote(const std::string& service,
                      const std::vector<std::string>& added_for);

// A node of the answer, or one that goes.
struct ResolvedNode {
  std::string node;
  std::string package;
  // Service id.
  std::string instance;
  NodeAction action = NodeAction::kAdd;
  // Null for a node that goes.
  registry::ReleasePtr release;
  int64_t revision = 1;
  // Hash of its files.
  std::string tree;
  std::string relations_digest;
  // It runs, and is in no source any more.
  bool is_lost = false;
  // The newest release of the package that anybody may choose.
  registry::ReleasePtr newest;
  // Sources that have the package, best first.
  std::vector<std::string> sources;
  // A pre-release above that, which nobody gets without asking for it; or null.
  registry::ReleasePtr newer_prerelease;
  // The newest one above its own that neither edges, sources, pins nor being a
  // pre-release rule out beforehand, though the policy may, or relations that
  // cannot be read; null if there is none.
  registry::ReleasePtr held_below;
  // What runs now, number and label.
  std::optional<int64_t> from_release;
  std::string from_version;
  std::vector<std::string> features;
  // `request:0`, `installed`, or the nodes that need it; sorted.
  std::vector<std::string> why;
  // With the requirement that each of these nodes has.
  std::map<std::string, std::string> requirements;
  // Nodes that come before it.
  std::vector<std::string> starts_after;
  // Why it changes or goes, though nobody asked for that.
  std::string reason;
  std::vector<ResolvedBinding> bindings;
  // Facts that meet a requirement of it which a service could meet.
  std::vector<std::string> facts;
  // It keeps its release, and what it uses comes, changes or goes.
  bool is_rebound = false;
  // What chosen alternatives and features set, by pointer.
  std::map<std::string, resolver::Scalar> set;
  std::vector<AnswerNote> notes;
};

// A node below its newest release.
struct HeldNode {
  std::string node;
  std::string version;
  std::string newest;
  std::string reason;
};

struct ToldFact {
  resolver::Fact fact;
  std::string sentence;
  // Its releases in words, `2.0 and newer`, and for each target its own; empty
  // if it speaks of none.
  std::string releases;
  std::vector<std::string> target_releases;
};

struct Resolution {
  resolver::Status status = resolver::Status::kGaveUp;
  resolver::Stage unfinished = resolver::Stage::kNone;
  resolver::Limit limit = resolver::Limit::kNone;
  std::string cluster;
  resolver::Statistics statistics;

  // Solved. Nodes in the order in which they start, then those that go.
  std::vector<ResolvedNode> nodes;
  uint32_t removed = 0;
  uint32_t changed = 0;
  uint32_t added = 0;
  std::vector<std::vector<std::string>> order;
  // Digest of each package of the answer.
  std::map<std::string, std::string> catalog;
  std::vector<HeldNode> held;
  std::vector<AnswerNote> notes;
  // Facts that were not looked at.
  std::vector<std::string> unchecked;
  // Facts that the chosen releases name, with their values; absent ones have
  // none.
  std::map<std::string, std::optional<std::string>> facts;
  // Held nodes, each as `node=release`.
  std::vector<std::string> hold;
  // The text of its lock file, where one is wanted.
  std::string lock;

  // Not satisfiable.
  std::string verb;
  std::vector<ToldFact> told;
  // As told to people, folded (resolver.md §11.3).
  std::vector<std::string> sentences;
  bool reduced = true;
  // What would work, best first.
  std::vector<resolver::Fix> fixes;
  // Names that items ask for and nobody has, with the nearest ones.
  std::map<std::string, std::vector<std::string>> unknown;
  std::vector<std::string> items;

  const ResolvedNode* Find(absl::string_view node) const;
};

registry::JsonValue NotesToJson(const std::vector<AnswerNote>& notes);

// resolver.md §14.3.
registry::JsonValue ResolutionToJson(const Resolution& resolution);

// Of an answer that is not satisfiable (resolver.md §11.4), without a newline
// at the end.
std::string RefusalText(const Resolution& resolution);

// OK when there is an answer: else kFailedPrecondition with reason
// UNSATISFIABLE, or kResourceExhausted with GAVE_UP.
absl::Status CheckSolved(const Resolution& resolution);

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_RESOLUTION_H_
