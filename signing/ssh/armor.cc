#include "signing/ssh/armor.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "signing/encoding.h"
#include "signing/refusal.h"
#include "signing/ssh/ssh_wire.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

constexpr absl::string_view kHeader = "-----BEGIN SSH SIGNATURE-----\n";
constexpr absl::string_view kFooter = "-----END SSH SIGNATURE-----";
constexpr absl::string_view kMagic = "SSHSIG";
constexpr size_t kFileColumns = 76;
constexpr size_t kLeafColumns = 70;
constexpr size_t kAuthenticatorBytes = 5;

// Certificates and webauthn-* are no such types.
constexpr absl::string_view kKeyTypes[] = {
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "ssh-rsa",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
};

absl::Status Wrong(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("the SSH signature ", what));
}

// The base64 between header and footer, without its line ends.
absl::StatusOr<std::string> Unwrap(absl::string_view armor, ArmorForm form) {
  if (!absl::ConsumePrefix(&armor, kHeader)) {
    return Wrong("does not begin with its header line");
  }
  const bool is_ended = absl::ConsumeSuffix(&armor, "\n");
  if (!is_ended && form == ArmorForm::kLeaf) return Wrong("lacks its last LF");
  if (!absl::ConsumeSuffix(&armor, kFooter)) {
    return Wrong("does not end with its footer line");
  }
  const size_t columns = form == ArmorForm::kLeaf ? kLeafColumns : kFileColumns;
  std::string base64;
  base64.reserve(std::min(armor.size(), kMaxArmorBase64));
  LineReader reader(armor, columns);
  while (!reader.AtEnd()) {
    ORRERY_ASSIGN_OR_RETURN(const absl::string_view line, reader.Next());
    if (line.empty()) return Wrong("has an empty line");
    if (form == ArmorForm::kLeaf && line.size() < columns && !reader.AtEnd()) {
      return Wrong("is not wrapped at 70 columns");
    }
    absl::StrAppend(&base64, line);
    if (base64.size() > kMaxArmorBase64) {
      return Wrong(absl::StrCat("has more than ", kMaxArmorBase64,
                                " characters of base64"));
    }
  }
  return base64;
}

bool IsFitting(absl::string_view algorithm, absl::string_view key_type) {
  if (algorithm == key_type) return true;
  return key_type == "ssh-rsa" &&
         (algorithm == "rsa-sha2-256" || algorithm == "rsa-sha2-512");
}

// Of the inner string: algorithm, signature, and what an authenticator adds.
absl::Status ReadSignature(absl::string_view bytes, SshSignature& signature) {
  SshReader key(signature.public_key);
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view key_type, key.String());
  if (std::find(std::begin(kKeyTypes), std::end(kKeyTypes), key_type) ==
      std::end(kKeyTypes)) {
    return Wrong(absl::StrCat("is by a key of type '",
                              absl::CHexEscape(key_type.substr(0, 60)),
                              "', which may not sign"));
  }
  SshReader reader(bytes);
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view algorithm, reader.String());
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view blob, reader.String());
  if (!IsFitting(algorithm, key_type)) {
    return Wrong(absl::StrCat("names an algorithm that a key of type ",
                              key_type, " does not have"));
  }
  signature.algorithm = std::string(algorithm);
  signature.signature = std::string(blob);
  if (absl::StartsWith(key_type, "sk-")) {
    constexpr size_t kLengths = 2 * sizeof(uint32_t);
    signature.authenticator =
        std::string(bytes.substr(kLengths + algorithm.size() + blob.size()));
    if (signature.authenticator.size() == kAuthenticatorBytes) {
      return absl::OkStatus();
    }
    return Wrong("lacks the flags and counter of its authenticator");
  }
  return reader.End();
}

absl::StatusOr<SshSignature> ReadBlob(absl::string_view bytes) {
  if (!absl::ConsumePrefix(&bytes, kMagic)) return Wrong("is no SSHSIG");
  SshReader reader(bytes);
  ORRERY_ASSIGN_OR_RETURN(const uint32_t version, reader.Uint32());
  if (version != 1) return Wrong(absl::StrCat("has version ", version));
  SshSignature signature;
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view public_key, reader.String());
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view name_space, reader.String());
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view reserved, reader.String());
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view hash, reader.String());
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view inner, reader.String());
  ORRERY_RETURN_IF_ERROR(reader.End());
  if (name_space.empty() || absl::StrContains(name_space, '\0')) {
    return Wrong("has an empty namespace or one with a NUL");
  }
  // Not covered by the signature: it could carry anything.
  if (!reserved.empty()) return Wrong("has a reserved field that is not empty");
  if (hash != "sha256" && hash != "sha512") {
    return Wrong("names a hash other than sha256 and sha512");
  }
  signature.public_key = std::string(public_key);
  signature.name_space = std::string(name_space);
  signature.hash_algorithm = std::string(hash);
  ORRERY_RETURN_IF_ERROR(ReadSignature(inner, signature));
  return signature;
}

absl::StatusOr<SshSignature> ReadArmor(absl::string_view armor,
                                       ArmorForm form) {
  ORRERY_ASSIGN_OR_RETURN(const std::string base64, Unwrap(armor, form));
  ORRERY_ASSIGN_OR_RETURN(const std::string bytes, DecodeBase64(base64));
  return ReadBlob(bytes);
}

}  // namespace

absl::StatusOr<SshSignature> ParseArmor(absl::string_view armor,
                                        ArmorForm form) {
  auto signature = ReadArmor(armor, form);
  if (signature.ok()) return signature;
  return RefuseAs(RefusalCode::kRecordSyntax, signature.status());
}

std::string WriteArmor(absl::string_view signature) {
  const std::string base64 = absl::Base64Escape(signature);
  std::string armor(kHeader);
  for (size_t at = 0; at < base64.size(); at += kLeafColumns) {
    absl::StrAppend(&armor, absl::string_view(base64).substr(at, kLeafColumns),
                    "\n");
  }
  absl::StrAppend(&armor, kFooter, "\n");
  return armor;
}

std::string PrintSignature(const SshSignature& signature) {
  std::string inner;
  AppendSshString(signature.algorithm, inner);
  AppendSshString(signature.signature, inner);
  inner += signature.authenticator;
  std::string bytes = absl::StrCat(kMagic, absl::string_view("\0\0\0\1", 4));
  AppendSshString(signature.public_key, bytes);
  AppendSshString(signature.name_space, bytes);
  AppendSshString("", bytes);
  AppendSshString(signature.hash_algorithm, bytes);
  AppendSshString(inner, bytes);
  return bytes;
}

}  // namespace orrery::signing
