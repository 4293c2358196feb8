#include "registry/source/keyset_admission.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/refusal.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using signing::Digest;
using signing::RefusalCode;
using ::testing::HasSubstr;

class KeysetAdmissionTest : public ::testing::Test {
 protected:
  StatementVerdict Judge() {
    const auto verdict = JudgeFirstKeyset(admission_, log_, keyset_);
    EXPECT_TRUE(verdict.ok()) << verdict.status();
    return *verdict;
  }

  void SetNames(const std::string& lines) {
    auto names = signing::Names::Parse("orrery/names/v1\n" + lines);
    ASSERT_TRUE(names.ok()) << names.status();
    admission_.names = *std::move(names);
  }

  const FirstKeyset keyset_{"main", "kafka", Digest::Of("a keyset")};
  const std::string digest_ = keyset_.statement.Hex();
  signing::LogState log_;
  KeysetAdmission admission_{
      {}, std::nullopt, [this](const std::string&) { return elsewhere_; }};
  absl::StatusOr<std::string> elsewhere_ = "";
};

TEST_F(KeysetAdmissionTest, FreeNameIsFirstComeFirstServed) {
  EXPECT_TRUE(Judge().status.ok());
}

TEST_F(KeysetAdmissionTest, NameOfAnotherSourceIsHeldUntilSomebodyAdmitsIt) {
  elsewhere_ = "source other has kafka too";
  const StatementVerdict held = Judge();
  EXPECT_TRUE(held.is_pending);
  const auto refusal = signing::RefusalOf(held.status);
  ASSERT_TRUE(refusal.has_value()) << held.status;
  EXPECT_EQ(refusal->code, RefusalCode::kNameHeld);
  EXPECT_EQ(refusal->detail,
            "source other has kafka too; the registry's operator lets this "
            "keyset (sha256:" +
                digest_ + ") in with `orrery source admit main kafka`");
  admission_.admitted["kafka"] = Digest::Of("another keyset").Hex();
  EXPECT_FALSE(Judge().status.ok());
  admission_.admitted["kafka"] = digest_;
  EXPECT_TRUE(Judge().status.ok());
}

TEST_F(KeysetAdmissionTest, ReleasesLoggedBeforeHoldIt) {
  log_.sources["main"].records.emplace_back();
  log_.packages["kafka"].releases[{"main", 1}].revisions.emplace_back();
  const auto refusal = signing::RefusalOf(Judge().status);
  ASSERT_TRUE(refusal.has_value());
  EXPECT_EQ(refusal->code, RefusalCode::kNameHeld);
  EXPECT_THAT(refusal->detail, HasSubstr("logged before anybody signed"));
}

TEST_F(KeysetAdmissionTest, BindingDecidesAlone) {
  elsewhere_ = "source other has kafka too";
  SetNames("bind kafka sha256:" + digest_ + "\n");
  EXPECT_TRUE(Judge().status.ok());
  SetNames("bind kafka sha256:" + std::string(64, 'a') + "\n");
  admission_.admitted["kafka"] = digest_;
  const StatementVerdict refused = Judge();
  EXPECT_FALSE(refused.is_pending);
  EXPECT_EQ(signing::RefusalOf(refused.status)->code,
            RefusalCode::kRecordKeyset);
}

TEST_F(KeysetAdmissionTest, ReservedNameIsRefusedAndNotHeld) {
  SetNames("reserve kafka\n");
  const StatementVerdict refused = Judge();
  EXPECT_FALSE(refused.is_pending);
  EXPECT_EQ(signing::RefusalOf(refused.status)->code,
            RefusalCode::kNameReserved);
}

TEST_F(KeysetAdmissionTest, NamesThatCannotBeReadHoldEverything) {
  admission_.names = signing::Refuse(RefusalCode::kTrustSyntax, "names: no");
  const StatementVerdict held = Judge();
  EXPECT_TRUE(held.is_pending);
  const auto refusal = signing::RefusalOf(held.status);
  EXPECT_EQ(refusal->code, RefusalCode::kTrustSyntax);
  EXPECT_EQ(refusal->detail, "names: no");
}

TEST_F(KeysetAdmissionTest, WhatCannotBeReadIsNoVerdict) {
  elsewhere_ = absl::DataLossError("index");
  EXPECT_THAT(JudgeFirstKeyset(admission_, log_, keyset_),
              StatusIs(absl::StatusCode::kDataLoss, "index"));
}

}  // namespace
}  // namespace orrery::registry
