#include "signing/ssh/internal/blob_verifier.h"

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "openssl/bn.h"
#include "openssl/ec.h"
#include "openssl/evp.h"

#include "signing/ssh/internal/evp_key.h"
#include "signing/ssh/ssh_wire.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing::internal {
namespace {

bool VerifyBytes(EVP_PKEY* key, const EVP_MD* hash, absl::string_view bytes,
                 absl::string_view signature) {
  thread_local const UniqueEvpContext context(EVP_MD_CTX_new(),
                                              &EVP_MD_CTX_free);
  EVP_MD_CTX_reset(context.get());
  return EVP_DigestVerifyInit(context.get(), nullptr, hash, nullptr, key) ==
             1 &&
         EVP_DigestVerify(context.get(), EvpBytes(signature), signature.size(),
                          EvpBytes(bytes), bytes.size()) == 1;
}

// mpint r, mpint s as the DER that OpenSSL reads.
absl::StatusOr<std::string> ReadEcdsa(absl::string_view blob, size_t max_size) {
  SshReader reader(blob);
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view r, reader.PositiveMpint());
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view s, reader.PositiveMpint());
  ORRERY_RETURN_IF_ERROR(reader.End());
  if (r.size() > max_size || s.size() > max_size) {
    return absl::InvalidArgumentError("an integer is larger than the curve");
  }
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair(
      ECDSA_SIG_new(), &ECDSA_SIG_free);
  const auto integer = [](absl::string_view bytes) {
    return BN_bin2bn(EvpBytes(bytes), static_cast<int>(bytes.size()), nullptr);
  };
  ECDSA_SIG_set0(pair.get(), integer(r), integer(s));
  std::string der(static_cast<size_t>(i2d_ECDSA_SIG(pair.get(), nullptr)),
                  '\0');
  auto* end = reinterpret_cast<unsigned char*>(der.data());
  i2d_ECDSA_SIG(pair.get(), &end);
  return der;
}

}  // namespace

struct BlobVerifier::Handle {
  UniqueEvpKey key{nullptr, &EVP_PKEY_free};
  // Of ECDSA keys; else nullptr.
  const Curve* curve = nullptr;
  bool is_rsa = false;
  std::string application;

  absl::Status ReadEc(absl::string_view curve_name, SshReader& reader);
  absl::Status ReadEd25519(SshReader& reader);
  absl::Status ReadRsa(SshReader& reader);
  absl::Status Read(absl::string_view type, SshReader& reader);
};

absl::Status BlobVerifier::Handle::ReadEc(absl::string_view curve_name,
                                          SshReader& reader) {
  curve = FindCurve(curve_name);
  ORRERY_RETURN_IF_ERROR(reader.String().status());
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view point, reader.String());
  key = ImportEcKey(*curve, point);
  return absl::OkStatus();
}

absl::Status BlobVerifier::Handle::ReadEd25519(SshReader& reader) {
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view bytes, reader.String());
  key = ImportEd25519Key(bytes);
  return absl::OkStatus();
}

absl::Status BlobVerifier::Handle::ReadRsa(SshReader& reader) {
  is_rsa = true;
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view e, reader.PositiveMpint());
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view n, reader.PositiveMpint());
  key = ImportRsaKey(n, e);
  return absl::OkStatus();
}

absl::Status BlobVerifier::Handle::Read(absl::string_view type,
                                        SshReader& reader) {
  const bool is_security_key = absl::ConsumePrefix(&type, "sk-");
  absl::ConsumeSuffix(&type, "@openssh.com");
  if (type == "ssh-rsa") return ReadRsa(reader);
  if (absl::ConsumePrefix(&type, "ecdsa-sha2-")) {
    ORRERY_RETURN_IF_ERROR(ReadEc(type, reader));
  } else {
    ORRERY_RETURN_IF_ERROR(ReadEd25519(reader));
  }
  if (!is_security_key) return absl::OkStatus();
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view name, reader.String());
  application = std::string(name);
  return absl::OkStatus();
}

absl::StatusOr<BlobVerifier> BlobVerifier::Create(const SshKey& key) {
  auto handle = std::make_shared<Handle>();
  SshReader reader(key.blob());
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view type, reader.String());
  ORRERY_RETURN_IF_ERROR(handle->Read(type, reader));
  if (handle->key == nullptr) {
    return absl::InternalError(
        absl::StrCat("OpenSSL does not take the key ", key.Fingerprint()));
  }
  return BlobVerifier(std::move(handle));
}

bool BlobVerifier::Verify(absl::string_view algorithm, absl::string_view blob,
                          absl::string_view bytes) const {
  EVP_PKEY* const key = handle_->key.get();
  if (handle_->is_rsa) {
    return algorithm != "ssh-rsa" &&
           blob.size() == static_cast<size_t>(EVP_PKEY_get_size(key)) &&
           VerifyBytes(
               key,
               FetchHash(algorithm == "rsa-sha2-256" ? "SHA256" : "SHA512"),
               bytes, blob);
  }
  if (handle_->curve == nullptr) return VerifyBytes(key, nullptr, bytes, blob);
  const auto der = ReadEcdsa(blob, handle_->curve->coordinate_size);
  return der.ok() &&
         VerifyBytes(key, FetchHash(handle_->curve->hash), bytes, *der);
}

const std::string& BlobVerifier::application() const {
  return handle_->application;
}

}  // namespace orrery::signing::internal
