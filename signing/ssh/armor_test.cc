#include "signing/ssh/armor.h"

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/example_testing.h"
#include "signing/refusal_matchers.h"

namespace orrery::signing {
namespace {

constexpr char kHeader[] = "-----BEGIN SSH SIGNATURE-----\n";
constexpr char kFooter[] = "-----END SSH SIGNATURE-----\n";

// Alice's signature of release 57 in the example.
std::string Armor() {
  const std::string leaf = ExampleLeaf(5);
  return leaf.substr(leaf.find("\n\n") + 2);
}

std::string Base64Of(absl::string_view armor) {
  std::string base64(armor.substr(sizeof(kHeader) - 1));
  base64.resize(base64.size() - (sizeof(kFooter) - 1));
  return absl::StrReplaceAll(base64, {{"\n", ""}});
}

std::string BlobOf(absl::string_view armor) {
  std::string blob;
  EXPECT_TRUE(absl::Base64Unescape(Base64Of(armor), &blob));
  return blob;
}

std::string Wrapped(absl::string_view base64, size_t columns) {
  std::string text;
  for (size_t at = 0; at < base64.size(); at += columns) {
    absl::StrAppend(&text, base64.substr(at, columns), "\n");
  }
  return absl::StrCat(kHeader, text, kFooter);
}

std::string With(std::string text, absl::string_view from,
                 absl::string_view to) {
  const size_t at = text.find(from.data(), 0, from.size());
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to.data(), to.size());
}

TEST(ArmorTest, ReadsTheSignatureOfTheExample) {
  const auto signature = ParseArmor(Armor(), ArmorForm::kLeaf);
  ASSERT_THAT(signature, IsOk());
  EXPECT_EQ(signature->name_space, "release@orrery");
  EXPECT_EQ(signature->hash_algorithm, "sha512");
  EXPECT_EQ(signature->algorithm, "ssh-ed25519");
  EXPECT_EQ(signature->signature.size(), 64u);
  EXPECT_EQ(signature->authenticator, "");
  EXPECT_EQ(absl::Base64Escape(signature->public_key),
            "AAAAC3NzaC1lZDI1NTE5AAAAIOGh1g+m8totEiTK5OZgq9q0HbmY3GNWumD5Osib8"
            "Itr");
}

TEST(ArmorTest, WritesTheArmorsOfTheExample) {
  const auto signature = ParseArmor(Armor(), ArmorForm::kLeaf);
  ASSERT_THAT(signature, IsOk());
  EXPECT_EQ(PrintSignature(*signature), BlobOf(Armor()));
  EXPECT_EQ(WriteArmor(PrintSignature(*signature)), Armor());
}

// trust.md §22.2: what a file may look like, and a leaf may not.
TEST(ArmorTest, OnlyFilesMayBeWrappedOtherwise) {
  const auto signature = ParseArmor(Armor(), ArmorForm::kLeaf);
  ASSERT_THAT(signature, IsOk());
  const std::string base64 = Base64Of(Armor());
  std::string unended = Armor();
  unended.pop_back();
  for (const std::string& armor : {Wrapped(base64, 40), Wrapped(base64, 76),
                                   Wrapped(base64, 1), unended}) {
    EXPECT_THAT(ParseArmor(armor, ArmorForm::kFile), IsOkAndHolds(*signature))
        << armor;
    EXPECT_THAT(ParseArmor(armor, ArmorForm::kLeaf),
                Refused(RefusalCode::kRecordSyntax))
        << armor;
  }
}

TEST(ArmorTest, RefusesWhatIsNotOneArmor) {
  const std::string armor = Armor();
  const std::string base64 = Base64Of(armor);
  const std::vector<std::string> wrong = {
      "",
      "\n",
      kHeader,
      absl::StrCat(kHeader, kFooter),
      absl::StrCat("text\n", armor),
      absl::StrCat("\n", armor),
      absl::StrCat(armor, "text\n"),
      absl::StrCat(armor, "\n"),
      absl::StrCat(armor, armor),
      absl::StrReplaceAll(armor, {{"\n", "\r\n"}}),
      With(armor, "U1NIU0", "U1N IU0"),
      With(armor, "U1NIU0", "U1N\tIU0"),
      Wrapped(base64, 77),
      With(armor, "\nU1NI", "\n\nU1NI"),
      With(armor, "==\n", "\n"),
      With(armor, "==\n", "=\n"),
      // Unused bits.
      With(armor, "w==\n", "x==\n"),
      Wrapped(std::string(16388, 'A'), 70),
  };
  for (const std::string& text : wrong) {
    for (const ArmorForm form : {ArmorForm::kFile, ArmorForm::kLeaf}) {
      EXPECT_THAT(ParseArmor(text, form), Refused(RefusalCode::kRecordSyntax))
          << text;
    }
  }
}

std::string SshString(absl::string_view value) {
  const char length[] = {0, 0, static_cast<char>(value.size() >> 8),
                         static_cast<char>(value.size() & 0xFF)};
  return absl::StrCat(absl::string_view(length, 4), value);
}

// The members of an SSHSIG, of which a test changes one.
struct Parts {
  std::string magic = "SSHSIG";
  std::string version = std::string("\0\0\0\1", 4);
  std::string key = SshString("ssh-ed25519") + SshString(std::string(32, 'k'));
  std::string name_space = "release@orrery";
  std::string reserved = "";
  std::string hash = "sha512";
  std::string signature =
      SshString("ssh-ed25519") + SshString(std::string(64, 's'));
  std::string rest = "";

