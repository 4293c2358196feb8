#include "signing/ssh/ssh_key.h"

#include <cstddef>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "openssl/evp.h"

#include "signing/digest.h"
#include "signing/ed25519.h"
#include "signing/encoding.h"
#include "signing/refusal.h"
#include "signing/ssh/internal/evp_key.h"
#include "signing/ssh/ssh_wire.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

using internal::Curve;

absl::Status Weak(absl::string_view why) {
  return Refuse(RefusalCode::kRecordKeyWeak, why);
}

absl::Status CheckOnCurve(const Curve& curve, absl::string_view point) {
  const internal::UniqueEvpKey key = internal::ImportEcKey(curve, point);
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> checker(
      key != nullptr ? EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr)
                     : nullptr,
      &EVP_PKEY_CTX_free);
  // The order of these curves is prime, so that whatever is on one, but for
  // infinity, is in its group; the full check would only multiply to see it.
  if (checker != nullptr && EVP_PKEY_public_check_quick(checker.get()) == 1) {
    return absl::OkStatus();
  }
  return Weak("the ECDSA key is no point of its curve");
}

// string curve, string point; the curve is the one the type names, a known one.
absl::Status CheckEcdsa(absl::string_view curve_name, SshReader& reader) {
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view named, reader.String());
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view point, reader.String());
  if (named != curve_name) {
    return absl::InvalidArgumentError("the curve is not that of the key type");
  }
  const Curve& curve = *internal::FindCurve(curve_name);
  if (point == absl::string_view("\0", 1)) {
    return Weak("the ECDSA key is the point at infinity");
  }
  if (point.size() != 1 + 2 * curve.coordinate_size || point[0] != '\x04') {
    return absl::InvalidArgumentError(
        "the ECDSA key is no uncompressed point of its curve");
  }
  return CheckOnCurve(curve, point);
}

absl::Status CheckEd25519(SshReader& reader) {
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view bytes, reader.String());
  return Ed25519PublicKey::Parse(bytes).status();
}

size_t BitLength(absl::string_view magnitude) {
  size_t bits = magnitude.size() * 8;
  for (unsigned mask = 0x80;
       (static_cast<unsigned char>(magnitude[0]) & mask) == 0; mask >>= 1) {
    --bits;
  }
  return bits;
}

// mpint e, mpint n; looked at only, never calculated with.
absl::Status CheckRsa(SshReader& reader) {
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view e, reader.PositiveMpint());
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view n, reader.PositiveMpint());
  if (BitLength(n) < 3072 || BitLength(n) > 8192) {
    return Weak(absl::StrCat("the RSA key has ", BitLength(n),
                             " bits, 3072 to 8192 are taken"));
  }
  if ((e.back() & 1) == 0 || e == "\x01" || BitLength(e) > 64) {
    return Weak("the exponent of the RSA key is even, below 3 or over 64 bits");
  }
  return absl::OkStatus();
}

absl::Status CheckApplication(SshReader& reader) {
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view application, reader.String());
  if (absl::StartsWith(application, "ssh:")) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "the application of the security key does not begin with 'ssh:'");
}

// The second failure where the first is but a weakness: what is malformed is
// said before what is weak.
absl::Status MalformedFirst(absl::Status first, absl::Status second) {
  const bool is_malformed = !first.ok() && !RefusalOf(first);
  return second.ok() || is_malformed ? first : second;
}

absl::Status CheckFields(absl::string_view type, SshReader& reader) {
  if (type == "ssh-ed25519") return CheckEd25519(reader);
  if (type == "ssh-rsa") return CheckRsa(reader);
  if (type == "sk-ssh-ed25519@openssh.com") {
    absl::Status key = CheckEd25519(reader);
    return MalformedFirst(std::move(key), CheckApplication(reader));
  }
  if (type == "sk-ecdsa-sha2-nistp256@openssh.com") {
    absl::Status key = CheckEcdsa("nistp256", reader);
    return MalformedFirst(std::move(key), CheckApplication(reader));
  }
  absl::string_view curve = type;
  if (absl::ConsumePrefix(&curve, "ecdsa-sha2-") &&
      internal::FindCurve(curve) != nullptr) {
    return CheckEcdsa(curve, reader);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'", absl::CHexEscape(type.substr(0, 64)),
                   "' is no type of key that may sign here"));
}

}  // namespace

absl::StatusOr<SshKey> SshKey::Parse(absl::string_view blob) {
  SshReader reader(blob);
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view type, reader.String());
  absl::Status fields = CheckFields(type, reader);
  ORRERY_RETURN_IF_ERROR(MalformedFirst(std::move(fields), reader.End()));
  return SshKey(type, blob);
}

absl::StatusOr<SshKey> SshKey::ParseText(absl::string_view type,
                                         absl::string_view base64) {
  ORRERY_ASSIGN_OR_RETURN(const std::string blob, DecodeBase64(base64));
  SshReader reader(blob);
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view own_type, reader.String());
  if (own_type != type) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the key is of type ", Quoted(own_type), ", not ", Quoted(type)));
  }
  return Parse(blob);
}

std::string SshKey::Fingerprint() const {
  std::string text = absl::Base64Escape(Digest::Of(blob_).bytes());
  text.pop_back();  // 32 bytes end in one '='
  return absl::StrCat("SHA256:", text);
}

}  // namespace orrery::signing
