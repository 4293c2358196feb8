#ifndef SIGNING_LOG_COSIGNATURE_H_
#define SIGNING_LOG_COSIGNATURE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/ed25519.h"
#include "signing/log/note.h"

namespace orrery::signing {

// A witness's word that at a time a checkpoint was the largest consistent tree
// it had seen (C2SP tlog-cosignature v1, type 0x04; spec: trust.md §11.4).
// Times are Unix seconds.

// The time of the cosignature `bytes` over a checkpoint's `text`; the refusal
// log.quorum unless it is one by `key`.
absl::StatusOr<uint64_t> VerifyCosignature(const Ed25519PublicKey& key,
                                           absl::string_view text,
                                           absl::string_view bytes);

// kInternal if OpenSSL fails.
absl::StatusOr<NoteSignature> CosignNote(absl::string_view text, uint64_t time,
                                         absl::string_view key_name,
                                         const Ed25519PrivateKey& key);

}  // namespace orrery::signing

#endif  // SIGNING_LOG_COSIGNATURE_H_
