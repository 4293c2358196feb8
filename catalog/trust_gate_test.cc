#include "catalog/trust_gate.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/durable_file.h"
#include "registry/git/source.h"
#include "registry/judge/content_packer.h"
#include "registry/log/registry_log.h"
#include "registry/log/trust_files.h"
#include "signing/digest.h"
#include "signing/record.h"
#include "signing/refusal.h"
#include "signing/refusal_matchers.h"
#include "signing/tree_hash.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using registry::RegistryLog;
using signing::RefusalCode;
using signing::Refused;
using ::testing::HasSubstr;

constexpr char kCommit[] = "8f1d4cf0a1a5b0e3c7d2f69b54e0a7713c9e2b68";
constexpr char kPackage[] = R"({"name":"hello","version":"1.0"})";

// What `DIR/trust/policy` says at first, without its last line.
constexpr char kPolicyHead[] =
    "policy 1\nregistry local http://127.0.0.1:7070\n"
    "  tlog-policy tlog-policy\n  names-file names\n  witnesses timestamper\n"
    "names local *\n";

signing::Record Observed(int64_t release, const std::string& package_json) {
  signing::ObservedRecord body;
  body.sighting.source = "universe";
  body.sighting.state = std::string(kCommit);
  body.content.release = release;
  body.content.revision = 1;
  body.content.version = "1.0";
  const signing::Digest digest = signing::Digest::Of(package_json);
  const signing::TreeHash::File files[] = {{"package.json", digest}};
  body.content.tree = signing::TreeHash::Of("hello", release, files);
  body.content.files = {
      {digest, static_cast<int64_t>(package_json.size()), "package.json"}};
  signing::Record record;
  record.kind = signing::RecordKind::kObserved;
  record.package = "hello";
  record.body = body;
  return record;
}

registry::PackedContent Packed(const std::string& bytes) {
  return {signing::Digest::Of(bytes), bytes.size(),
          registry::ContentPacker().Pack(bytes)};
}

registry::Release Release(int64_t number, const std::string& package_json) {
  registry::Release release;
  release.name = "hello";
  release.release = number;
  release.version = "1.0";
  release.source = "universe";
  release.files = {{"package.json", 0100644, package_json.size(),
                    signing::Digest::Of(package_json)}};
  return release;
}

class TrustGateTest : public ::testing::Test {
 protected:
  TrustGateTest()
      : data_dir_(absl::StrCat(
            ::testing::TempDir(), "/gate_",
            ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    EXPECT_THAT(registry::RemoveTree(data_dir_), IsOk());
    EXPECT_THAT(registry::MakeDirectory(data_dir_, 0700), IsOk());
    log_ = *RegistryLog::Open({.data_dir = data_dir_,
                               .origin = "registry.example/main",
                               .durable = false,
                               .now = [this] { return now_; }});
    signing::SourceRecord source;
    source.id = "universe";
    signing::GitOrigin origin;
    origin.repository = {"https://git.example/u.git", "refs/heads/main"};
    origin.directory = ".";
    source.origin = origin;
    source.priority = 100;
    EXPECT_THAT(log_->LogSource(source), IsOk());
    EXPECT_THAT(log_->PutContents({Packed(kPackage)}), IsOk());
    EXPECT_THAT(log_->Append({Observed(1, kPackage)},
                             registry::ReadMark{"universe", kCommit}),
                IsOk());
    EXPECT_THAT(registry::WriteTrustFiles(data_dir_, log_->keys(),
                                          "http://127.0.0.1:7070"),
                IsOk());
    gate_ = std::make_unique<TrustGate>(
        log_.get(),
        TrustGate::Options{.data_dir = data_dir_,
                           .version = "0.1.0",
                           .now = [this] { return now_; },
                           .unread_sources = [this] { return unread_; }});
  }

  void Write(const std::string& name, const std::string& text) {
    ASSERT_THAT(
        registry::WriteWhole(absl::StrCat(data_dir_, "/trust/", name), text),
        IsOk());
  }
  void SetPolicy(const std::string& lines) {
    Write("policy", absl::StrCat(kPolicyHead, lines));
  }

  static ServiceRecord Running() {
    ServiceRecord record;
    record.name = record.package = "hello";
    record.source = "universe";
    record.release = 1;
    return record;
  }

  absl::Status Admit() {
    return gate_->Admission()->Admit(Release(1, kPackage));
  }

  const std::string data_dir_;
  absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  std::unique_ptr<RegistryLog> log_;
  std::unique_ptr<TrustGate> gate_;
  std::vector<registry::Source> unread_;
};

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
