#include "signing/log/cosignature.h"

#include <cstddef>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "signing/log/vkey.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

constexpr size_t kTimeBytes = 8;  // big-endian, before the signature

std::string SignedMessage(uint64_t time, absl::string_view text) {
  return absl::StrCat("cosignature/v1\ntime ", time, "\n", text);
}

}  // namespace

absl::StatusOr<uint64_t> VerifyCosignature(const Ed25519PublicKey& key,
                                           absl::string_view text,
                                           absl::string_view bytes) {
  if (bytes.size() != kTimeBytes + Ed25519PublicKey::kSignatureSize) {
    return Refuse(
        RefusalCode::kLogQuorum,
        absl::StrCat("a cosignature has 72 bytes, not ", bytes.size()));
  }
  uint64_t time = 0;
  for (const char c : bytes.substr(0, kTimeBytes)) {
    time = time << 8 | static_cast<unsigned char>(c);
  }
  const absl::Status verdict =
      key.Verify(SignedMessage(time, text), bytes.substr(kTimeBytes));
  if (!verdict.ok()) {
    return Refuse(RefusalCode::kLogQuorum, "the cosignature is wrong");
  }
  return time;
}

absl::StatusOr<NoteSignature> CosignNote(absl::string_view text, uint64_t time,
                                         absl::string_view key_name,
                                         const Ed25519PrivateKey& key) {
  const Vkey vkey = Vkey::Of(key_name, Vkey::kCosignature, key.public_key());
  ORRERY_ASSIGN_OR_RETURN(const std::string signature,
                          key.Sign(SignedMessage(time, text)));
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(time >> shift & 0xff));
  }
  absl::StrAppend(&bytes, signature);
  return NoteSignature{vkey.name(), vkey.id(), std::move(bytes)};
}

}  // namespace orrery::signing
