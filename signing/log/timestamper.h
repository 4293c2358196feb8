#ifndef SIGNING_LOG_TIMESTAMPER_H_
#define SIGNING_LOG_TIMESTAMPER_H_

#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/digest.h"
#include "signing/ed25519.h"
#include "signing/log/consistency_guard.h"
#include "signing/log/note.h"
#include "signing/log/vkey.h"

namespace orrery::signing {

// Cosigns the checkpoints of one log with the time, so that clients see when
// it stands still (spec: trust.md §11.4). As thread-safe as the store of its
// state, which must outlive it.
class Timestamper {
 public:
  // Requires: IsKeyName(key_name).
  Timestamper(absl::string_view key_name, Ed25519PrivateKey key, Vkey log_key,
              SignerStore& store)
      : key_name_(key_name),
        key_(std::move(key)),
        log_key_(std::move(log_key)),
        guard_(store) {}

  Vkey vkey() const;

  // What was cosigned last: the proof that Cosign wants leads on from here.
  absl::StatusOr<SignerState> Last() const { return guard_.Last(); }

  // The cosignature of a checkpoint that the log key has signed, at `now` in
  // Unix seconds. Refusals as those of OpenCheckpoint and of
  // ConsistencyGuard::Advance: neither size nor time goes back.
  absl::StatusOr<NoteSignature> Cosign(absl::string_view note_bytes,
                                       std::span<const Digest> proof,
                                       uint64_t now);

 private:
  std::string key_name_;
  Ed25519PrivateKey key_;
  Vkey log_key_;
  ConsistencyGuard guard_;
};

}  // namespace orrery::signing

#endif  // SIGNING_LOG_TIMESTAMPER_H_
