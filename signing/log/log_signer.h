#ifndef SIGNING_LOG_LOG_SIGNER_H_
#define SIGNING_LOG_LOG_SIGNER_H_

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

// Holds the key of one log (spec: trust.md §11.7). As thread-safe as the store
// of its state, which must outlive it.
class LogSigner {
 public:
  // `origin` names log and key. Requires: IsKeyName(origin).
  LogSigner(absl::string_view origin, Ed25519PrivateKey key, SignerStore& store)
      : origin_(origin), key_(std::move(key)), guard_(store) {}

  Vkey vkey() const;

  // What was signed last: the proof that Sign wants leads on from here.
  absl::StatusOr<SignerState> Last() const { return guard_.Last(); }

  // The checkpoint's note with the log's signature; the same bytes for the
  // same size and root. Refusals as those of ConsistencyGuard::Advance.
  // kInvalidArgument for size 0: an empty log has no checkpoint.
  absl::StatusOr<Note> Sign(uint64_t size, const Digest& root,
                            std::span<const Digest> proof);

 private:
  std::string origin_;
  Ed25519PrivateKey key_;
  ConsistencyGuard guard_;
};

}  // namespace orrery::signing

#endif  // SIGNING_LOG_LOG_SIGNER_H_
