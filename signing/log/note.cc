#include "signing/log/note.h"

#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "signing/encoding.h"
#include "signing/refusal.h"
#include "signing/utf8.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

constexpr size_t kIdBytes = 4;
constexpr absl::string_view kDash = "\xe2\x80\x94 ";  // U+2014

// The category Cc of Unicode.
bool IsControl(char32_t c) { return c < 0x20 || (c >= 0x7f && c <= 0x9f); }

absl::Status NoNote(absl::string_view why) {
  return Refuse(RefusalCode::kLogSyntax,
                absl::StrCat("this is no signed note: ", why));
}

absl::StatusOr<NoteSignature> ParseSignature(absl::string_view line) {
  if (!absl::ConsumePrefix(&line, kDash)) {
    return NoNote("a signature line does not begin with an em dash");
  }
  const size_t space = line.find(' ');
  if (space == absl::string_view::npos || !IsKeyName(line.substr(0, space))) {
    return NoNote("a signature line has no allowed key name");
  }
  absl::StatusOr<std::string> bytes = DecodeBase64(line.substr(space + 1));
  if (!bytes.ok()) return NoNote(bytes.status().message());
  if (bytes->size() <= kIdBytes) return NoNote("a signature is missing");
  NoteSignature signature;
  signature.key_name = std::string(line.substr(0, space));
  for (size_t i = 0; i < kIdBytes; ++i) {
    signature.key_id =
        signature.key_id << 8 | static_cast<unsigned char>((*bytes)[i]);
  }
  signature.bytes = bytes->substr(kIdBytes);
  return signature;
}

// One line, with its LF.
std::string FormatNoteSignature(const NoteSignature& signature) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(signature.key_id >> shift & 0xff));
  }
  absl::StrAppend(&bytes, signature.bytes);
  return absl::StrCat(kDash, signature.key_name, " ", absl::Base64Escape(bytes),
                      "\n");
}

}  // namespace

absl::StatusOr<Note> ParseNote(absl::string_view bytes) {
  if (bytes.size() > kMaxNoteBytes) {
    return NoNote(absl::StrCat("it has ", bytes.size(), " bytes, ",
                               kMaxNoteBytes, " are the most"));
  }
  if (!IsUtf8Of(bytes, [](char32_t c) { return !IsControl(c) || c == '\n'; })) {
    return NoNote("it is not UTF-8 or has control characters");
  }
  const size_t split = bytes.rfind("\n\n");
  if (split == absl::string_view::npos) return NoNote("no empty line ends it");
  Note note;
  note.text = std::string(bytes.substr(0, split + 1));
  LineReader lines(bytes.substr(split + 2));
  if (lines.AtEnd()) return NoNote("it has no signature");
  while (!lines.AtEnd()) {
    if (note.signatures.size() == kMaxNoteSignatures) {
      return NoNote(
          absl::StrCat("it has over ", kMaxNoteSignatures, " signatures"));
    }
    const absl::StatusOr<absl::string_view> line = lines.Next();
    if (!line.ok()) return NoNote(line.status().message());
    ORRERY_ASSIGN_OR_RETURN(NoteSignature signature, ParseSignature(*line));
    note.signatures.push_back(std::move(signature));
  }
  return note;
}

std::string FormatNote(const Note& note) {
  std::string bytes = absl::StrCat(note.text, "\n");
  for (const NoteSignature& signature : note.signatures) {
    absl::StrAppend(&bytes, FormatNoteSignature(signature));
  }
  return bytes;
}

bool IsBy(const Vkey& vkey, const NoteSignature& signature) {
  return vkey.id() == signature.key_id && vkey.name() == signature.key_name;
}

absl::StatusOr<NoteSignature> SignNote(absl::string_view text,
                                       absl::string_view key_name,
                                       const Ed25519PrivateKey& key) {
  const Vkey vkey = Vkey::Of(key_name, Vkey::kEd25519, key.public_key());
  ORRERY_ASSIGN_OR_RETURN(std::string bytes, key.Sign(text));
  return NoteSignature{vkey.name(), vkey.id(), std::move(bytes)};
}

}  // namespace orrery::signing
