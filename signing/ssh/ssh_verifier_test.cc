#include "signing/ssh/ssh_verifier.h"

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/example_testing.h"
#include "signing/record/leaf.h"
#include "signing/refusal_matchers.h"
#include "signing/ssh/sshsig.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::signing {
namespace {

std::string FileOf(absl::string_view name) {
  std::ifstream file(absl::StrCat("signing/ssh/testdata/", name));
  EXPECT_TRUE(file.good()) << name;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

absl::StatusOr<SshKey> KeyOf(absl::string_view name) {
  const std::string line = FileOf(absl::StrCat(name, ".pub"));
  const std::vector<std::string> words =
      absl::StrSplit(line, absl::MaxSplits(' ', 2));
  return SshKey::ParseText(words[0], absl::StripAsciiWhitespace(words[1]));
}

absl::StatusOr<SshSignature> SignatureOf(absl::string_view name) {
  return ParseArmor(FileOf(absl::StrCat(name, ".sig")), ArmorForm::kFile);
}

class OpenSshVectorTest : public ::testing::TestWithParam<const char*> {};

// openssh-portable regress/unittests/sshsig/testdata.
TEST_P(OpenSshVectorTest, IsAccepted) {
  const std::string name = absl::StrCat("openssh/", GetParam());
  const auto key = KeyOf(name);
  ASSERT_THAT(key, IsOk());
  const auto signature = SignatureOf(name);
  ASSERT_THAT(signature, IsOk());
  const std::string message = FileOf("openssh/signed-data");
  EXPECT_THAT(VerifySshSignature(*key, "unittest", *signature, message),
              IsOk());
  EXPECT_THAT(VerifySshSignature(*key, "git", *signature, message),
              Refused(RefusalCode::kRecordNamespace));
  EXPECT_THAT(VerifySshSignature(*key, "unittest", *signature, message + "."),
              Refused(RefusalCode::kRecordSignature));
}

INSTANTIATE_TEST_SUITE_P(Keys, OpenSshVectorTest,
                         ::testing::Values("rsa", "ecdsa", "ed25519",
                                           "ecdsa_sk", "ed25519_sk"),
                         [](const auto& tested) { return tested.param; });

TEST(SshVerifierTest, WebauthnAndDsaMayNotSign) {
  for (const char* const name : {"openssh/ecdsa_sk_webauthn", "openssh/dsa"}) {
    EXPECT_THAT(SignatureOf(name), Refused(RefusalCode::kRecordSyntax)) << name;
  }
}

class SshKeygenTest : public ::testing::TestWithParam<const char*> {};

TEST_P(SshKeygenTest, ItsSignaturesAreAcceptedByEitherHash) {
  const auto key = KeyOf(absl::StrCat("ssh_keygen/", GetParam()));
  ASSERT_THAT(key, IsOk());
  const std::string message = FileOf("ssh_keygen/message");
  for (const char* const hash : {"sha256", "sha512"}) {
    const auto signature =
        SignatureOf(absl::StrCat("ssh_keygen/", GetParam(), ".", hash));
    ASSERT_THAT(signature, IsOk());
    EXPECT_EQ(signature->hash_algorithm, hash);
    EXPECT_THAT(VerifySshSignature(*key, "release@orrery", *signature, message),
                IsOk());
  }
}

TEST_P(SshKeygenTest, NothingOfASignatureMayChange) {
  const std::string name = absl::StrCat("ssh_keygen/", GetParam());
  const auto key = KeyOf(name);
  ASSERT_THAT(key, IsOk());
  const auto signature = SignatureOf(absl::StrCat(name, ".sha512"));
  ASSERT_THAT(signature, IsOk());
  const std::string message = FileOf("ssh_keygen/message");
  const auto verify = [&](const SshSignature& changed) {
    return VerifySshSignature(*key, changed.name_space, changed, message);
  };
  SshSignature changed = *signature;
  changed.name_space = "keyset@orrery";
  EXPECT_THAT(verify(changed), Refused(RefusalCode::kRecordSignature));
  changed = *signature;
  changed.hash_algorithm = "sha256";
  EXPECT_THAT(verify(changed), Refused(RefusalCode::kRecordSignature));
  changed = *signature;
  changed.signature.back() ^= 1;
  EXPECT_THAT(verify(changed), Refused(RefusalCode::kRecordSignature));
  changed = *signature;
  changed.signature.pop_back();
  EXPECT_THAT(verify(changed), Refused(RefusalCode::kRecordSignature));
  changed = *signature;
  changed.signature.push_back('\0');
  EXPECT_THAT(verify(changed), Refused(RefusalCode::kRecordSignature));
}

TEST_P(SshKeygenTest, IsNoSignatureByAnotherKey) {
  const std::string name = absl::StrCat("ssh_keygen/", GetParam());
  const auto signature = SignatureOf(absl::StrCat(name, ".sha512"));
  ASSERT_THAT(signature, IsOk());
  const auto other = KeyOf("openssh/ed25519");
  ASSERT_THAT(other, IsOk());
  EXPECT_THAT(VerifySshSignature(*other, "release@orrery", *signature,
                                 FileOf("ssh_keygen/message")),
              Refused(RefusalCode::kRecordSignature));
}

INSTANTIATE_TEST_SUITE_P(Keys, SshKeygenTest,
                         ::testing::Values("ed25519", "ecdsa256", "ecdsa384",
                                           "ecdsa521", "rsa3072"),
                         [](const auto& tested) { return tested.param; });

// trust.md §26: Alice's and Bob's.
TEST(SshVerifierTest, AcceptsTheSignaturesOfTheExample) {
  const auto keyset = ParseLeaf(ExampleLeaf(4));
  ASSERT_THAT(keyset, IsOk());
  const auto& signers = std::get<KeysetRecord>(keyset->record.body).signers;
  const auto verify = [&](const SshKey& key, absl::string_view name_space,
                          int leaf, size_t at) {
    const auto parsed = ParseLeaf(ExampleLeaf(leaf));
    return VerifySshSignature(key, name_space, parsed->signatures[at],
                              ExampleStatement(leaf));
  };
  const SshKey& alice = signers[0].key;
  const SshKey& bob = signers[1].key;
  EXPECT_THAT(verify(bob, "keyset@orrery", 4, 0), IsOk());
  EXPECT_THAT(verify(alice, "keyset@orrery", 4, 1), IsOk());
  EXPECT_THAT(verify(alice, "release@orrery", 5, 0), IsOk());
  EXPECT_THAT(verify(alice, "yank@orrery", 9, 0), IsOk());
}

// S + L is the same number to whoever does not compare (trust.md §22.2).
TEST(SshVerifierTest, RefusesEd25519WithUnreducedS) {
  const auto key = KeyOf("ssh_keygen/ed25519");
  ASSERT_THAT(key, IsOk());
  auto signature = SignatureOf("ssh_keygen/ed25519.sha512");
  ASSERT_THAT(signature, IsOk());
  const std::string order = absl::HexStringToBytes(
      "edd3f55c1a631258d69cf7a2def9de14"
      "00000000000000000000000000000010");
  unsigned carry = 0;
  for (size_t i = 0; i < 32; ++i) {
    auto& digit = signature->signature[32 + i];
    carry += static_cast<unsigned char>(digit);
    carry += static_cast<unsigned char>(order[i]);
    digit = static_cast<char>(carry & 0xff);
    carry >>= 8;
  }
  EXPECT_THAT(VerifySshSignature(*key, "release@orrery", *signature,
                                 FileOf("ssh_keygen/message")),
              Refused(RefusalCode::kRecordSignature));
}

TEST(SshVerifierTest, RefusesSecurityKeysThatNobodyTouched) {
  for (const char* const name : {"openssh/ecdsa_sk", "openssh/ed25519_sk"}) {
    const auto key = KeyOf(name);
    ASSERT_THAT(key, IsOk());
    auto signature = SignatureOf(name);
    ASSERT_THAT(signature, IsOk());
    signature->authenticator[0] &= ~1;
    EXPECT_THAT(VerifySshSignature(*key, "unittest", *signature,
                                   FileOf("openssh/signed-data")),
                Refused(RefusalCode::kRecordSignature));
  }
}

TEST(SshVerifierTest, CoversTheCounterOfSecurityKeys) {
  const auto key = KeyOf("openssh/ed25519_sk");
  ASSERT_THAT(key, IsOk());
  auto signature = SignatureOf("openssh/ed25519_sk");
  ASSERT_THAT(signature, IsOk());
  signature->authenticator[4] ^= 1;
  EXPECT_THAT(VerifySshSignature(*key, "unittest", *signature,
                                 FileOf("openssh/signed-data")),
              Refused(RefusalCode::kRecordSignature));
}

// The algorithm that hashes by SHA-1, though the bytes be right for another.
TEST(SshVerifierTest, RefusesSha1OfRsa) {
  const auto key = KeyOf("ssh_keygen/rsa3072");
  ASSERT_THAT(key, IsOk());
  auto signature = SignatureOf("ssh_keygen/rsa3072.sha512");
  ASSERT_THAT(signature, IsOk());
  EXPECT_EQ(signature->algorithm, "rsa-sha2-512");
  for (const char* const algorithm : {"ssh-rsa", "rsa-sha2-256"}) {
    signature->algorithm = algorithm;
    EXPECT_THAT(VerifySshSignature(*key, "release@orrery", *signature,
                                   FileOf("ssh_keygen/message")),
                Refused(RefusalCode::kRecordSignature))
        << algorithm;
  }
}

}  // namespace
}  // namespace orrery::signing
