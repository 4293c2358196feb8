// The revisions of a package as a catalog has them (spec: trust.md §11.5).

#ifndef REGISTRY_LOG_LOGGED_REVISIONS_H_
#define REGISTRY_LOG_LOGGED_REVISIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace orrery::registry {

// The words are those of the catalog.
struct LoggedRevision {
  std::string source;
  // Of the source; lower is better.
  int64_t priority = 0;
  // Nothing of the source is logged any more.
  bool is_retired = false;
  int64_t release = 0;
  int64_t revision = 0;
  std::string evidence;
  std::string state;
  std::string tree;
  std::string version;

  bool is_current() const { return state == "current"; }
};

// Those of base sources: retired sources last, otherwise by priority and id,
// then highest release and revision first. Requires: a catalog of one package
// or none, made by this program.
std::vector<LoggedRevision> ReadRevisions(absl::string_view catalog);

}  // namespace orrery::registry

#endif  // REGISTRY_LOG_LOGGED_REVISIONS_H_
