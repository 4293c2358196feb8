#include "signing/replay/statement_judge.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/refusal_matchers.h"
#include "signing/replay/log_testing.h"
#include "signing/ssh/armor.h"
#include "signing/ssh/ssh_signing.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::signing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kPackage[] = "kafka";

std::vector<SignatureFile> Files(const Record& record,
                                 const std::vector<std::string>& names) {
  std::vector<SignatureFile> files;
  for (const std::string& name : names) {
    files.push_back({absl::StrCat(name, ".sig"),
                     WriteArmor(PrintSignature(SignatureBy(name, record)))});
  }
  return files;
}

class StatementJudgeTest : public ::testing::Test {
 protected:
  StatementJudgeTest() {
    EXPECT_THAT(log_.Append(log_.Source("universe")), IsOk());
  }

  PublishedStatement Published(const Record& record,
                               const std::vector<std::string>& names,
                               const std::string& source = "universe") {
    return {source, kPackage, record.seq, PrintRecord(record),
            Files(record, names)};
  }
  JudgedStatement Judge(const Record& record,
                        const std::vector<std::string>& names) {
    return JudgeStatement(log_.state(), Published(record, names));
  }
  // As keyset 1, by Alice.
  void AppendKeyset(RevisionMode mode = RevisionMode::kMutable) {
    ASSERT_THAT(log_.Append(log_.Keyset(kPackage, "universe", mode)), IsOk());
  }

  TestLog log_;
};

TEST_F(StatementJudgeTest, AcceptsAFirstKeysetThatTheLogThenTakes) {
  const Record keyset = log_.Keyset(kPackage, "universe");
  const JudgedStatement judged = Judge(keyset, {"alice"});
  ASSERT_THAT(judged.status, IsOk());
  EXPECT_THAT(judged.principals, ElementsAre("alice@example.org"));
  EXPECT_EQ(judged.leaf, TestLog::LeafOf(keyset));
  EXPECT_THAT(log_.AppendBytes(judged.leaf), IsOk());
}

TEST_F(StatementJudgeTest, AcceptsReleaseAndYankByTheKeysetInForce) {
  AppendKeyset();
  JudgedStatement judged =
      Judge(log_.Release(kPackage, 57, 1, "bytes"), {"alice"});
  ASSERT_THAT(judged.status, IsOk());
  ASSERT_THAT(log_.AppendBytes(judged.leaf), IsOk());
  judged = Judge(log_.Yank(kPackage, 57), {"alice"});
  EXPECT_THAT(judged.status, IsOk());
  EXPECT_EQ(judged.record.kind, RecordKind::kYank);
}

TEST_F(StatementJudgeTest, WaitsForSignatures) {
  const Record keyset = log_.Keyset(kPackage, "universe");
  JudgedStatement judged = Judge(keyset, {});
  EXPECT_THAT(judged.status, Refused(RefusalCode::kRecordThreshold));
  EXPECT_TRUE(judged.is_pending);
  judged = Judge(keyset, {"bob"});
  EXPECT_THAT(judged.status, Refused(RefusalCode::kRecordKeyset));
  EXPECT_TRUE(judged.is_pending);
  AppendKeyset();
  judged = Judge(log_.Release(kPackage, 57, 1, "bytes"), {"bob"});
  EXPECT_THAT(judged.status, Refused(RefusalCode::kRecordThreshold));
  EXPECT_TRUE(judged.is_pending);
  EXPECT_EQ(judged.leaf, "");
}

TEST_F(StatementJudgeTest, DropsSignaturesByStrangersAndCopies) {
  AppendKeyset();
  const Record release = log_.Release(kPackage, 57, 1, "bytes");
  const JudgedStatement judged = Judge(release, {"mallory", "alice", "alice"});
  ASSERT_THAT(judged.status, IsOk());
  EXPECT_EQ(judged.leaf, TestLog::LeafOf(release, {"alice"}));
}

