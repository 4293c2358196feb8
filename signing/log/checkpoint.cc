#include "signing/log/checkpoint.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "signing/encoding.h"
#include "signing/log/cosignature.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

absl::Status NoCheckpoint(absl::string_view why) {
  return Refuse(RefusalCode::kLogSyntax,
                absl::StrCat("this is no checkpoint: ", why));
}

// Adds what one line says to the times of those whose line it is.
absl::Status CountCosignature(const Note& note, const NoteSignature& signature,
                              std::span<const Vkey> cosigners,
                              std::vector<std::optional<uint64_t>>& times) {
  bool is_known = false;
  bool is_good = false;
  for (size_t i = 0; i < cosigners.size(); ++i) {
    const Vkey& vkey = cosigners[i];
    if (vkey.type() != Vkey::kCosignature || !IsBy(vkey, signature)) continue;
    is_known = true;
    const absl::StatusOr<uint64_t> time =
        VerifyCosignature(*vkey.key(), note.text, signature.bytes);
    if (!time.ok()) continue;
    is_good = true;
    times[i] = std::max(times[i].value_or(0), *time);
  }
  if (!is_known || is_good) return absl::OkStatus();
  return Refuse(
      RefusalCode::kLogQuorum,
      absl::StrCat("the cosignature by '", signature.key_name, "' is wrong"));
}

}  // namespace

absl::StatusOr<Checkpoint> ParseCheckpoint(absl::string_view text) {
  LineReader reader(text);
  std::array<absl::string_view, 3> lines;
  for (absl::string_view& line : lines) {
    const absl::StatusOr<absl::string_view> next = reader.Next();
    if (!next.ok()) return NoCheckpoint(next.status().message());
    line = *next;
  }
  if (!reader.AtEnd()) return NoCheckpoint("it has more than three lines");
  if (lines[0].empty()) return NoCheckpoint("its origin is empty");
  const absl::StatusOr<uint64_t> size = ParseDecimal(lines[1]);
  if (!size.ok()) return NoCheckpoint(size.status().message());
  const absl::StatusOr<std::string> root = DecodeBase64(lines[2]);
  if (!root.ok()) return NoCheckpoint(root.status().message());
  const absl::StatusOr<Digest> digest = Digest::FromBytes(*root);
  if (!digest.ok()) return NoCheckpoint(digest.status().message());
  return Checkpoint{std::string(lines[0]), *size, *digest};
}

std::string FormatCheckpoint(const Checkpoint& checkpoint) {
  return absl::StrCat(checkpoint.origin, "\n", checkpoint.size, "\n",
                      absl::Base64Escape(checkpoint.root.bytes()), "\n");
}

absl::StatusOr<bool> HasLogSignature(const Note& note, absl::string_view origin,
                                     std::span<const Vkey> log_keys) {
  bool is_signed = false;
  for (const NoteSignature& signature : note.signatures) {
    bool is_known = false;
    bool is_good = false;
    // Two keys may share an id, which has only 32 bits.
    for (const Vkey& vkey : log_keys) {
      if (vkey.type() != Vkey::kEd25519 || vkey.name() != origin ||
          !IsBy(vkey, signature)) {
        continue;
      }
      is_known = true;
      is_good |= vkey.key()->Verify(note.text, signature.bytes).ok();
    }
    if (is_known && !is_good) {
      return Refuse(RefusalCode::kLogSignature,
                    absl::StrCat("the signature by the log key '",
                                 signature.key_name, "' is wrong"));
    }
    is_signed |= is_good;
  }
  return is_signed;
}

absl::StatusOr<SignedCheckpoint> OpenCheckpoint(
    absl::string_view note_bytes, std::span<const Vkey> log_keys,
    std::span<const Vkey> cosigners) {
  SignedCheckpoint opened;
  ORRERY_ASSIGN_OR_RETURN(opened.note, ParseNote(note_bytes));
  ORRERY_ASSIGN_OR_RETURN(opened.checkpoint, ParseCheckpoint(opened.note.text));
  const std::string& origin = opened.checkpoint.origin;
  if (std::none_of(log_keys.begin(), log_keys.end(),
                   [&](const Vkey& vkey) { return vkey.name() == origin; })) {
    return Refuse(RefusalCode::kLogOrigin,
                  absl::StrCat("the checkpoint is of the log '",
                               absl::Utf8SafeCHexEscape(origin),
                               "', which is not that of the tlog-policy"));
  }
  ORRERY_ASSIGN_OR_RETURN(const bool is_signed,
                          HasLogSignature(opened.note, origin, log_keys));
  if (!is_signed) {
    return Refuse(RefusalCode::kLogSignature,
                  "no log key of the tlog-policy has signed the checkpoint");
  }
  opened.cosigner_times.resize(cosigners.size());
  for (const NoteSignature& signature : opened.note.signatures) {
    ORRERY_RETURN_IF_ERROR(CountCosignature(opened.note, signature, cosigners,
                                            opened.cosigner_times));
  }
  return opened;
}

}  // namespace orrery::signing
