#ifndef SIGNING_LOG_NOTE_H_
#define SIGNING_LOG_NOTE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/ed25519.h"
#include "signing/log/vkey.h"

namespace orrery::signing {

// A line below a note's text. What `bytes` are is the matter of the key's type.
struct NoteSignature {
  std::string key_name;
  uint32_t key_id = 0;
  std::string bytes;  // at least one

  bool operator==(const NoteSignature&) const = default;
};

// A text with signatures below it (C2SP signed-note v1; trust.md §11.3), by
// whom and good or not.
struct Note {
  std::string text;  // ends with LF
  std::vector<NoteSignature> signatures;

  bool operator==(const Note&) const = default;
};

inline constexpr size_t kMaxNoteBytes = 131'072;
inline constexpr size_t kMaxNoteSignatures = 64;

// The refusal log.syntax for what is no note. Splits at the last empty line:
// a leaf splits at the first.
absl::StatusOr<Note> ParseNote(absl::string_view bytes);
// The bytes that ParseNote takes apart.
std::string FormatNote(const Note& note);

bool IsBy(const Vkey& vkey, const NoteSignature& signature);

// Signature of a log, type 0x01. kInternal if OpenSSL fails.
absl::StatusOr<NoteSignature> SignNote(absl::string_view text,
                                       absl::string_view key_name,
                                       const Ed25519PrivateKey& key);

}  // namespace orrery::signing

#endif  // SIGNING_LOG_NOTE_H_
