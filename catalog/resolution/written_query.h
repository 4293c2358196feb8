#ifndef CATALOG_RESOLUTION_WRITTEN_QUERY_H_
#define CATALOG_RESOLUTION_WRITTEN_QUERY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "catalog/resolution/resolve_query.h"

namespace orrery::catalog {

// A query as people and programs write it; members as of v1.ResolveRequest.
struct WrittenQuery {
  std::string cluster;
  std::vector<std::string> items;
  bool installed = false;
  std::vector<std::string> update;
  std::vector<std::string> remove;
  std::vector<std::string> exclude;
  std::vector<std::string> hold;
  std::vector<std::string> bindings;
  std::vector<std::string> trees;
  // One JSON object as text; empty for none.
  std::string options;
  bool allow_prereleases = false;
  std::vector<std::string> prereleases_of;
  bool allow_removal = false;
  bool allow_downgrade = false;
  bool allow_source_change = false;
  bool oldest_first = false;
  std::string lock;
  bool locked = false;
  bool write_lock = false;
  bool accept_suboptimal = false;
  // 0: the most.
  int64_t steps = 0;
  int64_t explain_steps = 0;
  int64_t fix_steps = 0;
};

// kInvalidArgument says what cannot be read.
absl::StatusOr<ResolveQuery> ReadQuery(const WrittenQuery& written);

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_WRITTEN_QUERY_H_
