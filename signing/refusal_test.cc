#include "signing/refusal.h"

#include <set>
#include <string>

#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::signing {
namespace {

TEST(RefusalTest, EachCodeHasAnExactNameAndTheExitOfItsGroup) {
  struct Case {
    RefusalCode code;
    std::string name;
    int exit_status;
  };
  for (const Case& c : {
           Case{RefusalCode::kTrustSyntax, "trust.syntax", 10},
           Case{RefusalCode::kLogSyntax, "log.syntax", 11},
           Case{RefusalCode::kIndexMismatch, "index.mismatch", 11},
           Case{RefusalCode::kRecordKeyWeak, "record.key.weak", 12},
           Case{RefusalCode::kPolicySyntax, "policy.syntax", 13},
           Case{RefusalCode::kVersionYoung, "version.young", 13},
           Case{RefusalCode::kContentIdentity, "content.identity", 14},
           Case{RefusalCode::kPlanApproval, "plan.approval", 15},
           Case{RefusalCode::kBundleGap, "bundle.gap", 16},
           Case{RefusalCode::kGitUnauthorised, "git.unauthorised", 17},
           Case{RefusalCode::kStateLock, "state.lock", 20},
       }) {
    EXPECT_EQ(RefusalName(c.code), c.name);
    EXPECT_EQ(ExitStatus(c.code), c.exit_status) << c.name;
  }
}

TEST(RefusalTest, NamesAreDistinctAndReadBack) {
  std::set<std::string> names;
  const int last = static_cast<int>(RefusalCode::kStateLock);
  for (int i = 0; i <= last; ++i) {
    const auto code = static_cast<RefusalCode>(i);
    names.emplace(RefusalName(code));
    EXPECT_EQ(ParseRefusalName(RefusalName(code)), code);
  }
  EXPECT_EQ(names.size(), last + 1);
  EXPECT_EQ(ParseRefusalName("log.forks"), std::nullopt);
  EXPECT_EQ(ParseRefusalName(""), std::nullopt);
}

TEST(RefusalTest, TravelsInAStatus) {
  const absl::Status status = Refuse(RefusalCode::kLogFork, "two roots");
  EXPECT_THAT(status,
              StatusIs(absl::StatusCode::kFailedPrecondition, "two roots"));
  const auto refusal = RefusalOf(status);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->code, RefusalCode::kLogFork);
  EXPECT_EQ(refusal->detail, "two roots");
  EXPECT_EQ(refusal->place, RefusalPlace{});
}

TEST(RefusalTest, SyntaxIsAnInvalidArgumentAndALockIsTriedAgain) {
  EXPECT_THAT(Refuse(RefusalCode::kRecordSyntax, ""),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Refuse(RefusalCode::kStateLock, ""),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST(RefusalTest, OtherStatusesAreNoRefusals) {
  EXPECT_EQ(RefusalOf(absl::OkStatus()), std::nullopt);
  EXPECT_EQ(RefusalOf(absl::UnavailableError("log.fork")), std::nullopt);
  EXPECT_EQ(At({.file = "f"}, absl::UnavailableError("no route")),
            absl::UnavailableError("no route"));
}

TEST(RefusalTest, ThePlaceIsFilledFromTheInsideOut) {
  const absl::Status inner =
      At({.line = 3, .leaf = 0}, Refuse(RefusalCode::kRecordChain, "seq"));
  const absl::Status outer = At({.file = "a b\n\\c",
                                 .line = 9,
                                 .pointer = "/x",
                                 .check = 10,
                                 .registry = "public",
                                 .package = "kafka",
                                 .release = 57,
                                 .revision = 1,
                                 .leaf = 5,
                                 .evidence = "/s/fork-0"},
                                inner);
  const auto refusal = RefusalOf(outer);
  ASSERT_TRUE(refusal);
  const RefusalPlace expected{.file = "a b\n\\c",
                              .line = 3,
                              .pointer = "/x",
                              .check = 10,
                              .registry = "public",
                              .package = "kafka",
                              .release = 57,
                              .revision = 1,
                              .leaf = 0,
                              .evidence = "/s/fork-0"};
  EXPECT_EQ(refusal->place, expected);
  EXPECT_EQ(refusal->code, RefusalCode::kRecordChain);
}

TEST(RefusalTest, APlainStatusBecomesARefusalButARefusalKeepsItsCode) {
  const auto plain = RefusalOf(
      RefuseAs(RefusalCode::kLogTile, absl::InvalidArgumentError("too short")));
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->code, RefusalCode::kLogTile);
  EXPECT_EQ(plain->detail, "too short");
  const auto kept = RefusalOf(RefuseAs(
      RefusalCode::kLogTile, Refuse(RefusalCode::kLogFork, "two roots")));
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->code, RefusalCode::kLogFork);
  EXPECT_THAT(RefuseAs(RefusalCode::kLogTile, absl::OkStatus()), IsOk());
}

}  // namespace
}  // namespace orrery::signing
