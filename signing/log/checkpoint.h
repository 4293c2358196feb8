#ifndef SIGNING_LOG_CHECKPOINT_H_
#define SIGNING_LOG_CHECKPOINT_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/digest.h"
#include "signing/log/note.h"
#include "signing/log/vkey.h"

namespace orrery::signing {

// One state of a log (C2SP tlog-checkpoint; spec: trust.md §11.3).
struct Checkpoint {
  std::string origin;
  uint64_t size = 0;
  Digest root;

  bool operator==(const Checkpoint&) const = default;
};

// Exactly three lines, no extensions: the refusal log.syntax for other text.
absl::StatusOr<Checkpoint> ParseCheckpoint(absl::string_view text);
std::string FormatCheckpoint(const Checkpoint& checkpoint);

// Whether one of these log keys whose name is `origin` has signed the note; the
// refusal log.signature if a line that is by one of them is wrong.
absl::StatusOr<bool> HasLogSignature(const Note& note, absl::string_view origin,
                                     std::span<const Vkey> log_keys);

// A checkpoint that a known log key has signed.
struct SignedCheckpoint {
  Checkpoint checkpoint;
  Note note;
  // For each cosigner that was asked for, in its place: the newest time of its
  // cosignatures in Unix seconds, nullopt if it has none.
  std::vector<std::optional<uint64_t>> cosigner_times;
};

// Reads a checkpoint's note and checks every line whose name and key id are
// those of a given key, in the order of trust.md §14.1: log.syntax; log.origin
// unless the origin is the name of the log keys; log.signature if a log key's
// line is wrong or no log key has signed; log.quorum if a cosigner's line is
// wrong. Lines of unknown keys, and of types other than those, are ignored.
// Whether the cosigners make a quorum is the policy's to say.
absl::StatusOr<SignedCheckpoint> OpenCheckpoint(
    absl::string_view note_bytes, std::span<const Vkey> log_keys,
    std::span<const Vkey> cosigners);

}  // namespace orrery::signing

#endif  // SIGNING_LOG_CHECKPOINT_H_
