#ifndef CATALOG_RESOLUTION_RESOLVE_QUERY_H_
#define CATALOG_RESOLUTION_RESOLVE_QUERY_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "catalog/resolution/lock_file.h"
#include "catalog/resolution/request_item.h"
#include "registry/format/json_value.h"

namespace orrery::catalog {

// `consumer` is to use this instance of a package.
struct AskedBinding {
  NodeName consumer;
  std::string package;
  // Service id.
  std::string instance;
};

// Of a package only the release with this content.
struct AskedTree {
  std::string package;
  // `h1:…`.
  std::string tree;
};

// What somebody wants to know or to have (resolver.md §8).
struct ResolveQuery {
  // Empty: no cluster, whose facts would have to hold.
  std::string cluster;
  // In order of importance.
  std::vector<RequestItem> items;
  // Look at the services of the cluster; else it counts as empty.
  bool installed = false;
  std::vector<NodeName> update;
  bool update_all = false;
  std::vector<NodeName> remove;
  // Packages.
  std::vector<std::string> exclude;
  std::vector<AskedTree> trees;
  // Stay at what they run.
  std::vector<NodeName> hold;
  std::vector<AskedBinding> bindings;
  // The user's options by node text.
  std::map<std::string, registry::JsonValue> options;
  bool allow_prereleases = false;
  std::vector<std::string> prereleases_of;
  bool allow_removal = false;
  bool allow_downgrade = false;
  bool allow_source_change = false;
  bool oldest_first = false;
  // Most steps of the search, of explaining a refusal, and of trying one fix.
  uint64_t max_steps = 30'000'000;
  uint64_t max_explain_steps = 2'000'000;
  uint64_t max_fix_steps = 200'000;
  // As in resolver::Request: for the answer and all that is said about it. Null
  // means 30 s.
  std::function<bool()> is_out_of_time = nullptr;
  // What an earlier answer locked: preferred or, with `locked`, the answer.
  std::optional<Lock> lock;
  bool locked = false;
  // The answer is to be locked, even if it is not known to be the best.
  bool write_lock = false;
  bool accept_suboptimal = false;
  // `install`, `upgrade` or `remove`: how a refusal names it.
  std::string verb = "install";
};

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_RESOLVE_QUERY_H_
