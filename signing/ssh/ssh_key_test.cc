#include "signing/ssh/ssh_key.h"

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "signing/refusal.h"
#include "signing/ssh/ssh_wire.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::signing {
namespace {

// Alice and Bob of trust.md §26; the others were made by ssh-keygen.
constexpr char kEd25519[] =
    "AAAAC3NzaC1lZDI1NTE5AAAAIOGh1g+m8totEiTK5OZgq9q0HbmY3GNWumD5Osib8Itr";
constexpr char kEcdsa256[] =
    "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBBabqQUQmNc20NF/"
    "r6i9KIneYMGNC4ozOCvFmi3k12acxikK5uuZ5ePUOhGsuHpLWK6IGGBmaBn2EpoxcjUE+Sc=";
constexpr char kRsa3072[] =
    "AAAAB3NzaC1yc2EAAAADAQABAAABgQCsq15i7H2lqumAavI2Vbao+fdqokZsggc7iAwDK3"
    "iqSOWp2qIDPDlcHfMmc8bMniQag89k64X+NRM0MN5BdGsoubtDVPyjIz5u7Ri6b5qGf8Tj"
    "OiRBjnJM+e3uDR0I6enZvIECwS90ke9nM3x7rcozoSmhrmC8PenXtEsdDeH9wMyI3iaO4D"
    "JAQJk9YHv1ZixxskWlEvLQ93J2OZfk2FAJ3G7PBuqJcoi91jc6zwVk88+BwhtPN3XygGId"
    "z+ETZmMwsu3NhAO1v7rKDxKJ9aUd5Wpum2p03DzH9c/jx/9Mf2+iY3PbUTkHx1kaYvatg/"
    "TH75uxIuOMHRK5iTNG5HJgsp7e/ft91Ic2FSwyqnA2zK6wYJ3VZuDkeGz1Xqc5tofudeMS"
    "B9Q9XVq9foMYdcOc3wOdcWWpaPiuPqpo13x34C2wY+BcD/Rytqq5hiXe4M8bLASZa2FItb"
    "QJAcXSvMuwMk1/Z4hsroskYjFDV0kA5AnZeUWG1OchQaD7X+iXYTs=";

constexpr char kRsa2048[] =
    "AAAAB3NzaC1yc2EAAAADAQABAAABAQCeSaDTYPLTMjdIvZ0MIbkNutnF6LaLqyfhkP3Kbo"
    "JiCb7Ts2nCz3AzSgB6oqzskCcl4XGZLro5KOV7fe4qaMGEsJWA+bqymtJKNMtQlRLmPzyH"
    "/0xPpPbC+92XfUzSreq1yRIyneC6K40hgzNcPhCfL8maf7rOpaKkR1T3i7q7m6l20+AtAc"
    "+xa1mfC+MV7VnWsEdxOl9wxKE1OPgAJdQsf+w3FQxjEL9+Hl7tGsKGcH5Iod/njT6j/xa1"
    "zGOhnuNaPZQVi6GBDybuzoi17K/zvu2l7n4GA58QJ6aGNkXlbINX79W8y1WgWnQDlQ7mlH"
    "Qkb2iIPQfh8IUTBBQKbTdN";

constexpr char kEcdsa384[] =
    "AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBNXK2aYDISeCfxLsGQ"
    "v2abIjdCuNzBcG/UWsQeFVYIxKo1fS7uW12w/KME3OZh8NsOCh+cRmbDVkuWaKnD4P06pQ"
    "KAZoiYH5KNIGh5bvu3zxX1NPggHGm+Knt68nLL/qTg==";

constexpr char kEcdsa521[] =
    "AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAC6anZ+vhp2ymIevq"
    "e8Hfoi1nJh36ALn/4yRa3fYIX3GenPCpPdLftMpEkLVxHVBJnsVvPZxD5JiJmHoCeLRcDO"
    "dgFzP1tO7jkmMsJ2pxpCyYZavswrkxiH/Txjdzv51x8G2MUcQZmC7ZEAAH/pp3ofQZriPg"
    "+L7NRnQLE1A1/jF3t6Bw==";

constexpr char kDsa[] =
    "AAAAB3NzaC1kc3MAAACBAONmvqwSBQOXFUsb7AvxkyC8FvD5cNT+yVOSmhp91kA4lwvOWd"
    "vQ/UHNdu70aoKd3FDlD6K1LMMcFLZECJtr6YkuLAS5hEJvjAQma22BQCfQUwYxPU+HtO7C"
    "p4NJ9+rTzjk31ZlLh8ATBzYS8r2BocQSa8fu0ErcgfAsrxO6DjT9AAAAFQD7L4OATbUn9J"
    "3kevDwRZCMJlKLEQAAAIAdXJ1dfwDPEljQlufmjqOQzm81qukOhdfKvQjFiUuVcCeSn2pU"
    "RdKeP7cBIuVw5BGKb9+rxbl+uWTreN2g8TiceZh3KOLRGDTKUBQPaPBFZ7xtWLH3zrGEAu"
    "tuTcYTWcVlnQy5kmqmC2XdfZ6zNWw5me4Qi9XGeT2i2rk5mIjv0gAAAIEAkBQD90NJMpmn"
    "50spOJPAkXUsK/z936XEgNR5E8trUXm4qtMO2mbZ6O78rb1crFvtitvmmOhpH1+GO6CYAY"
    "CyItE8aFbhhOS7FJWezYro88xHW3jYtTmEhD1GeafrexNaCMd20TpO5S4MfH94KdmxJnGE"
    "gJJb2WrdeU0eDfXgwmI=";
constexpr char kSkEd25519[] = "sk-ssh-ed25519@openssh.com";
constexpr char kSkEcdsa[] = "sk-ecdsa-sha2-nistp256@openssh.com";

std::string Blob(std::initializer_list<absl::string_view> strings) {
  std::string blob;
  for (const absl::string_view string : strings) AppendSshString(string, blob);
  return blob;
}

std::string Decoded(absl::string_view base64) {
  std::string bytes;
  EXPECT_TRUE(absl::Base64Unescape(base64, &bytes));
  return bytes;
}

// The last string of a blob.
std::string LastOf(absl::string_view base64, size_t size) {
  const std::string blob = Decoded(base64);
  return blob.substr(blob.size() - size);
}

std::string GoodEd25519() { return LastOf(kEd25519, 32); }
std::string GoodPoint() { return LastOf(kEcdsa256, 65); }
std::string WeakEd25519() { return std::string(32, '\0'); }

// An mpint of `bits` bits with the first and the last bit set.
std::string Odd(int bits) {
  std::string magnitude((bits + 7) / 8, '\0');
  magnitude[0] = static_cast<char>(1 << ((bits - 1) % 8));
  magnitude.back() = static_cast<char>(magnitude.back() | 1);
  return (magnitude[0] & 0x80) != 0
             ? absl::StrCat(std::string(1, '\0'), magnitude)
             : magnitude;
}

void ExpectMalformed(absl::string_view blob) {
  const auto key = SshKey::Parse(blob);
  EXPECT_THAT(key, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(RefusalOf(key.status()), std::nullopt);
}

void ExpectWeak(absl::string_view blob) {
  const auto refusal = RefusalOf(SshKey::Parse(blob).status());
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->code, RefusalCode::kRecordKeyWeak);
}

TEST(SshKeyTest, TakesEachTypeAndPrintsTheFingerprintOfSshKeygen) {
  struct Case {
    const char* type;
    const char* base64;
    const char* fingerprint;
  };
  for (const Case& c : {
           Case{"ssh-ed25519", kEd25519,
                "SHA256:qFF1OusYeRqUzQmAsEh+voGORXL5/Otusg5lDFKKYpk"},
           Case{"ecdsa-sha2-nistp256", kEcdsa256,
                "SHA256:TCU2t4JYS/BsbhmghRwZe11SUFYBU8eJ9aeR7pf5twk"},
           Case{"ecdsa-sha2-nistp384", kEcdsa384,
                "SHA256:EdqxkMQs/EdM0NJET/AW0MlW63z3aVjyCj4fofPBAAw"},
           Case{"ecdsa-sha2-nistp521", kEcdsa521,
                "SHA256:+FG6Q/RCI6bdo6fViS9zYKhV8ELAvPOkKYRFfM1lCII"},
           Case{"ssh-rsa", kRsa3072,
                "SHA256:xxDigPiK6rVXjLH74p3UvMyhM35Cb+zSEjguz6Fj4Aw"},
       }) {
    const auto key = SshKey::ParseText(c.type, c.base64);
    ASSERT_THAT(key, IsOk()) << c.type;
    EXPECT_EQ(key->type(), c.type);
    EXPECT_EQ(key->blob(), Decoded(c.base64));
    EXPECT_EQ(key->Fingerprint(), c.fingerprint);
  }
}

TEST(SshKeyTest, TakesSecurityKeysOfSshApplications) {
  EXPECT_THAT(SshKey::Parse(Blob({kSkEd25519, GoodEd25519(), "ssh:"})), IsOk());
  EXPECT_THAT(
      SshKey::Parse(Blob({kSkEcdsa, "nistp256", GoodPoint(), "ssh:laptop"})),
      IsOk());
  ExpectMalformed(Blob({kSkEd25519, GoodEd25519(), "webauthn.example"}));
  ExpectMalformed(Blob({kSkEd25519, GoodEd25519()}));
  ExpectMalformed(Blob({kSkEcdsa, "nistp256", GoodPoint(), ""}));
  ExpectMalformed(Blob({kSkEcdsa, "nistp384", GoodPoint(), "ssh:"}));
}

TEST(SshKeyTest, RefusesOtherTypes) {
  ExpectMalformed(Decoded(kDsa));
  for (const char* type :
       {"", "ssh-ed25519-cert-v01@openssh.com", "ssh-ed448", "SSH-ED25519",
        "ecdsa-sha2-nistp192", "ecdsa-sha2-", "ssh-ed25519 ", "rsa-sha2-512",
        "webauthn-sk-ecdsa-sha2-nistp256@openssh.com"}) {
    ExpectMalformed(Blob({type, GoodEd25519()}));
  }
}

TEST(SshKeyTest, RefusesBytesThatAreMissingOrLeft) {
  for (const char* base64 : {kEd25519, kEcdsa256, kRsa3072}) {
    const std::string blob = Decoded(base64);
    ExpectMalformed(blob + '\0');
    for (size_t size = 0; size < blob.size(); ++size) {
      EXPECT_FALSE(SshKey::Parse(blob.substr(0, size)).ok()) << size;
    }
  }
}

TEST(SshKeyTest, RefusesAnotherTypeBesideTheBlob) {
  EXPECT_THAT(SshKey::ParseText("ssh-rsa", kEd25519),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(SshKey::ParseText("ssh-ed25519", absl::StrCat(kEd25519, "\n")),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(SshKeyTest, AnotherTypeIsSaidBeforeAWeakKey) {
  const std::string weak =
      absl::Base64Escape(Blob({"ssh-ed25519", WeakEd25519()}));
  EXPECT_THAT(SshKey::ParseText("ssh-rsa", weak),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(SshKey::ParseText("ssh-ed25519", weak),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(SshKeyTest, RefusesEcdsaPointsOfOtherForms) {
  const std::string point = GoodPoint();
  constexpr char kType[] = "ecdsa-sha2-nistp256";
  ExpectMalformed(Blob({kType, "nistp384", point}));
  ExpectMalformed(Blob({kType, "nistp256", point.substr(0, 64)}));
  ExpectMalformed(Blob({kType, "nistp256", point + '\0'}));
  ExpectMalformed(Blob({kType, "nistp256", ""}));
  // Compressed and hybrid.
  ExpectMalformed(Blob({kType, "nistp256", "\x03" + point.substr(1, 32)}));
  ExpectMalformed(Blob({kType, "nistp256", "\x06" + point.substr(1)}));
}

TEST(SshKeyTest, EcdsaPointsOffTheCurveAreWeak) {
  constexpr char kType[] = "ecdsa-sha2-nistp256";
  std::string off = GoodPoint();
  off.back() = static_cast<char>(off.back() ^ 1);
  ExpectWeak(Blob({kType, "nistp256", off}));
  ExpectWeak(Blob({kType, "nistp256", "\x04" + std::string(64, '\0')}));
  // x beyond the field's prime.
  ExpectWeak(Blob({kType, "nistp256", "\x04" + std::string(64, '\xff')}));
  ExpectWeak(Blob({kType, "nistp256", absl::string_view("\0", 1)}));
}

TEST(SshKeyTest, Ed25519KeysOfLowOrderAreWeakWhateverHoldsThem) {
  ExpectWeak(Blob({"ssh-ed25519", WeakEd25519()}));
  ExpectWeak(Blob({kSkEd25519, WeakEd25519(), "ssh:"}));
}

TEST(SshKeyTest, WhatIsMalformedIsSaidBeforeWhatIsWeak) {
  ExpectMalformed(Blob({"ssh-ed25519", WeakEd25519()}) + "x");
  ExpectMalformed(Blob({kSkEd25519, WeakEd25519(), "ftp:"}));
  ExpectMalformed(Blob({kSkEd25519, WeakEd25519()}));
}

TEST(SshKeyTest, RsaKeysOutsideTheBoundsAreWeak) {
  const std::string e("\x01\x00\x01", 3);
  EXPECT_THAT(SshKey::Parse(Blob({"ssh-rsa", e, Odd(3072)})), IsOk());
  EXPECT_THAT(SshKey::Parse(Blob({"ssh-rsa", e, Odd(8192)})), IsOk());
  EXPECT_THAT(SshKey::Parse(Blob({"ssh-rsa", "\x03", Odd(3072)})), IsOk());
  EXPECT_THAT(SshKey::Parse(Blob({"ssh-rsa", Odd(64), Odd(3072)})), IsOk());
  ExpectWeak(Decoded(kRsa2048));
  ExpectWeak(Blob({"ssh-rsa", e, Odd(3071)}));
  ExpectWeak(Blob({"ssh-rsa", e, Odd(8193)}));
  ExpectWeak(Blob({"ssh-rsa", e, Odd(1000000)}));
  ExpectWeak(Blob({"ssh-rsa", "\x01", Odd(3072)}));
  ExpectWeak(Blob({"ssh-rsa", "\x04", Odd(3072)}));
  ExpectWeak(Blob({"ssh-rsa", Odd(65), Odd(3072)}));
}

TEST(SshKeyTest, RsaIntegersAreMinimalAndPositive) {
  const std::string n = Odd(3072);
  ExpectMalformed(Blob({"ssh-rsa", absl::string_view("\0\3", 2), n}));
  ExpectMalformed(Blob({"ssh-rsa", "", n}));
  ExpectMalformed(Blob({"ssh-rsa", "\x83", n}));
  ExpectMalformed(Blob({"ssh-rsa", "\x03", n.substr(1)}));
}

}  // namespace
}  // namespace orrery::signing
