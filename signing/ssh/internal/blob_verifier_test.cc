#include "signing/ssh/internal/blob_verifier.h"

#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "signing/ssh/ssh_key.h"
#include "signing/ssh/ssh_wire.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::signing::internal {
namespace {

std::string Bytes(const std::string& hex) {
  return hex == "-" ? "" : absl::HexStringToBytes(hex);
}

void AppendMpint(absl::string_view magnitude, std::string& bytes) {
  while (!magnitude.empty() && magnitude[0] == '\0') magnitude.remove_prefix(1);
  const bool looks_negative = !magnitude.empty() && (magnitude[0] & 0x80) != 0;
  AppendSshString(
      absl::StrCat(looks_negative ? std::string(1, '\0') : "", magnitude),
      bytes);
}

SshKey EcdsaKey(const std::string& curve, const std::string& point) {
  std::string blob;
  AppendSshString("ecdsa-sha2-" + curve, blob);
  AppendSshString(curve, blob);
  AppendSshString(Bytes(point), blob);
  const auto key = SshKey::Parse(blob);
  EXPECT_THAT(key, IsOk()) << point;
  return *key;
}

TEST(BlobVerifierTest, AgreesWithEcdsaOfWycheproof) {
  std::ifstream file("signing/ssh/testdata/wycheproof_ecdsa.txt");
  int count = 0;
  for (std::string line; std::getline(file, line);) {
    if (line[0] == '#') continue;
    std::istringstream fields(line);
    std::string curve, number, result, point, message, signature;
    fields >> curve >> number >> result >> point >> message >> signature;
    const auto verifier = BlobVerifier::Create(EcdsaKey(curve, point));
    ASSERT_THAT(verifier, IsOk()) << line;
    const std::string pair = Bytes(signature);
    std::string blob;
    AppendMpint(pair.substr(0, pair.size() / 2), blob);
    AppendMpint(pair.substr(pair.size() / 2), blob);
    const bool is_good =
        verifier->Verify("ecdsa-sha2-" + curve, blob, Bytes(message));
    const size_t coordinate = (Bytes(point).size() - 1) / 2;
    // SSH has no r and s of a wrong length: what is only that becomes right.
    if (pair.size() == 2 * coordinate) {
      EXPECT_EQ(is_good, result == "valid") << line;
    } else {
      EXPECT_EQ(result, "invalid") << line;
    }
    ++count;
  }
  EXPECT_EQ(count, 860);
}

TEST(BlobVerifierTest, AgreesWithRsaOfWycheproof) {
  std::ifstream file("signing/ssh/testdata/wycheproof_rsa.txt");
  int count = 0;
  std::string modulus;
  for (std::string line; std::getline(file, line);) {
    if (line[0] == '#') continue;
    std::istringstream fields(line);
    std::string number, result, exponent, own_modulus, message, signature;
    fields >> number >> result >> exponent >> own_modulus >> message >>
        signature;
    if (own_modulus != "\"") modulus = own_modulus;
    std::string blob;
    AppendSshString("ssh-rsa", blob);
    AppendMpint(Bytes(exponent), blob);
    AppendMpint(Bytes(modulus), blob);
    const auto key = SshKey::Parse(blob);
    ASSERT_THAT(key, IsOk()) << line;
    const auto verifier = BlobVerifier::Create(*key);
    ASSERT_THAT(verifier, IsOk()) << line;
    // The one `acceptable` lacks the NULL of its ASN.1.
    EXPECT_EQ(
        verifier->Verify("rsa-sha2-512", Bytes(signature), Bytes(message)),
        result == "valid")
        << line;
    ++count;
  }
  EXPECT_EQ(count, 260);
}

struct EcdsaForm {
  const char* name;
  std::string blob;
};

// The numbers are r and s of a vector that is valid.
TEST(BlobVerifierTest, TakesEcdsaSignaturesInShortestFormOnly) {
  std::ifstream file("signing/ssh/testdata/wycheproof_ecdsa.txt");
  std::string line;
  while (std::getline(file, line) && line[0] == '#') {
  }
  std::istringstream fields(line);
  std::string curve, number, result, point, message, signature;
  fields >> curve >> number >> result >> point >> message >> signature;
  ASSERT_EQ(result, "valid");
  const auto verifier = BlobVerifier::Create(EcdsaKey(curve, point));
  ASSERT_THAT(verifier, IsOk());
  const std::string r = Bytes(signature).substr(0, 32);
  const std::string s = Bytes(signature).substr(32);
  std::string good;
  AppendMpint(r, good);
  AppendMpint(s, good);
  std::string padded;
  AppendSshString(absl::StrCat(std::string(2, '\0'), r), padded);
  AppendMpint(s, padded);
  std::string negative;
  AppendSshString(absl::StrCat("\xff", r), negative);
  AppendMpint(s, negative);
  std::string huge;
  AppendMpint(absl::StrCat("\x01", std::string(16000, 'x')), huge);
  AppendMpint(s, huge);
  std::string zero;
  AppendSshString("", zero);
  AppendMpint(s, zero);
  std::string alone;
  AppendMpint(r, alone);
  EXPECT_TRUE(verifier->Verify("ecdsa-sha2-nistp256", good, Bytes(message)));
  for (const auto& [name, blob] :
       {EcdsaForm{"padded", padded}, EcdsaForm{"negative", negative},
        EcdsaForm{"huge", huge}, EcdsaForm{"zero", zero},
        EcdsaForm{"alone", alone}, EcdsaForm{"longer", good + "x"},
        EcdsaForm{"raw", r + s}, EcdsaForm{"empty", ""}}) {
    EXPECT_FALSE(verifier->Verify("ecdsa-sha2-nistp256", blob, Bytes(message)))
        << name;
  }
}

}  // namespace
}  // namespace orrery::signing::internal
