#include "signing/ssh/internal/evp_key.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "openssl/core_names.h"
#include "openssl/params.h"

namespace orrery::signing::internal {
namespace {

constexpr Curve kCurves[] = {
    {"nistp256", "P-256", 32, "SHA256"},
    {"nistp384", "P-384", 48, "SHA384"},
    {"nistp521", "P-521", 66, "SHA512"},
};

UniqueEvpKey Build(const char* type, OSSL_PARAM* parameters) {
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> builder(
      EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr), &EVP_PKEY_CTX_free);
  EVP_PKEY* key = nullptr;
  if (builder == nullptr || EVP_PKEY_fromdata_init(builder.get()) != 1 ||
      EVP_PKEY_fromdata(builder.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters) !=
          1) {
    key = nullptr;
  }
  return {key, &EVP_PKEY_free};
}

// OpenSSL takes integers in the order of the machine.
std::string Native(absl::string_view magnitude) {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  return std::string(magnitude);
#else
  return std::string(magnitude.rbegin(), magnitude.rend());
#endif
}

OSSL_PARAM Integer(const char* name, std::string& bytes) {
  return OSSL_PARAM_construct_BN(
      name, reinterpret_cast<unsigned char*>(bytes.data()), bytes.size());
}

}  // namespace

const Curve* FindCurve(absl::string_view name) {
  const auto* const found =
      std::find_if(std::begin(kCurves), std::end(kCurves),
                   [&](const Curve& curve) { return curve.name == name; });
  return found == std::end(kCurves) ? nullptr : found;
}

UniqueEvpKey ImportEcKey(const Curve& curve, absl::string_view point) {
  std::string group = curve.openssl_name;
  std::string bytes(point);
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(),
                                       group.size()),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, bytes.data(),
                                        bytes.size()),
      OSSL_PARAM_construct_end(),
  };
  return Build("EC", parameters);
}

UniqueEvpKey ImportRsaKey(absl::string_view modulus,
                          absl::string_view exponent) {
  std::string n = Native(modulus);
  std::string e = Native(exponent);
  OSSL_PARAM parameters[] = {
      Integer(OSSL_PKEY_PARAM_RSA_N, n),
      Integer(OSSL_PKEY_PARAM_RSA_E, e),
      OSSL_PARAM_construct_end(),
  };
  return Build("RSA", parameters);
}

UniqueEvpKey ImportEd25519Key(absl::string_view bytes) {
  return {EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr,
                                         EvpBytes(bytes), bytes.size()),
          &EVP_PKEY_free};
}

const EVP_MD* FetchHash(absl::string_view name) {
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  static const EVP_MD* const sha384 = EVP_MD_fetch(nullptr, "SHA384", nullptr);
  static const EVP_MD* const sha512 = EVP_MD_fetch(nullptr, "SHA512", nullptr);
  if (name == "SHA256") return sha256;
  return name == "SHA384" ? sha384 : sha512;
}

const unsigned char* EvpBytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace orrery::signing::internal