TEST_F(StatementJudgeTest, TakesSignatureFilesAsSshKeygenWritesThem) {
  AppendKeyset();
  const Record release = log_.Release(kPackage, 57, 1, "bytes");
  PublishedStatement published = Published(release, {"alice"});
  std::string& armor = published.signatures[0].bytes;
  armor.pop_back();
  EXPECT_THAT(JudgeStatement(log_.state(), published).status, IsOk());
  armor = absl::StrCat(armor, "\ntext\n");
  const JudgedStatement judged = JudgeStatement(log_.state(), published);
  EXPECT_THAT(judged.status, Refused(RefusalCode::kRecordSyntax));
  EXPECT_EQ(RefusalOf(judged.status)->place.file, "alice.sig");
  EXPECT_FALSE(judged.is_pending);
}

TEST_F(StatementJudgeTest, RefusesANinthSignatureFile) {
  AppendKeyset();
  EXPECT_THAT(Judge(log_.Release(kPackage, 57, 1, "bytes"),
                    {"alice", "k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8"})
                  .status,
              Refused(RefusalCode::kRecordSyntax));
}

TEST_F(StatementJudgeTest, RefusesWrongSignaturesAndNamespaces) {
  AppendKeyset();
  const Record release = log_.Release(kPackage, 57, 1, "bytes");
  PublishedStatement published = Published(release, {});
  const auto sign = [&](absl::string_view name_space,
                        absl::string_view message) {
    published.signatures = {
        {"a.sig", WriteArmor(PrintSignature(
                      *SignSsh(TestKey("alice"), name_space, message)))}};
    return JudgeStatement(log_.state(), published).status;
  };
  EXPECT_THAT(sign("release@orrery", published.statement), IsOk());
  EXPECT_THAT(sign("git", published.statement),
              Refused(RefusalCode::kRecordNamespace));
  EXPECT_THAT(sign("release@orrery", "another"),
              Refused(RefusalCode::kRecordSignature));
}

// A statement is taken for what it says before anybody signs it.
TEST_F(StatementJudgeTest, SaysWhatIsWrongBeforeWhatIsMissing) {
  AppendKeyset();
  Record release = log_.Release(kPackage, 57, 1, "bytes");
  release.prev = Digest();
  EXPECT_THAT(Judge(release, {}).status, Refused(RefusalCode::kRecordChain));
  release = log_.Release(kPackage, 57, 1, "bytes");
  std::get<ReleaseRecord>(release.body).keyset.number = 2;
  EXPECT_THAT(Judge(release, {}).status, Refused(RefusalCode::kRecordKeyset));
  EXPECT_FALSE(Judge(release, {}).is_pending);
  release = log_.Release(kPackage, 57, 2, "bytes");
  EXPECT_THAT(Judge(release, {}).status, Refused(RefusalCode::kRecordRevision));
  release = log_.Release(kPackage, 57, 1, "bytes");
  release.logs = {"other.example/x"};
  EXPECT_THAT(Judge(release, {}).status, Refused(RefusalCode::kRecordOrigin));
}

TEST_F(StatementJudgeTest, RefusesAStatementInAnothersPlace) {
  AppendKeyset();
  const Record release = log_.Release(kPackage, 57, 1, "bytes");
  PublishedStatement published = Published(release, {"alice"});
  published.seq = 3;
  EXPECT_THAT(JudgeStatement(log_.state(), published).status,
              Refused(RefusalCode::kRecordChain));
  published = Published(release, {"alice"});
  published.package = "spark";
  EXPECT_THAT(JudgeStatement(log_.state(), published).status,
              Refused(RefusalCode::kRecordChain));
}

TEST_F(StatementJudgeTest, RefusesRecordsThatOnlyRegistriesMake) {
  for (const Record& record :
       {log_.Claim(kPackage), log_.Observed("universe", kPackage, 1, 1, "x"),
        log_.Distrust(kPackage)}) {
    EXPECT_THAT(Judge(record, {"alice"}).status,
                Refused(RefusalCode::kRecordSyntax));
  }
}

