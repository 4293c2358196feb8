#include "registry/index/entry_rows.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/index/content_rows.h"
#include "registry/index/index_schema.h"
#include "registry/index/index_testing.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

SourceVersion Version(int64_t version, int64_t source = 1) {
  return {source, version, "u", "repo/packages"};
}

class EntryRowsTest : public ::testing::Test {
 protected:
  void Put(int64_t version, const IndexEntry& entry) {
    ASSERT_THAT(PutContent(*database_, PackForTest(entry.release->version)),
                IsOk());
    ASSERT_THAT(PutEntry(*database_, Version(version), entry), IsOk());
  }
  // "1/1.0" of each release of kafka.
  std::vector<std::string> Kafka(int64_t version) {
    std::vector<std::string> found;
    const auto entries = ReadPackage(*database_, Version(version), "kafka");
    EXPECT_THAT(entries, IsOk());
    for (const IndexEntry& entry : *entries) {
      found.push_back(
          absl::StrCat(entry.release->release, "/", entry.release->version));
    }
    return found;
  }
  absl::StatusCode Stored(const std::string& bytes) {
    return ReadContent(*database_, signing::Digest::Of(bytes)).status().code();
  }

  std::unique_ptr<SqliteDatabase> database_ =
      *SqliteDatabase::Open(":memory:", IndexMigrations());
};

TEST_F(EntryRowsTest, EachVersionSeesItsOwn) {
  Put(1, ServedForTest("kafka", 1, "1.0"));
  Put(1, ServedForTest("kafka", 2, "2.0"));
  Put(2, ServedForTest("kafka", 1, "1.0.1"));
  Put(3, ServedForTest("kafka", 10, "10.0"));
  ASSERT_THAT(EndEntry(*database_, Version(3), "repo/packages/K/kafka/2"),
              IsOk());
  EXPECT_THAT(Kafka(0), IsEmpty());
  EXPECT_THAT(Kafka(1), ElementsAre("2/2.0", "1/1.0"));
  EXPECT_THAT(Kafka(2), ElementsAre("2/2.0", "1/1.0.1"));
  EXPECT_THAT(Kafka(3), ElementsAre("10/10.0", "1/1.0.1"));
}

TEST_F(EntryRowsTest, PackageIsReadWithoutItsNeighbours) {
  Put(1, ServedForTest("kafka", 1, "1.0"));
  Put(1, ServedForTest("kafka-b", 1, "2.0"));
  Put(1, ServedForTest("kafka2", 1, "3.0"));
  IndexEntry refused = ServedForTest("kafka", 2, "4.0");
  refused.verdict = Verdict::kRefused;
  Put(1, refused);
  EXPECT_THAT(Kafka(1), ElementsAre("1/1.0"));
  EXPECT_THAT(ReadPackage(*database_, Version(1, /*source=*/2), "kafka"),
              IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(ReadPackage(*database_, Version(1), "kafka/1/../kafka"),
              IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(ReadPackageNames(*database_, Version(1)),
              IsOkAndHolds(ElementsAre("kafka", "kafka-b", "kafka2")));
}

TEST_F(EntryRowsTest, RefusedOnesAreReadUpToALimit) {
  for (int i = 0; i < 3; ++i) {
    IndexEntry entry = ServedForTest("kafka", i, "1.0");
    auto release = std::make_shared<Release>(*entry.release);
    Finding finding;
    finding.rule = "limits";
    finding.refuses = true;
    finding.path = release->directory;
    release->findings = {finding, Finding()};
    entry.verdict = Verdict::kRefused;
    entry.release = release;
    Put(1, entry);
  }
  EXPECT_THAT(ReadRefused(*database_, Version(1), 10), IsOkAndHolds(SizeIs(3)));
  const auto two = ReadRefused(*database_, Version(1), 2);
  ASSERT_THAT(two, IsOkAndHolds(SizeIs(2)));
  EXPECT_EQ((*two)[1].path, "repo/packages/K/kafka/1");
}

TEST_F(EntryRowsTest, UndoneVersionLeavesNothingBehind) {
  Put(1, ServedForTest("kafka", 1, "1.0"));
  Put(2, ServedForTest("kafka", 1, "1.0.1"));
  Put(2, ServedForTest("kafka", 2, "2.0"));
  ASSERT_THAT(DropLaterEntries(*database_, Version(1)), IsOk());
  EXPECT_THAT(Kafka(2), ElementsAre("1/1.0"));
  EXPECT_EQ(Stored("1.0"), absl::StatusCode::kOk);
  EXPECT_EQ(Stored("1.0.1"), absl::StatusCode::kNotFound);
  EXPECT_EQ(Stored("2.0"), absl::StatusCode::kNotFound);
}

TEST_F(EntryRowsTest, ContentsGoWithTheLastEntryThatHasThem) {
  Put(1, ServedForTest("kafka", 1, "1.0"));
  Put(1, ServedForTest("spark", 1, "1.0"));
  Put(2, ServedForTest("kafka", 1, "1.0.1"));
  ASSERT_THAT(DropEndedEntries(*database_, Version(1), 10), IsOk());
  EXPECT_THAT(Kafka(1), ElementsAre("1/1.0"));
  ASSERT_THAT(DropEndedEntries(*database_, Version(2), 10), IsOk());
  EXPECT_THAT(Kafka(1), IsEmpty());
  EXPECT_EQ(Stored("1.0"), absl::StatusCode::kOk);
  ASSERT_THAT(EndEntry(*database_, Version(3), "repo/packages/S/spark/1"),
              IsOk());
  ASSERT_THAT(DropEndedEntries(*database_, Version(3), 10), IsOk());
  EXPECT_EQ(Stored("1.0"), absl::StatusCode::kNotFound);
  EXPECT_EQ(Stored("1.0.1"), absl::StatusCode::kOk);
}

TEST_F(EntryRowsTest, EntryPutTwiceInAVersionKeepsItsContents) {
  Put(1, ServedForTest("kafka", 1, "1.0"));
  ASSERT_THAT(
      PutEntry(*database_, Version(1), ServedForTest("kafka", 1, "1.0")),
      IsOk());
  EXPECT_THAT(Kafka(1), ElementsAre("1/1.0"));
  EXPECT_EQ(Stored("1.0"), absl::StatusCode::kOk);
  EXPECT_THAT(DropAllEntries(*database_, 1, 10), IsOkAndHolds(true));
  EXPECT_EQ(Stored("1.0"), absl::StatusCode::kNotFound);
}

TEST_F(EntryRowsTest, DamagedContentIsDataLoss) {
  PackedContent wrong = PackForTest("one");
  wrong.packed = PackForTest("two").packed;
  ASSERT_THAT(PutContent(*database_, wrong), IsOk());
  EXPECT_EQ(Stored("one"), absl::StatusCode::kDataLoss);
  PackedContent cut = PackForTest("three");
  cut.packed.resize(4);
  ASSERT_THAT(PutContent(*database_, cut), IsOk());
  EXPECT_EQ(Stored("three"), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace orrery::registry
