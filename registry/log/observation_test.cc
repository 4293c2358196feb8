#include "registry/log/observation.h"

#include <optional>
#include <string>

#include "gtest/gtest.h"

#include "signing/digest.h"

namespace orrery::registry {
namespace {

using signing::RevisionMode;
using signing::TreeHash;
using Kind = Sight::Kind;
using Log = ObservationVerdict::Log;
using Serve = ObservationVerdict::Serve;

TreeHash Tree(const char* content) {
  const TreeHash::File files[] = {
      {"package.json", signing::Digest::Of(content)}};
  return TreeHash::Of("kafka", 57, files);
}

// One line of the table of trust.md §10.3.
struct Case {
  std::string name;
  std::optional<LoggedRelease> logged;
  Sight sight;
  ObservationVerdict immutable;
  ObservationVerdict mutable_;
};

class ObservationTest : public ::testing::TestWithParam<Case> {};

TEST_P(ObservationTest, IsLoggedAndServedByTheModeOfItsSource) {
  const Case& c = GetParam();
  EXPECT_EQ(JudgeSight(RevisionMode::kImmutable, c.logged, c.sight),
            c.immutable);
  EXPECT_EQ(JudgeSight(RevisionMode::kMutable, c.logged, c.sight), c.mutable_);
}

const LoggedRelease kThere = {1, Tree("a"), false};
const LoggedRelease kLeft = {1, Tree("a"), true};

INSTANTIATE_TEST_SUITE_P(
    Table, ObservationTest,
    ::testing::Values(Case{"New",
                           std::nullopt,
                           {Kind::kWhole, Tree("a")},
                           {Log::kObserved, Serve::kSeen},
                           {Log::kObserved, Serve::kSeen}},
                      Case{"NewAndRefused",
                           std::nullopt,
                           {Kind::kRefused},
                           {Log::kNothing, Serve::kNothing},
                           {Log::kNothing, Serve::kNothing}},
                      Case{"NeverThere",
                           std::nullopt,
                           {Kind::kGone},
                           {Log::kNothing, Serve::kNothing},
                           {Log::kNothing, Serve::kNothing}},
                      Case{"Same",
                           kThere,
                           {Kind::kWhole, Tree("a")},
                           {Log::kNothing, Serve::kSeen},
                           {Log::kNothing, Serve::kSeen}},
                      Case{"Other",
                           kThere,
                           {Kind::kWhole, Tree("b")},
                           {Log::kNothing, Serve::kLogged, true},
                           {Log::kObserved, Serve::kSeen}},
                      Case{"RefusedLater",
                           kThere,
                           {Kind::kRefused},
                           {Log::kNothing, Serve::kLogged},
                           {Log::kWithdrawn, Serve::kNothing}},
                      Case{"Gone",
                           kThere,
                           {Kind::kGone},
                           {Log::kWithdrawn, Serve::kNothing},
                           {Log::kWithdrawn, Serve::kNothing}},
                      Case{"StillGone",
                           kLeft,
                           {Kind::kGone},
                           {Log::kNothing, Serve::kNothing},
                           {Log::kNothing, Serve::kNothing}},
                      Case{"BackTheSame",
                           kLeft,
                           {Kind::kWhole, Tree("a")},
                           {Log::kRestored, Serve::kSeen},
                           {Log::kRestored, Serve::kSeen}},
                      Case{"BackAsOther",
                           kLeft,
                           {Kind::kWhole, Tree("b")},
                           {Log::kNothing, Serve::kNothing, true},
                           {Log::kObserved, Serve::kSeen}},
                      Case{"BackAndRefused",
                           kLeft,
                           {Kind::kRefused},
                           {Log::kNothing, Serve::kNothing},
                           {Log::kNothing, Serve::kNothing}}),
    [](const auto& named) { return named.param.name; });

struct SignedCase {
  std::string name;
  std::optional<LoggedRelease> logged;
  Sight sight;
  Serve serve;
  bool is_unsigned;
};

class SignedObservationTest : public ::testing::TestWithParam<SignedCase> {};

TEST_P(SignedObservationTest, IsNeverLoggedAndServedAsItsMaintainersSaid) {
  const SignedCase& c = GetParam();
  const ObservationVerdict verdict = JudgeSignedSight(c.logged, c.sight);
  EXPECT_EQ(verdict.log, Log::kNothing);
  EXPECT_EQ(verdict.serve, c.serve);
  EXPECT_EQ(verdict.is_unsigned, c.is_unsigned);
  EXPECT_FALSE(verdict.is_other);
}

INSTANTIATE_TEST_SUITE_P(
    Ratchet, SignedObservationTest,
    ::testing::Values(
        SignedCase{"New",
                   std::nullopt,
                   {Kind::kWhole, Tree("a")},
                   Serve::kNothing,
                   true},
        SignedCase{"NewAndRefused",
                   std::nullopt,
                   {Kind::kRefused},
                   Serve::kNothing,
                   false},
        SignedCase{
            "Same", kThere, {Kind::kWhole, Tree("a")}, Serve::kSeen, false},
        SignedCase{
            "Other", kThere, {Kind::kWhole, Tree("b")}, Serve::kLogged, true},
        SignedCase{
            "OtherAndRefused", kThere, {Kind::kRefused}, Serve::kLogged, false},
        SignedCase{"Gone", kThere, {Kind::kGone}, Serve::kLogged, false},
        SignedCase{"BackWithTheSame",
                   kLeft,
                   {Kind::kWhole, Tree("a")},
                   Serve::kNothing,
                   true},
        SignedCase{"BackWithOther",
                   kLeft,
                   {Kind::kWhole, Tree("b")},
                   Serve::kNothing,
                   true}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace orrery::registry
