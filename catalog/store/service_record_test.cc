#include "catalog/store/service_record.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using ::testing::ElementsAre;

TEST(ServiceRecordTest, StoredRecordReadsBackWhole) {
  ServiceRecord record;
  record.name = "greeter";
  record.cluster = "local";
  record.package = "greeter";
  record.release = 100;
  record.version = "1.1.0";
  record.source = "example";
  record.source_url = "file:///srv/example";
  record.options = R"({"a":1.50})";
  record.secrets = {"/db/login"};
  record.manifest = R"({"id":"/greeter"})";
  record.added_for = {"kafka", "kafka@eu"};
  record.instances = 2;
  record.established = true;
  record.operation = "3f2c";
  record.create_time = absl::FromUnixMicros(1234567);
  const std::string text = WriteServiceRecord(record);
  const auto read = ReadServiceRecord(text);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(WriteServiceRecord(*read), text);
  EXPECT_EQ(read->options, R"({"a":1.50})");
  EXPECT_EQ(read->create_time, absl::FromUnixMicros(1234567));
  EXPECT_TRUE(read->established);
  EXPECT_EQ(read->added_for, record.added_for);
  EXPECT_EQ(read->secrets, record.secrets);
}

TEST(ServiceRecordTest, NamesThatEveryTargetCarriesAreAccepted) {
  for (const std::string& name :
       {std::string("kafka"), std::string("kafka-2"), std::string("0"),
        std::string(63, 'a'), std::string("kafka/eu"),
        std::string(63, 'a') + "/" + std::string(63, 'b')}) {
    EXPECT_THAT(CheckServiceName(name), IsOk()) << name;
  }
}

TEST(ServiceRecordTest, OtherNamesAreRefused) {
  for (const std::string& name :
       {std::string(), std::string("Kafka"), std::string("-a"),
        std::string("a-"), std::string("a.b"), std::string("a b"),
        std::string(".."), std::string(64, 'a'), std::string("/"),
        std::string("/a"), std::string("a/"), std::string("a//b"),
        std::string("a/-b"), std::string("a/.."), std::string("A/b"),
        std::string("a/b/") + std::string(63, 'c') + "/" +
            std::string(61, 'd')}) {
    EXPECT_THAT(CheckServiceName(name),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << name;
  }
}

ServiceRecord Running(int64_t release, const std::string& options = "{}") {
  ServiceRecord record;
  record.release = release;
  record.version = std::to_string(release);
  record.source = "universe";
  record.options = options;
  return record;
}

TEST(NoteGenerationTest, WhatWasBeforeIsKeptLatestLast) {
  ServiceRecord second = Running(2);
  NoteGeneration(Running(1), &second);
  ServiceRecord third = Running(2, R"({"mem":64})");
  NoteGeneration(second, &third);
  ASSERT_EQ(third.earlier.size(), 2U);
  EXPECT_EQ(third.earlier[0].release, 1);
  EXPECT_EQ(third.earlier[1].release, 2);
  EXPECT_EQ(third.earlier[1].options, "{}");
}

TEST(NoteGenerationTest, GoingBackTakesItFromTheList) {
  ServiceRecord second = Running(2);
  NoteGeneration(Running(1), &second);
  ServiceRecord back = Running(1);
  NoteGeneration(second, &back);
  EXPECT_TRUE(back.earlier.empty());
}

TEST(NoteGenerationTest, AnotherContentOfTheReleaseIsAnotherGeneration) {
  ServiceRecord first = Running(1);
  first.tree = "h1:a";
  ServiceRecord edited = Running(1);
  edited.tree = "h1:b";
  NoteGeneration(first, &edited);
  ASSERT_EQ(edited.earlier.size(), 1U);
  EXPECT_EQ(edited.earlier[0].tree, "h1:a");
}

TEST(NoteGenerationTest, AnUnknownContentIsThatOfTheRelease) {
  ServiceRecord logged = Running(1);
  logged.tree = "h1:a";
  NoteGeneration(Running(1), &logged);
  EXPECT_TRUE(logged.earlier.empty());
  ServiceRecord second = Running(2);
  NoteGeneration(Running(1), &second);
  NoteGeneration(second, &logged);
  EXPECT_TRUE(logged.earlier.empty());
}

TEST(NoteGenerationTest, BeingToldOtherThingsByOthersIsNone) {
  ServiceRecord told = Running(1);
  told.computed = R"({"url":"elsewhere"})";
  NoteGeneration(Running(1), &told);
  EXPECT_TRUE(told.earlier.empty());
}

TEST(NoteGenerationTest, TheOldestIsForgottenAfterThree) {
  ServiceRecord record = Running(1);
  for (int64_t release = 2; release <= 5; ++release) {
    ServiceRecord next = Running(release);
    NoteGeneration(record, &next);
    record = next;
  }
  ASSERT_EQ(record.earlier.size(), 3U);
  EXPECT_EQ(record.earlier[0].release, 2);
}

FailedRelease Failed(int64_t release, const std::string& message) {
  return {release, "h1:x", "universe", absl::FromUnixSeconds(1), message};
}

TEST(NoteFailureTest, TheLastThreeAreKeptEachOnce) {
  ServiceRecord record = Running(1);
  for (int64_t release : {2, 3, 2, 4, 5}) {
    NoteFailure(Failed(release, "no disk"), &record);
  }
  NoteFailure(Failed(4, "no memory"), &record);
  EXPECT_THAT(record.failed,
              ElementsAre(Failed(2, "no disk"), Failed(5, "no disk"),
                          Failed(4, "no memory")));
  const auto read = ReadServiceRecord(WriteServiceRecord(record));
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->failed, record.failed);
}

TEST(NoteFailureTest, WhatRunsIsForgotten) {
  ServiceRecord record = Running(2);
  for (int64_t release : {2, 3}) {
    NoteFailure(Failed(release, "no disk"), &record);
  }
  ForgetFailure(&record);
  EXPECT_EQ(record.failed.size(), 2U);
  record.tree = "h1:x";
  ForgetFailure(&record);
  EXPECT_THAT(record.failed, ElementsAre(Failed(3, "no disk")));
}

TEST(ServiceRecordTest, EarlierGenerationsAreStored) {
  ServiceRecord record = Running(2);
  record.earlier = {{1, "1.0", "h1:x", "universe", R"({"a":1})", {"tls"}}};
  const auto read = ReadServiceRecord(WriteServiceRecord(record));
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->earlier, record.earlier);
}

}  // namespace
}  // namespace orrery::catalog