TEST_F(StatementJudgeTest, RefusesGates) {
  Record keyset = log_.Keyset(kPackage, "universe");
  std::get<KeysetRecord>(keyset.body).gate = CommitGate::kAll;
  EXPECT_THAT(Judge(keyset, {"alice"}).status, Refused(RefusalCode::kGitGate));
}

TEST_F(StatementJudgeTest, PrintsTheRepoLineThatWouldPass) {
  const Record keyset = log_.Keyset(kPackage, "elsewhere");
  const JudgedStatement judged = Judge(keyset, {"alice"});
  EXPECT_THAT(judged.status, Refused(RefusalCode::kGitUnauthorised));
  EXPECT_THAT(
      judged.status.message(),
      HasSubstr("repo https://git.example/universe.git refs/heads/main"));
}

TEST_F(StatementJudgeTest, ASourceThatIsNotHomeCanHaveNoChain) {
  ASSERT_THAT(log_.Append(log_.Source("second")), IsOk());
  AppendKeyset();
  const Record release = log_.Release(kPackage, 57, 1, "bytes");
  EXPECT_THAT(
      JudgeStatement(log_.state(), Published(release, {"alice"}, "second"))
          .status,
      Refused(RefusalCode::kGitSource));
  // Its own first statement, too.
  Record other = log_.Keyset(kPackage, "second");
  other.seq = 1;
  EXPECT_THAT(
      JudgeStatement(log_.state(), Published(other, {"alice"}, "second"))
          .status,
      Refused(RefusalCode::kGitSource));
}

TEST_F(StatementJudgeTest, AFirstKeysetGoesToTheBetterOfItsSources) {
  Record better = log_.Source("better");
  std::get<SourceRecord>(better.body).priority = 1;
  ASSERT_THAT(log_.Append(better), IsOk());
  Record keyset = log_.Keyset(kPackage, "universe");
  auto& repositories = std::get<KeysetRecord>(keyset.body).repositories;
  repositories.insert(repositories.begin(),
                      {"https://git.example/better.git", "refs/heads/main"});
  EXPECT_THAT(Judge(keyset, {"alice"}).status,
              Refused(RefusalCode::kGitSource));
  EXPECT_THAT(
      JudgeStatement(log_.state(), Published(keyset, {"alice"}, "better"))
          .status,
      IsOk());
}

TEST_F(StatementJudgeTest, TheStricterModeCounts) {
  ASSERT_THAT(log_.Append(log_.Source("universe", RevisionMode::kImmutable)),
              IsOk());
  AppendKeyset(RevisionMode::kMutable);
  ASSERT_THAT(log_.Append(log_.Release(kPackage, 57, 1, "bytes")), IsOk());
  EXPECT_THAT(Judge(log_.Release(kPackage, 57, 2, "other"), {"alice"}).status,
              Refused(RefusalCode::kRecordRevision));
}

TEST_F(StatementJudgeTest, AnObservedRevisionMayBeEndorsed) {
  ASSERT_THAT(log_.Append(log_.Observed("universe", kPackage, 57, 1, "a")),
              IsOk());
  ASSERT_THAT(log_.Append(log_.Observed("universe", kPackage, 57, 2, "b")),
              IsOk());
  ASSERT_THAT(log_.Append(log_.Source("universe", RevisionMode::kImmutable)),
              IsOk());
  AppendKeyset(RevisionMode::kImmutable);
  EXPECT_THAT(Judge(log_.Release(kPackage, 57, 2, "b"), {"alice"}).status,
              IsOk());
  EXPECT_THAT(Judge(log_.Release(kPackage, 57, 2, "c"), {"alice"}).status,
              Refused(RefusalCode::kRecordFork));
}

}  // namespace
}  // namespace orrery::signing
