#ifndef SIGNING_CLIENT_FORK_EVIDENCE_H_
#define SIGNING_CLIENT_FORK_EVIDENCE_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "signing/digest.h"

namespace orrery::signing {

// What is kept of a log that contradicts itself, once and for ever (spec:
// trust.md §13).
struct ForkEvidence {
  struct File {
    std::string name;
    std::string bytes;
  };

  // "fork-" and 16 hex digits of what contradicts: the same twice is the same
  // directory.
  std::string directory;
  std::vector<File> files;
};

struct ForkReport {
  std::string registry;
  std::string origin;
  std::string url;    // where the new bytes came from
  uint64_t time = 0;  // Unix seconds
  int check = 0;      // step of trust.md §14.1
};

// Two checkpoints; `proof` holds the hashes that failed, if there were any.
ForkEvidence CheckpointFork(absl::string_view old_note,
                            absl::string_view new_note,
                            std::span<const Digest> proof,
                            const ForkReport& report);

// Two leaves of one log, in their order, under the checkpoint that has both.
ForkEvidence RecordFork(absl::string_view first_leaf,
                        absl::string_view second_leaf, absl::string_view note,
                        const ForkReport& report);

}  // namespace orrery::signing

#endif  // SIGNING_CLIENT_FORK_EVIDENCE_H_
