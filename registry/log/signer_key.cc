#include "registry/log/signer_key.h"

#include <sys/random.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "signing/encoding.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

using signing::Ed25519PrivateKey;
using signing::Vkey;

constexpr absl::string_view kPrefix = "PRIVATE+KEY+";

absl::StatusOr<std::string> RandomSeed() {
  std::string seed(Ed25519PrivateKey::kSeedSize, '\0');
  // So few bytes come whole.
  if (getrandom(seed.data(), seed.size(), 0) !=
      static_cast<ssize_t>(seed.size())) {
    return absl::InternalError(
        absl::StrCat("there is no randomness: ", strerror(errno)));
  }
  return seed;
}

std::string TextOf(const Vkey& vkey, absl::string_view seed) {
  return absl::StrCat(
      kPrefix, vkey.name(), "+", absl::Hex(vkey.id(), absl::kZeroPad8), "+",
      absl::Base64Escape(
          absl::StrCat(std::string(1, static_cast<char>(vkey.type())), seed)));
}

}  // namespace

absl::StatusOr<SignerKey> SignerKey::Make(Vkey::Type type, const Namer& name) {
  ORRERY_ASSIGN_OR_RETURN(std::string seed, RandomSeed());
  ORRERY_ASSIGN_OR_RETURN(Ed25519PrivateKey key,
                          Ed25519PrivateKey::FromSeed(seed));
  Vkey vkey = Vkey::Of(name(key.public_key()), type, key.public_key());
  return SignerKey(std::move(vkey), std::move(key), std::move(seed));
}

absl::StatusOr<SignerKey> SignerKey::Parse(absl::string_view text,
                                           Vkey::Type type) {
  const absl::Status damaged = absl::InvalidArgumentError(
      "is no private key of a signed note (PRIVATE+KEY+name+id+base64)");
  absl::string_view rest = text;
  if (!absl::ConsumePrefix(&rest, kPrefix)) return damaged;
  // Base64 may hold a plus, names may not.
  const std::vector<absl::string_view> parts =
      absl::StrSplit(rest, absl::MaxSplits('+', 2));
  if (parts.size() != 3 || !signing::IsKeyName(parts[0])) return damaged;
  const absl::StatusOr<std::string> material = signing::DecodeBase64(parts[2]);
  if (!material.ok() || material->empty() || (*material)[0] != type) {
    return damaged;
  }
  std::string seed = material->substr(1);
  absl::StatusOr<Ed25519PrivateKey> key = Ed25519PrivateKey::FromSeed(seed);
  if (!key.ok()) return damaged;
  Vkey vkey = Vkey::Of(parts[0], type, key->public_key());
  SignerKey parsed(std::move(vkey), *std::move(key), std::move(seed));
  // The id proves that no byte of name or seed is another one.
  if (parsed.Text() != text) return damaged;
  return parsed;
}

std::string SignerKey::Text() const { return TextOf(vkey_, seed_); }

}  // namespace orrery::registry
