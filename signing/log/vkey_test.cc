#include "signing/log/vkey.h"

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "signing/refusal_matchers.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::signing {
namespace {

// C2SP signed-note; x/mod sumdb/note; trust.md §26.
constexpr char kC2sp[] =
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
constexpr char kPeterNeumann[] =
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr char kLog[] =
    "registry.example/main+096ae7d1+"
    "AaX4Z7+D4QXPNbpxGb64YvAqUpNhF0UCXl2foaZz6C96";
constexpr char kTimestamper[] =
    "registry.example/timestamper+b1f1e9de+"
    "BK0IflajYL+XR7SHdmrEfT5LhV3Bqe/6NS3Z+YwwAIZO";

TEST(KeyNameTest, WhiteSpaceAndPlusAreNotAllowed) {
  for (const char* name : {"a", "example.com/foo", "\xc3\xa9", "\xe2\x80\x94",
                           "~!\"\\", "\xe2\x80\x8b"}) {
    EXPECT_TRUE(IsKeyName(name)) << name;
  }
  for (const char* name :
       {"", "a b", " a", "a\t", "a\n", "a+b", "+", "\xc2\x85", "\xc2\xa0",
        "a\xe2\x80\xa8", "\xe3\x80\x80", "\xe1\x9a\x80", "\xff", "a\xc0\xa0"}) {
    EXPECT_FALSE(IsKeyName(name)) << name;
  }
}

TEST(VkeyTest, PublishedKeysAreTakenAndWrittenBack) {
  for (const char* text : {kC2sp, kPeterNeumann, kLog}) {
    const auto vkey = Vkey::Parse(text);
    ASSERT_THAT(vkey, IsOk()) << text;
    EXPECT_EQ(vkey->type(), Vkey::kEd25519);
    EXPECT_TRUE(vkey->key());
    EXPECT_EQ(vkey->Text(), text);
  }
  const auto timestamper = Vkey::Parse(kTimestamper);
  ASSERT_THAT(timestamper, IsOk());
  EXPECT_EQ(timestamper->name(), "registry.example/timestamper");
  EXPECT_EQ(timestamper->type(), Vkey::kCosignature);
  EXPECT_EQ(timestamper->id(), 0xb1f1e9deU);
}

TEST(VkeyTest, IsMadeOfItsKey) {
  const auto parsed = Vkey::Parse(kLog);
  ASSERT_THAT(parsed, IsOk());
  const Vkey made =
      Vkey::Of("registry.example/main", Vkey::kEd25519, *parsed->key());
  EXPECT_EQ(made, *parsed);
  EXPECT_EQ(made.Text(), kLog);
  // Name and type enter the id.
  EXPECT_NE(Vkey::Of("other", Vkey::kEd25519, *parsed->key()).id(),
            parsed->id());
  EXPECT_NE(
      Vkey::Of("registry.example/main", Vkey::kCosignature, *parsed->key())
          .id(),
      parsed->id());
}

TEST(VkeyTest, AKeyOfAnUnknownTypeIsTakenButIsNoKey) {
  // SHA-256("pq\n\x06secret"), first four bytes.
  const std::string base64 = absl::Base64Escape("\x06secret");
  const auto wrong = Vkey::Parse(absl::StrCat("pq+00000000+", base64));
  ASSERT_THAT(wrong, Refused(RefusalCode::kTrustSyntax));
  const std::string message(wrong.status().message());
  const std::string id = message.substr(message.size() - 8);
  const auto vkey = Vkey::Parse(absl::StrCat("pq+", id, "+", base64));
  ASSERT_THAT(vkey, IsOk());
  EXPECT_EQ(vkey->type(), 6);
  EXPECT_FALSE(vkey->key());
}

TEST(VkeyTest, OtherFormsAreRefused) {
  const std::string key = "AaX4Z7+D4QXPNbpxGb64YvAqUpNhF0UCXl2foaZz6C96";
  const std::string name = "registry.example/main+";
  for (const std::string& text : {
           std::string(),
           std::string("a"),
           std::string("a+b"),
           std::string("++"),
           name,
           name + "096ae7d1",
           name + "096ae7d1+",
           name + "096AE7D1+" + key,
           name + "96ae7d1+" + key,
           name + "0096ae7d1+" + key,
           name + "096ae7d2+" + key,
           "other+096ae7d1+" + key,
           "registry.example/ma in+096ae7d1+" + key,
           "+096ae7d1+" + key,
           name + "096ae7d1+" + key + "\n",
           name + "096ae7d1+" + key.substr(0, 43),
           name + "096ae7d1+" + key + "AAAA",
           name + "096ae7d1+AQ==",
           " " + std::string(kLog),
           std::string(kLog) + " ",
       }) {
    EXPECT_THAT(Vkey::Parse(text), Refused(RefusalCode::kTrustSyntax)) << text;
  }
}

TEST(VkeyTest, WeakKeysAreRefused) {
  const std::string material = "\x01" + std::string(32, '\0');
  EXPECT_THAT(
      Vkey::Parse(absl::StrCat("a+00000000+", absl::Base64Escape(material))),
      Refused(RefusalCode::kTrustSyntax));
}

}  // namespace
}  // namespace orrery::signing
