#include "catalog/store/operation.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/status/error_details.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using ::testing::ElementsAre;

Operation FailedInstall() {
  Operation operation;
  operation.name = "3f2c";
  operation.state = OperationState::kFailed;
  operation.cluster = "local";
  operation.service = "greeter";
  operation.plan = MakePlan({}, {"a warning"});
  operation.waiting_for = {"instance 0: first health check"};
  operation.error = registry::WithReason(absl::DataLossError("another digest"),
                                         "ARTIFACT_DIGEST");
  operation.create_time = absl::FromUnixMicros(1234567);
  operation.end_time = absl::FromUnixMicros(2345678);
  return operation;
}

TEST(OperationTest, StoredOperationReadsBackWithItsReason) {
  const auto read = ReadOperation(WriteOperation(FailedInstall()));
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->state, OperationState::kFailed);
  EXPECT_EQ(read->error.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(registry::ReasonOf(read->error).reason, "ARTIFACT_DIGEST");
  EXPECT_EQ(read->create_time, absl::FromUnixMicros(1234567));
  EXPECT_EQ(read->end_time, absl::FromUnixMicros(2345678));
  EXPECT_THAT(read->waiting_for, ElementsAre("instance 0: first health check"));
  EXPECT_FALSE(read->receipt.has_value());
}

TEST(OperationTest, ReceiptIsKept) {
  Operation operation = FailedInstall();
  operation.kind = OperationKind::kUninstall;
  operation.receipt =
      RemovalReceipt{{{"task", "t1"}}, {{"volume", "/v", "rm -r /v"}}};
  const auto read = ReadOperation(WriteOperation(operation));
  ASSERT_THAT(read, IsOk());
  ASSERT_TRUE(read->receipt.has_value());
  EXPECT_EQ(read->receipt->removed[0].path, "t1");
  EXPECT_EQ(read->receipt->kept[0].remove_command, "rm -r /v");
}

TEST(OperationTest, UnknownStateIsDataLoss) {
  std::string text = WriteOperation(FailedInstall());
  text.replace(text.find("\"failed\""), 8, "\"asleep\"");
  EXPECT_THAT(ReadOperation(text), StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace orrery::catalog
