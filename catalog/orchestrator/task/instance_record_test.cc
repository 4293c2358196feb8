#include "catalog/orchestrator/task/instance_record.h"

#include <string>

#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

TEST(InstanceRecordTest, DecodesWhatWasEncoded) {
  InstanceRecord record;
  record.id = "echod.instance-1";
  record.task_id = "echod.instance-1._app.1";
  record.service = "echod";
  record.app_id = "/echod";
  record.slot = 2;
  record.ports = {31000, 31001};
  record.boot_id = "b";
  record.launch_time = absl::FromUnixMicros(1700000000123456);
  record.environment_digest = "ab";
  record.cgroup = "/sys/fs/cgroup/x";
  EXPECT_THAT(DecodeInstanceRecord(EncodeInstanceRecord(record)),
              IsOkAndHolds(record));
}

TEST(InstanceRecordTest, RefusesWhatIsNone) {
  for (const char* const text :
       {"", "{", "[]", "{}", R"({"schema":1,"id":"a"})",
        R"({"schema":2,"id":"a","service":"s","slot":0})",
        R"({"schema":1,"id":"a","service":"s","slot":-1})"}) {
    EXPECT_THAT(DecodeInstanceRecord(text),
                StatusIs(absl::StatusCode::kDataLoss))
        << text;
  }
}

TEST(IdentityRecordTest, ReadsWhatTheShimWrites) {
  const auto record = DecodeIdentityRecord(
      R"({"pid":42,"start_time":18446744,"boot_id":"b","time_us":5})");
  ASSERT_THAT(record, IsOk());
  EXPECT_EQ(record->identity, (ProcessIdentity{42, 18446744, "b"}));
  EXPECT_EQ(record->time, absl::FromUnixMicros(5));
  EXPECT_THAT(DecodeIdentityRecord(R"({"pid":0,"boot_id":"b"})"),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST(ExitRecordTest, ReadsWhatTheShimWrites) {
  const auto exit = DecodeExitRecord(
      R"({"started":true,"code":null,"signal":9,"out_of_memory":true,)"
      R"("error":"","time_us":7})");
  ASSERT_THAT(exit, IsOk());
  EXPECT_TRUE(exit->started);
  EXPECT_FALSE(exit->code.has_value());
  EXPECT_EQ(exit->signal, 9);
  EXPECT_TRUE(exit->out_of_memory);
}

TEST(InspectInstanceTest, EmptyFolderNeverStarted) {
  const InstanceInspection found =
      InspectInstance(::testing::TempDir() + "/absent", "b");
  EXPECT_EQ(found.condition, InstanceCondition::kNeverStarted);
  EXPECT_FALSE(found.record.has_value());
}

}  // namespace
}  // namespace orrery::catalog
