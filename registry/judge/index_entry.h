#ifndef REGISTRY_JUDGE_INDEX_ENTRY_H_
#define REGISTRY_JUDGE_INDEX_ENTRY_H_

#include <cstdint>
#include <vector>

#include "registry/format/finding.h"
#include "registry/format/release_check.h"
#include "registry/git/git_repository.h"
#include "registry/judge/release.h"

namespace orrery::registry {

enum class Verdict : uint8_t {
  kServed = 0,
  // Its findings say why.
  kRefused = 1,
  // Of the layout before packaging version 2.0: neither served nor refused.
  kLegacy = 2,
  // A directory of an overlay source: it adds files to releases of its base.
  kOverlay = 3,
};

// What the index knows of one place below `repo/packages`.
struct IndexEntry {
  // The git object that was judged; an equal one needs no second look.
  ObjectId id;
  uint32_t mode = 0;
  Verdict verdict = Verdict::kRefused;
  // What git has now is refused, as those findings say that refuse; the release
  // is the one that was logged before (trust.md §10.3).
  bool kept = false;
  // `directory`, `source`, `files` and `findings` (of this entry alone) are
  // always set, `name` and `release` when the path has them, the rest when it
  // is served. Never null.
  ReleasePtr release;
  // Of served releases; of overlays only what they mention.
  ReleaseFacts facts;
  // Findings of the comparison with the source's other releases.
  std::vector<Finding> compared;
};

}  // namespace orrery::registry

#endif  // REGISTRY_JUDGE_INDEX_ENTRY_H_
