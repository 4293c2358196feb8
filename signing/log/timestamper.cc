#include "signing/log/timestamper.h"

#include "signing/log/checkpoint.h"
#include "signing/log/cosignature.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {

Vkey Timestamper::vkey() const {
  return Vkey::Of(key_name_, Vkey::kCosignature, key_.public_key());
}

absl::StatusOr<NoteSignature> Timestamper::Cosign(absl::string_view note_bytes,
                                                  std::span<const Digest> proof,
                                                  uint64_t now) {
  ORRERY_ASSIGN_OR_RETURN(
      const SignedCheckpoint opened,
      OpenCheckpoint(note_bytes, std::span(&log_key_, 1), {}));
  ORRERY_RETURN_IF_ERROR(guard_.Advance({opened.checkpoint, now}, proof));
  return CosignNote(opened.note.text, now, key_name_, key_);
}

}  // namespace orrery::signing
