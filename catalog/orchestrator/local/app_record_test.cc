#include "catalog/orchestrator/local/app_record.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

TEST(AppRecordTest, DecodesWhatWasEncoded) {
  AppRecord record;
  record.service = "kafka/eu";
  record.manifest = R"({"id":"/kafka","cpus":1.10,"env":{"A":"\n"}})";
  record.artifacts = {{"http://h/a.tgz", "ab", 5}, {"http://h/b.tgz", "cd"}};
  record.create_time = absl::FromUnixMicros(1700000000123456);
  record.ports = {{31000, 31001}, {31002, 31003}};
  record.deployed_time = absl::FromUnixMicros(1700000001000000);
  record.removing = true;

  const auto decoded = DecodeAppRecord(EncodeAppRecord(record));
  ASSERT_THAT(decoded, IsOk());
  EXPECT_EQ(decoded->service, record.service);
  EXPECT_EQ(decoded->manifest, record.manifest);
  EXPECT_EQ(decoded->artifacts, record.artifacts);
  EXPECT_EQ(decoded->create_time, record.create_time);
  EXPECT_EQ(decoded->ports, record.ports);
  EXPECT_EQ(decoded->deployed_time, record.deployed_time);
  EXPECT_TRUE(decoded->removing);
}

TEST(AppRecordTest, AppThatHasNotComeUpHasNoTime) {
  AppRecord record;
  record.service = "a";
  record.manifest = "{}";
  const auto decoded = DecodeAppRecord(EncodeAppRecord(record));
  ASSERT_THAT(decoded, IsOk());
  EXPECT_FALSE(decoded->deployed_time.has_value());
  EXPECT_FALSE(decoded->removing);
}

TEST(AppRecordTest, RefusesWhatIsNone) {
  for (const char* const text :
       {"", "{", "{}", R"({"schema":2,"service":"a","manifest":"{}"})",
        R"({"schema":1,"manifest":"{}"})", R"({"schema":1,"service":"a"})"}) {
    EXPECT_THAT(DecodeAppRecord(text), StatusIs(absl::StatusCode::kDataLoss))
        << text;
  }
}

TEST(ServiceFileNameTest, NoTwoServicesShareAName) {
  EXPECT_EQ(ServiceFileName("kafka-2"), "kafka-2");
  EXPECT_EQ(ServiceFileName("kafka/eu"), "kafka%2feu");
  EXPECT_EQ(ServiceFileName("kafka%2feu"), "kafka%252feu");
  EXPECT_EQ(ServiceFileName(".."), "%2e%2e");
}

}  // namespace
}  // namespace orrery::catalog
