#include "catalog/planning/trust_gate.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/planning/trust_fixture.h"
#include "registry/git/source.h"
#include "registry/log/registry_log.h"
#include "signing/digest.h"
#include "signing/record/record.h"
#include "signing/refusal.h"
#include "signing/refusal_matchers.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using registry::RegistryLog;
using signing::RefusalCode;
using signing::Refused;
using ::testing::HasSubstr;

using TrustGateTest = TrustTest;

// trust.md §10.1: its absence must not open a door.
TEST_F(TrustGateTest, ABetterSourceThatWasNeverReadClosesTheWorseOnes) {
  registry::Source better;
  better.name = "ours";
  better.priority = 100;
  unread_ = {better};
  EXPECT_THAT(Admit(), IsOk());
  unread_[0].priority = 99;
  EXPECT_THAT(Admit(), Refused(RefusalCode::kLogUnavailable));
  EXPECT_THAT(std::string(Admit().message()), HasSubstr("source ours"));
  // What runs is what it is.
  EXPECT_THAT(gate_->Admission()->AdmitRunning(Running()), IsOk());
  SetPolicy("names local/universe hello\nrequire * evidence observed\n");
  EXPECT_THAT(Admit(), IsOk());
  SetPolicy("require * evidence observed\n");
  EXPECT_THAT(Admit(), Refused(RefusalCode::kLogUnavailable));
  unread_.clear();
  EXPECT_THAT(Admit(), IsOk());
}

// What came after the checkpoint that a plan names is not in its log.
TEST_F(TrustGateTest, AViewStaysWithTheCheckpointItWasOpenedWith) {
  const auto view = gate_->Open();
  ASSERT_THAT(view, IsOk());
  const auto evidence = (*view)->Evidence();
  EXPECT_THAT(log_->PutContents({Packed("{}")}), IsOk());
  EXPECT_THAT(log_->Append({Observed(2, "{}")}, std::nullopt), IsOk());
  EXPECT_THAT((*view)->Admit(Release(2, "{}")),
              Refused(RefusalCode::kVersionAbsent));
  EXPECT_EQ((*view)->Evidence().size, evidence.size);
  EXPECT_THAT(gate_->Admission()->Admit(Release(2, "{}")), IsOk());
}

TEST_F(TrustGateTest, FirstPolicyLetsInWhatIsLogged) {
  EXPECT_THAT(Admit(), IsOk());
  EXPECT_THAT(gate_->Admission()->AdmitRunning(Running()), IsOk());
}

TEST_F(TrustGateTest, RefusesWhatTheLogDoesNotHave) {
  EXPECT_THAT(gate_->Admission()->Admit(Release(2, kPackage)),
              Refused(RefusalCode::kVersionAbsent));
  EXPECT_THAT(gate_->Admission()->Admit(Release(1, "other bytes")),
              Refused(RefusalCode::kContentTree));
}

TEST_F(TrustGateTest, ChangeOfThePolicyCountsAtTheNextQuestion) {
  ASSERT_THAT(Admit(), IsOk());
  SetPolicy("require * evidence observed\ndeny package hello\n");
  EXPECT_THAT(Admit(), Refused(RefusalCode::kNameDenied));
  EXPECT_THAT(gate_->Admission()->AdmitRunning(Running()),
              Refused(RefusalCode::kNameDenied));
  SetPolicy("require * evidence observed\n");
  EXPECT_THAT(Admit(), IsOk());
}

TEST_F(TrustGateTest, AppliesEachDemandOfThePolicy) {
  const std::vector<std::pair<std::string, RefusalCode>> cases = {
      {"", RefusalCode::kRecordEvidence},
      {"require hello evidence sshsig\n", RefusalCode::kRecordEvidence},
      {"require * evidence observed\ndeny release hello 1\n",
       RefusalCode::kNameDenied},
      {"require * evidence observed min-age 1h import refuse\n",
       RefusalCode::kVersionYoung}};
  for (const auto& [lines, code] : cases) {
    SetPolicy(lines);
    EXPECT_THAT(Admit(), Refused(code)) << lines;
  }
}

TEST_F(TrustGateTest, WhatTheNamesBlockIsRevoked) {
  const registry::Release release = Release(1, kPackage);
  Write("names", absl::StrCat("orrery/names/v1\nblock hello 1 ",
                              ContentOf(release).tree, "\n"));
  EXPECT_THAT(Admit(), Refused(RefusalCode::kRecordRevoked));
}

TEST_F(TrustGateTest, MissingOrBrokenFileIsARefusalAndNoAbsenceOfDemands) {
  for (const char* text : {"", "policy 2\n", "policy 1\n"}) {
    Write("policy", text);
    EXPECT_THAT(Admit(), Refused(text == std::string("policy 1\n")
                                     ? RefusalCode::kLogOrigin
                                     : RefusalCode::kPolicySyntax))
        << text;
    EXPECT_FALSE(gate_->Open().ok());
  }
  ASSERT_EQ(unlink((data_dir_ + "/trust/policy").c_str()), 0);
  EXPECT_THAT(Admit(), Refused(RefusalCode::kPolicySyntax));
  SetPolicy("require * evidence observed\n");
  ASSERT_EQ(unlink((data_dir_ + "/trust/names").c_str()), 0);
  EXPECT_THAT(Admit(), Refused(RefusalCode::kTrustSyntax));
  EXPECT_THAT(gate_->Admission()->AdmitRunning(Running()),
              Refused(RefusalCode::kTrustSyntax));
}

TEST_F(TrustGateTest, RefusesAStaleCheckpointAndOneOfTheFuture) {
  now_ += absl::Hours(25);
  EXPECT_THAT(Admit(), Refused(RefusalCode::kLogStale));
  now_ -= absl::Hours(50);
  EXPECT_THAT(Admit(), Refused(RefusalCode::kLogFuture));
}

TEST_F(TrustGateTest, ReadsTheFilesThatTheRecordNames) {
  const auto trust = gate_->Open();
  ASSERT_THAT(trust, IsOk());
  const auto key = (*trust)->Find({"hello", "universe", 1, ""});
  ASSERT_THAT(key, IsOk());
  const auto release = (*trust)->Read("hello", *key);
  ASSERT_THAT(release, IsOk());
  EXPECT_EQ(release->files.at(0).bytes, kPackage);
  EXPECT_EQ(release->revision.version, "1.0");
  EXPECT_EQ((*trust)->Evidence().origin, "registry.example/main");
}

TEST_F(TrustGateTest, RefusesARecordThatIsOfAnotherPackage) {
  const std::string other = R"({"name":"other","version":"1.0"})";
  ASSERT_THAT(log_->PutContents({Packed(other)}), IsOk());
  ASSERT_THAT(log_->Append({Observed(2, other)}, std::nullopt), IsOk());
  const auto trust = gate_->Open();
  ASSERT_THAT(trust, IsOk());
  EXPECT_THAT((*trust)->Read("hello", {"universe", 2, 1}),
              Refused(RefusalCode::kContentIdentity));
}

}  // namespace
}  // namespace orrery::catalog
