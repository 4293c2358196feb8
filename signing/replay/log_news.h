#ifndef SIGNING_REPLAY_LOG_NEWS_H_
#define SIGNING_REPLAY_LOG_NEWS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "signing/record/record.h"
#include "signing/replay/log_state.h"
#include "signing/tree_hash.h"

namespace orrery::signing {

// What a refresh reports of the leaves from `first_leaf` on, those that the
// client has not seen (spec: trust.md §10.3, §14.2).

struct ModeSwitch {
  std::string source;
  RevisionMode from = RevisionMode::kImmutable;
  RevisionMode to = RevisionMode::kMutable;
  int64_t leaf = 0;
};

// By source, then leaf.
std::vector<ModeSwitch> FindModeSwitches(const LogState& log,
                                         int64_t first_leaf);

struct NewRevision {
  std::string source;
  int64_t release = 0;
  // The revision before, and its tree.
  int64_t from = 0;
  TreeHash replaces;
  int64_t to = 0;
  TreeHash tree;
};

// Of one package, by source, release and revision.
std::vector<NewRevision> FindNewRevisions(const PackageState& package,
                                          int64_t first_leaf);

}  // namespace orrery::signing

#endif  // SIGNING_REPLAY_LOG_NEWS_H_