  std::string Armor() const {
    return WriteArmor(absl::StrCat(
        magic, version, SshString(key), SshString(name_space),
        SshString(reserved), SshString(hash), SshString(signature), rest));
  }
};

Parts ByKey(absl::string_view key_type, absl::string_view algorithm,
            absl::string_view authenticator = "") {
  Parts parts;
  parts.key = SshString(key_type) + SshString("k");
  parts.signature =
      absl::StrCat(SshString(algorithm), SshString("s"), authenticator);
  return parts;
}

TEST(ArmorTest, TakesTheKeyTypesThatMaySign) {
  const std::string touch("\x01\0\0\0\x05", 5);
  for (const Parts& parts :
       {Parts(), ByKey("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"),
        ByKey("ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521"),
        ByKey("ssh-rsa", "rsa-sha2-256"), ByKey("ssh-rsa", "rsa-sha2-512"),
        // SHA-1 is refused where it is verified, as record.signature.
        ByKey("ssh-rsa", "ssh-rsa"),
        ByKey("sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519@openssh.com",
              touch),
        ByKey("sk-ecdsa-sha2-nistp256@openssh.com",
              "sk-ecdsa-sha2-nistp256@openssh.com", touch)}) {
    const auto signature = ParseArmor(parts.Armor(), ArmorForm::kLeaf);
    ASSERT_THAT(signature, IsOk());
    EXPECT_EQ(WriteArmor(PrintSignature(*signature)), parts.Armor());
  }
}

TEST(ArmorTest, RefusesWhatSshKeygenWouldReadPast) {
  std::vector<Parts> wrong(14);
  wrong[0].magic = "SSHSIX";
  wrong[1].version = std::string(4, '\0');
  wrong[2].version = std::string("\0\0\0\2", 4);
  wrong[3].name_space = "";
  wrong[4].name_space = std::string("release@orrery\0", 15);
  wrong[5].reserved = "x";
  wrong[6].hash = "SHA512";
  wrong[7].hash = "md5";
  wrong[8].rest = "x";
  wrong[9].signature += "x";
  wrong[10].signature.pop_back();
  wrong[11].key = "";
  wrong[12].signature = "";
  wrong[13].rest = SshString("");
  for (const Parts& parts :
       {ByKey("ssh-dss", "ssh-dss"),
        ByKey("ssh-ed25519-cert-v01@openssh.com",
              "ssh-ed25519-cert-v01@openssh.com"),
        ByKey("sk-ecdsa-sha2-nistp256@openssh.com",
              "webauthn-sk-ecdsa-sha2-nistp256@openssh.com", "12345"),
        ByKey("ssh-ed25519", "ecdsa-sha2-nistp256"),
        ByKey("ssh-ed25519", "rsa-sha2-256"),
        ByKey("sk-ssh-ed25519@openssh.com", "ssh-ed25519", "12345"),
        ByKey("sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519@openssh.com"),
        ByKey("sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519@openssh.com",
              "123456")}) {
    wrong.push_back(parts);
  }
  for (size_t i = 0; i < wrong.size(); ++i) {
    EXPECT_THAT(ParseArmor(wrong[i].Armor(), ArmorForm::kFile),
                Refused(RefusalCode::kRecordSyntax))
        << i;
  }
}

}  // namespace
}  // namespace orrery::signing
