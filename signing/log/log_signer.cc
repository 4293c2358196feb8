#include "signing/log/log_signer.h"

#include <utility>

#include "absl/status/status.h"

#include "signing/log/checkpoint.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {

Vkey LogSigner::vkey() const {
  return Vkey::Of(origin_, Vkey::kEd25519, key_.public_key());
}

absl::StatusOr<Note> LogSigner::Sign(uint64_t size, const Digest& root,
                                     std::span<const Digest> proof) {
  if (size == 0) {
    return absl::InvalidArgumentError("an empty log has no checkpoint");
  }
  const Checkpoint checkpoint{origin_, size, root};
  ORRERY_RETURN_IF_ERROR(guard_.Advance({checkpoint, 0}, proof));
  Note note{FormatCheckpoint(checkpoint), {}};
  ORRERY_ASSIGN_OR_RETURN(NoteSignature signature,
                          SignNote(note.text, origin_, key_));
  note.signatures.push_back(std::move(signature));
  return note;
}

}  // namespace orrery::signing
