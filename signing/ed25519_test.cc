#include "signing/ed25519.h"

#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/refusal.h"
#include "signing/ssh/low_order_points.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::signing {
namespace {

std::string Bytes(const std::string& hex) {
  return hex == "-" ? "" : absl::HexStringToBytes(hex);
}

bool IsWeak(const std::string& key_hex) {
  const auto refusal =
      RefusalOf(Ed25519PublicKey::Parse(Bytes(key_hex)).status());
  return refusal && refusal->code == RefusalCode::kRecordKeyWeak;
}

struct Rfc8032Case {
  const char* name;
  const char* seed;
  const char* key;
  const char* message;
  const char* signature;
};

class Rfc8032Test : public ::testing::TestWithParam<Rfc8032Case> {};

TEST_P(Rfc8032Test, KeySignatureAndVerdictAgree) {
  const Rfc8032Case& c = GetParam();
  const auto key = Ed25519PrivateKey::FromSeed(Bytes(c.seed));
  ASSERT_THAT(key, IsOk());
  EXPECT_EQ(absl::BytesToHexString(key->public_key().bytes()), c.key);
  const auto signature = key->Sign(Bytes(c.message));
  ASSERT_THAT(signature, IsOk());
  EXPECT_EQ(absl::BytesToHexString(*signature), c.signature);
  EXPECT_THAT(key->public_key().Verify(Bytes(c.message), *signature), IsOk());
}

// RFC 8032 §7.1.
INSTANTIATE_TEST_SUITE_P(
    Section71, Rfc8032Test,
    ::testing::Values(
        Rfc8032Case{
            "Test1",
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "-",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555f"
            "b8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
        Rfc8032Case{
            "Test2",
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da08"
            "5ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
        Rfc8032Case{
            "Test3",
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18"
            "ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
        Rfc8032Case{
            "TestSha",
            "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
            "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a21"
            "92992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909"
            "351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"}),
    [](const auto& tested) { return tested.param.name; });

TEST(Ed25519Test, AgreesWithAllOfWycheproof) {
  std::ifstream file("signing/testdata/wycheproof_ed25519.txt");
  int count = 0;
  for (std::string line; std::getline(file, line);) {
    if (line[0] == '#') continue;
    std::istringstream fields(line);
    std::string number, result, key, message, signature;
    fields >> number >> result >> key >> message >> signature;
    const auto parsed = Ed25519PublicKey::Parse(Bytes(key));
    ASSERT_THAT(parsed, IsOk()) << line;
    EXPECT_EQ(parsed->Verify(Bytes(message), Bytes(signature)).ok(),
              result == "valid")
        << line;
    ++count;
  }
  EXPECT_EQ(count, 151);
}

// All keys of low order or not reduced are refused (trust.md §7.4). Of the
// others a signature is good that is so by the rule of RFC 8032 without the
// cofactor, R compared by its bytes.
TEST(Ed25519Test, AgreesWithAllCornerCases) {
  std::ifstream file("signing/testdata/ed25519_corner_cases.txt");
  int count = 0;
  int good = 0;
  for (std::string line; std::getline(file, line);) {
    if (line[0] == '#') continue;
    std::istringstream fields(line);
    std::string oddity, key, signature, message;
    fields >> oddity >> key >> signature;
    std::getline(fields.ignore(1), message);
    ++count;
    const bool is_weak = absl::StrContains(oddity, "key");
    EXPECT_EQ(IsWeak(key), is_weak) << line;
    if (is_weak) continue;
    const auto parsed = Ed25519PublicKey::Parse(Bytes(key));
    ASSERT_THAT(parsed, IsOk()) << line;
    EXPECT_EQ(parsed->Verify(message, Bytes(signature)).ok(), oddity == "-")
        << line;
    good += oddity == "-" ? 1 : 0;
  }
  EXPECT_EQ(count, 768);
  EXPECT_EQ(good, 86);
}

TEST(Ed25519Test, KeysOfLowOrderAreWeak) {
  for (const char* key : kLowOrder) EXPECT_TRUE(IsWeak(key)) << key;
}

TEST(Ed25519Test, KeysThatAreNotReducedAreWeak) {
  // y = 2^255 − 19 + i; the least and the greatest are above and here.
  for (int i = 0; i < 19; ++i) {
    std::string key(32, '\xff');
    key[0] = static_cast<char>(0xed + i);
    for (const char last : {'\x7f', '\xff'}) {
      key[31] = last;
      EXPECT_TRUE(IsWeak(absl::BytesToHexString(key))) << i;
    }
  }
}

TEST(Ed25519Test, ReducedKeysNextToTheModulusAreNotWeak) {
  for (const char* key : {
           "ebffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           "edfffffffffffffffffffffffffffffffffffffffffffffffffffffffffeff7f",
           "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7e",
           "0200000000000000000000000000000000000000000000000000000000000000",
       }) {
    EXPECT_FALSE(IsWeak(key)) << key;
  }
}

TEST(Ed25519Test, ForgeryThatNeedsNoPrivateKeyFindsNoKey) {
  // R = 1, S = 0 verifies under the point 1 for every message in OpenSSL.
  const auto key = Ed25519PublicKey::Parse(Bytes(kLowOrder[0]));
  EXPECT_THAT(key, StatusIs(absl::StatusCode::kFailedPrecondition,
                            ::testing::HasSubstr("low order")));
}

TEST(Ed25519Test, SignatureWithSPlusLIsRefused) {
  const auto key = Ed25519PrivateKey::FromSeed(std::string(32, 'k'));
  ASSERT_THAT(key, IsOk());
  const auto signature = key->Sign("message");
  ASSERT_THAT(signature, IsOk());
  const std::string order =
      Bytes("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  std::string malleated = *signature;
  unsigned carry = 0;
  for (size_t i = 0; i < 32; ++i) {
    carry += static_cast<unsigned char>(malleated[32 + i]) +
             static_cast<unsigned char>(order[i]);
    malleated[32 + i] = static_cast<char>(carry & 0xff);
    carry >>= 8;
  }
  EXPECT_THAT(key->public_key().Verify("message", *signature), IsOk());
  EXPECT_THAT(key->public_key().Verify("message", malleated),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(Ed25519Test, OtherLengthsAreRefused) {
  const auto refused = StatusIs(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Ed25519PublicKey::Parse(""), refused);
  EXPECT_THAT(Ed25519PublicKey::Parse(std::string(31, 'k')), refused);
  EXPECT_THAT(Ed25519PublicKey::Parse(std::string(33, 'k')), refused);
  EXPECT_THAT(Ed25519PrivateKey::FromSeed(std::string(31, 'k')), refused);
  const auto key = Ed25519PrivateKey::FromSeed(std::string(32, 'k'));
  ASSERT_THAT(key, IsOk());
  const std::string signature = *key->Sign("m");
  EXPECT_THAT(key->public_key().Verify("m", signature.substr(0, 63)), refused);
  EXPECT_THAT(key->public_key().Verify("m", signature + '\0'), refused);
  EXPECT_THAT(key->public_key().Verify("m", ""), refused);
}

}  // namespace
}  // namespace orrery::signing
