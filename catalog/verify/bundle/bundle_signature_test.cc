#include "catalog/verify/bundle/bundle_signature.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "signing/digest.h"
#include "signing/refusal_matchers.h"
#include "signing/ssh/armor.h"
#include "signing/ssh/ssh_signing.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using signing::Ed25519PrivateKey;
using signing::RefusalCode;
using signing::Refused;

constexpr char kManifest[] = "0  log/checkpoint\n";

Ed25519PrivateKey KeyOf(absl::string_view name) {
  return *Ed25519PrivateKey::FromSeed(
      signing::Digest::Of(absl::StrCat("orrery example key: ", name)).bytes());
}

std::string Armor(absl::string_view who, absl::string_view name_space,
                  absl::string_view message) {
  return signing::WriteArmor(signing::PrintSignature(
      *signing::SignSsh(KeyOf(who), name_space, message)));
}

absl::Status Check(const std::optional<std::string>& armor) {
  const std::vector<signing::SshKey> exporters = {
      signing::SshKeyOf(KeyOf("alice").public_key()),
      signing::SshKeyOf(KeyOf("admission").public_key())};
  return CheckBundleSignature(kManifest, armor, exporters);
}

TEST(BundleSignatureTest, AnyOfTheExportersMaySign) {
  EXPECT_THAT(Check(Armor("alice", kBundleNamespace, kManifest)), IsOk());
  EXPECT_THAT(Check(Armor("admission", kBundleNamespace, kManifest)), IsOk());
}

TEST(BundleSignatureTest, RefusesWhatNoExporterSigned) {
  const std::string good = Armor("alice", kBundleNamespace, kManifest);
  for (const std::optional<std::string>& armor :
       {std::optional<std::string>(), std::optional<std::string>(""),
        std::optional<std::string>("garbage"),
        std::optional<std::string>(good + good),
        std::optional<std::string>(good + "more"),
        std::optional<std::string>(
            Armor("mallory", kBundleNamespace, kManifest)),
        std::optional<std::string>(Armor("alice", "release@orrery", kManifest)),
        std::optional<std::string>(
            Armor("alice", kBundleNamespace, "another manifest"))}) {
    EXPECT_THAT(Check(armor), Refused(RefusalCode::kBundleManifest))
        << armor.value_or("none");
  }
}

TEST(BundleSignatureTest, SaysWhoseItIsAndWhoseItShouldBe) {
  const auto refusal =
      signing::RefusalOf(Check(Armor("mallory", kBundleNamespace, kManifest)));
  ASSERT_TRUE(refusal.has_value());
  EXPECT_EQ(refusal->place.file, "bundle.manifest.sig");
  EXPECT_EQ(
      refusal->detail,
      absl::StrCat(
          "is by ",
          signing::SshKeyOf(KeyOf("mallory").public_key()).Fingerprint(),
          ", and not by ",
          signing::SshKeyOf(KeyOf("alice").public_key()).Fingerprint(), ", ",
          signing::SshKeyOf(KeyOf("admission").public_key()).Fingerprint()));
}

}  // namespace
}  // namespace orrery::catalog
