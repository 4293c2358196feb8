#ifndef REGISTRY_JUDGE_TREE_JUDGE_H_
#define REGISTRY_JUDGE_TREE_JUDGE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "registry/git/git_repository.h"
#include "registry/judge/package_tree.h"
#include "registry/judge/release_judge.h"

namespace orrery::registry {

// What judging may cost: a few objects can stand in very many places.
struct JudgingLimits {
  // Bytes of the files of all releases; one of them may stand in many releases.
  uint64_t max_read_bytes = uint64_t{32} << 30;
  // About what the releases with their findings take in the index.
  uint64_t max_index_bytes = uint64_t{2} << 30;
};

// Reads and judges `places`, on several threads when they are many; each opens
// the repository at `path` again and asks `interrupted`. `take` gets them one
// after another, in their order, in the thread that called; few are held
// meanwhile. kDataLoss when something cannot be read, kResourceExhausted when a
// limit is broken, and what `take` and `interrupted` say; nothing is taken
// after an error.
absl::Status JudgePlaces(
    const std::string& path, const GitRepository& repository,
    const std::vector<PackageTreeEntry>& places, const JudgedSource& source,
    const JudgingLimits& limits, const Interruption& interrupted,
    const std::function<absl::Status(const PackageTreeEntry&, JudgedEntry)>&
        take);

}  // namespace orrery::registry

#endif  // REGISTRY_JUDGE_TREE_JUDGE_H_
