// What is not observed: for its source, for its name, for its size.

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/observed_source_testing.h"
#include "signing/record/record.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using signing::Admission;
using signing::RevisionMode;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using SourceAdmissionTest = ObservedSourceTest;

TEST_F(SourceAdmissionTest, ASourceThatAdmitsNothingIsForgottenWhenItGoes) {
  Set("kafka", 0, "1.0");
  Commit();
  Add(RevisionMode::kMutable, Admission::kNone);
  ASSERT_THAT(registry_->RemoveSource("u"), IsOk());
  // Another history under the name.
  git_->SetRef("refs/heads/main",
               git_->WriteCommit(git_->WriteFiles(files_), {}));
  Add(RevisionMode::kMutable);
  ASSERT_THAT(registry_->RemoveSource("u"), IsOk());
  Add(RevisionMode::kMutable, Admission::kNone);
  EXPECT_THAT(Logged(), ElementsAre("kafka 0 1 observed withdrawn"));
}

TEST_F(SourceAdmissionTest, WithoutObservationUnsignedReleasesAreRefused) {
  Set("kafka", 0, "1.0");
  Commit();
  Add(RevisionMode::kImmutable, Admission::kSshsig);
  EXPECT_THAT(Served(), IsEmpty());
  EXPECT_THAT(RefusedRules(), ElementsAre("record.evidence"));
  EXPECT_THAT(Logged(), IsEmpty());
}

// trust.md §4: releases observed before stay what they were.
TEST_F(SourceAdmissionTest, WhatWasObservedBeforeSignaturesAreWantedStays) {
  Set("kafka", 0, "1.0");
  Set("spark", 0, "1.0");
  Commit();
  Add(RevisionMode::kMutable);
  ASSERT_THAT(registry_->RemoveSource("u"), IsOk());
  Set("spark", 0, "6.6");
  Set("zoo", 0, "1.0");
  Commit();
  Add(RevisionMode::kMutable, Admission::kSshsig);
  EXPECT_THAT(Logged(), ElementsAre("kafka 0 1 observed current",
                                    "spark 0 1 observed current"));
  EXPECT_EQ(VersionOf("kafka", 0), "1.0");
  EXPECT_EQ(VersionOf("spark", 0), "1.0");
  EXPECT_EQ(VersionOf("zoo", 0), "");
  EXPECT_THAT(RefusedRules(),
              ElementsAre("record.evidence", "record.evidence"));
  files_.erase(FileOf("kafka", 0));
  Commit();
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_THAT(Logged(), ElementsAre("kafka 0 1 observed withdrawn",
                                    "spark 0 1 observed current"));
}

TEST_F(SourceAdmissionTest, ASourceThatAdmitsNothingServesNothing) {
  Set("kafka", 0, "1.0");
  Commit();
  Add(RevisionMode::kImmutable);
  ASSERT_THAT(registry_->RemoveSource("u"), IsOk());
  Add(RevisionMode::kImmutable, Admission::kNone);
  EXPECT_THAT(Served(), IsEmpty());
  EXPECT_THAT(RefusedRules(), ElementsAre("record.evidence"));
  EXPECT_THAT(Logged(), ElementsAre("kafka 0 1 observed withdrawn"));
}

// trust.md §12.2.
TEST_F(SourceAdmissionTest, AReservedNameIsNotObservedUntilItIsOpen) {
  WriteNames("reserve acme-*\n");
  Set("acme-db", 0, "1.0");
  Set("kafka", 0, "1.0");
  Commit();
  Add(RevisionMode::kImmutable);
  EXPECT_THAT(Logged(), ElementsAre("kafka 0 1 observed current"));
  EXPECT_EQ(VersionOf("acme-db", 0), "");
  EXPECT_THAT(RefusedRules(), ElementsAre("name.reserved"));
  // A walk says so too.
  Set("acme-db", 1, "1.1");
  Commit();
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_THAT(RefusedRules(), ElementsAre("name.reserved", "name.reserved"));
  const int64_t size = Size();
  // No commit is new.
  WriteNames("reserve other-*\n");
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_THAT(Logged(), ElementsAre("acme-db 0 1 observed current",
                                    "acme-db 1 1 observed current",
                                    "kafka 0 1 observed current"));
  EXPECT_EQ(VersionOf("acme-db", 1), "1.1");
  EXPECT_THAT(RefusedRules(), IsEmpty());
  // Two releases and an index leaf.
  EXPECT_EQ(Size(), size + 3);
}

TEST_F(SourceAdmissionTest, WhatWasObservedBeforeItsNameIsReservedStays) {
  Set("kafka", 0, "1.0");
  Set("spark", 0, "1.0");
  Commit();
  Add(RevisionMode::kMutable);
  WriteNames("reserve *\n");
  Set("kafka", 0, "6.6");
  files_.erase(FileOf("spark", 0));
  Commit();
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_EQ(VersionOf("kafka", 0), "1.0");
  EXPECT_THAT(RefusedRules(), ElementsAre("name.reserved"));
  EXPECT_THAT(Logged(), ElementsAre("kafka 0 1 observed current",
                                    "spark 0 1 observed withdrawn"));
  // The same from the log alone.
  LoseIndex();
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_EQ(VersionOf("kafka", 0), "1.0");
  // A binding opens it.
  WriteNames("reserve *\nbind kafka sha256:" + std::string(64, '0') + "\n");
  Reopen();
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_EQ(VersionOf("kafka", 0), "6.6");
  EXPECT_THAT(Logged(), ElementsAre("kafka 0 1 observed superseded",
                                    "kafka 0 2 observed current",
                                    "spark 0 1 observed withdrawn"));
}

TEST_F(SourceAdmissionTest, NamesThatCannotBeReadLetNothingNewIn) {
  Set("kafka", 0, "1.0");
  Commit();
  Add(RevisionMode::kMutable);
  WriteNames("reserve\n");
  Set("kafka", 1, "1.1");
  Commit();
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_EQ(VersionOf("kafka", 0), "1.0");
  EXPECT_EQ(VersionOf("kafka", 1), "");
  EXPECT_THAT(RefusedRules(), ElementsAre("trust.syntax"));
  WriteNames("");
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_EQ(VersionOf("kafka", 1), "1.1");
  EXPECT_THAT(RefusedRules(), IsEmpty());
}

TEST_F(SourceAdmissionTest, AReleaseWhoseRecordWouldBeTooLongIsRefused) {
  Set("kafka", 0, "1.0");
  Set("kafka", 1, "1.0");
  for (int i = 0; i < 200; ++i) {
    files_[absl::StrCat("repo/packages/K/kafka/0/", std::string(100, 'f'), i)] =
        {"x"};
  }
  Commit();
  Add(RevisionMode::kMutable);
  EXPECT_THAT(Logged(), ElementsAre("kafka 1 1 observed current"));
  EXPECT_THAT(RefusedRules(), ElementsAre("content.size"));
}

}  // namespace
}  // namespace orrery::registry
