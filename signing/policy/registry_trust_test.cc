#include "signing/policy/registry_trust.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/example_testing.h"
#include "signing/policy/client_policy_parser.h"
#include "signing/refusal_matchers.h"

namespace orrery::signing {
namespace {

RegistryPolicy Registry(absl::string_view witnesses) {
  const auto policy = ParseClientPolicy(
      "policy 1\nregistry public https://registry.example/main\n"
      "tlog-policy public.tlog-policy\nnames-file public.names\nwitnesses " +
      std::string(witnesses) + "\n");
  EXPECT_THAT(policy, IsOk());
  return policy->registries()[0];
}

absl::StatusOr<RegistryTrust> Open(absl::string_view tlog_policy,
                                   absl::string_view names,
                                   absl::string_view witnesses = "timestamper",
                                   absl::string_view version = "0.1.0") {
  return OpenRegistryTrust(Registry(witnesses), tlog_policy, names, version);
}

std::string FileOf(const absl::StatusOr<RegistryTrust>& trust) {
  const auto refusal = RefusalOf(trust.status());
  return refusal.has_value() ? refusal->place.file : "";
}

// The digests that the evidence block of trust.md §26 names.
TEST(RegistryTrustTest, OpensTheFilesOfTheExample) {
  const auto trust = Open(ExampleFile("tlog-policy"), ExampleFile("names"));
  ASSERT_THAT(trust, IsOk());
  EXPECT_EQ(trust->tlog_policy_digest.Hex(),
            "f3aa4d74822d2b7543009e0fdb8ae4f461e6d11ef64edeead5280004dbcc322d");
  EXPECT_EQ(trust->names_digest.Hex(),
            "aab7fe5a3791862a75c7ddfead22e49b69af05bb879be591c5e597f80dcc8506");
}

// FR-50: which file, by which code.
TEST(RegistryTrustTest, ARefusalNamesTheFile) {
  const auto bad_policy = Open("x\n", ExampleFile("names"));
  EXPECT_THAT(bad_policy, Refused(RefusalCode::kTrustSyntax));
  EXPECT_EQ(FileOf(bad_policy), "public.tlog-policy");
  const auto bad_names = Open(ExampleFile("tlog-policy"), "x\n");
  EXPECT_THAT(bad_names, Refused(RefusalCode::kTrustSyntax));
  EXPECT_EQ(FileOf(bad_names), "public.names");
}

TEST(RegistryTrustTest, AnOldClientStops) {
  EXPECT_THAT(Open(ExampleFile("tlog-policy"), ExampleFile("names"),
                   "timestamper", "0.0.9"),
              Refused(RefusalCode::kTrustClient));
}

TEST(RegistryTrustTest, TheWitnessesMustFit) {
  EXPECT_THAT(
      Open(ExampleFile("tlog-policy"), ExampleFile("names"), "required"),
      Refused(RefusalCode::kPolicySyntax));
}

}  // namespace
}  // namespace orrery::signing
