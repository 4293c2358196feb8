// A log in the making: each record is the next of its chain unless a test
// changes it, and a maintainers' one is signed by Alice alone.

#ifndef SIGNING_REPLAY_LOG_TESTING_H_
#define SIGNING_REPLAY_LOG_TESTING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "signing/ed25519.h"
#include "signing/record/record.h"
#include "signing/replay/log_state.h"
#include "signing/replay/replay.h"
#include "signing/ssh/armor.h"

namespace orrery::signing {

// As the worked example makes its keys (spec: trust.md §26).
Ed25519PrivateKey TestKey(absl::string_view name);

// By that key, in the namespace of the record's kind.
SshSignature SignatureBy(absl::string_view name, const Record& record);

class TestLog {
 public:
  explicit TestLog(absl::string_view origin = "registry.example/main")
      : replay_(origin) {}

  // A base source with `https://git.example/<id>.git`, priority 100.
  Record Source(absl::string_view id,
                RevisionMode mode = RevisionMode::kMutable) const;
  // One file that holds `content`; replaces the revision before.
  Record Observed(absl::string_view source, absl::string_view package,
                  int64_t release, int64_t revision,
                  absl::string_view content) const;
  // Of the latest revision.
  Record Withdrawn(absl::string_view source, absl::string_view package,
                   int64_t release) const;
  Record Restored(absl::string_view source, absl::string_view package,
                  int64_t release) const;
  Record Index(int64_t unix_seconds) const;
  Record Claim(absl::string_view package) const;
  // Published by source `id`.
  Record Keyset(absl::string_view package, absl::string_view id,
                RevisionMode mode = RevisionMode::kMutable) const;
  Record Release(absl::string_view package, int64_t release, int64_t revision,
                 absl::string_view content) const;
  // All revisions.
  Record Yank(absl::string_view package, int64_t release) const;
  Record Distrust(absl::string_view package) const;

  static std::string LeafOf(const Record& record);
  static std::string LeafOf(const Record& record,
                            const std::vector<std::string>& signers);
  absl::Status Append(const Record& record) {
    return replay_.Append(LeafOf(record));
  }
  absl::Status AppendBytes(absl::string_view leaf) {
    return replay_.Append(leaf);
  }

  const LogState& state() const { return replay_.state(); }
  // Requires: the log has the revision.
  RevisionState StateOf(absl::string_view source, absl::string_view package,
                        int64_t release, int64_t revision) const;

 private:
  Record InChain(RecordKind kind, const Chain* chain) const;
  Record OfMaintainers(RecordKind kind, absl::string_view package) const;
  Record OfSource(RecordKind kind, absl::string_view source,
                  absl::string_view package) const;
  Record Presence(RecordKind kind, absl::string_view source,
                  absl::string_view package, int64_t release) const;
  Sighting SightingOf(absl::string_view source) const;
  KeysetReference KeysetOf(absl::string_view package) const;

  Replay replay_;
};

// Of a log without void leaves: two sources, packages with and without
// maintainers.
std::vector<std::string> LeavesOfEveryKind();

}  // namespace orrery::signing

#endif  // SIGNING_REPLAY_LOG_TESTING_H_
