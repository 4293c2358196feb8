#include "cli-plugin/trust/policy_check.h"

#include <optional>
#include <string>

#include "gtest/gtest.h"

#include "signing/policy/client_policy_parser.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::cli {
namespace {

constexpr char kPolicy[] =
    "policy 1\n"
    "registry corp https://corp.example\n"
    "  tlog-policy t\n"
    "  names-file n\n"
    "names corp/main acme/ acme-*\n"
    "require acme-* evidence observed\n"
    "deny package acme-db\n";

class PolicyCheckTest : public ::testing::Test {
 protected:
  static PolicyDecision Decide(absl::string_view name) {
    const auto policy = signing::ParseClientPolicy(kPolicy);
    EXPECT_THAT(policy, IsOk());
    return DecideName(*policy, name);
  }

  static std::optional<DecidedSetting> Find(const PolicyDecision& decision,
                                            absl::string_view name) {
    for (const DecidedSetting& setting : decision.settings) {
      if (setting.name == name) return setting;
    }
    return std::nullopt;
  }
};

TEST_F(PolicyCheckTest, EachSettingHasTheLineThatDecidesIt) {
  const PolicyDecision decision = Decide("acme-db");
  EXPECT_EQ(decision.refusal, "");
  EXPECT_EQ(Find(decision, "registry")->value, "corp/main");
  EXPECT_EQ(Find(decision, "registry")->line, 5);
  EXPECT_EQ(Find(decision, "deny")->line, 7);
  EXPECT_EQ(Find(decision, "evidence")->value, "observed");
  EXPECT_EQ(Find(decision, "evidence")->line, 6);
}

TEST_F(PolicyCheckTest, DefaultHasNoLine) {
  const PolicyDecision decision = Decide("acme/db");
  EXPECT_FALSE(Find(decision, "deny").has_value());
  EXPECT_EQ(Find(decision, "evidence")->value, "sshsig");
  EXPECT_EQ(Find(decision, "evidence")->line, 0);
  EXPECT_EQ(Find(decision, "pins")->value, "required");
}

TEST_F(PolicyCheckTest, NameThatNothingRoutesOrNothingHasIsRefused) {
  EXPECT_NE(Decide("acmex-db").refusal, "");
  EXPECT_EQ(Decide("acme-").refusal, "no package can have this name");
}

TEST_F(PolicyCheckTest, TextShowsTheLines) {
  EXPECT_EQ(
      DecisionText(Decide("acme-db"), kPolicy),
      "acme-db\n"
      "  registry corp/main  (line 5: names corp/main acme/ acme-*)\n"
      "  deny package  (line 7: deny package acme-db)\n"
      "  evidence observed  (line 6: require acme-* evidence observed)\n");
}

TEST_F(PolicyCheckTest, LinesCountFromOne) {
  EXPECT_EQ(LineOf(kPolicy, 1), "policy 1");
  EXPECT_EQ(LineOf(kPolicy, 3), "tlog-policy t");
  EXPECT_EQ(LineOf(kPolicy, 0), "");
  EXPECT_EQ(LineOf(kPolicy, 99), "");
}

}  // namespace
}  // namespace orrery::cli
