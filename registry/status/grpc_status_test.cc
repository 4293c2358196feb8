#include "registry/status/grpc_status.h"

#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/status/error_details.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(GrpcStatusTest, ReasonAndMetadataSurviveTheWire) {
  const absl::Status status =
      WithReason(absl::NotFoundError("no package \"kafak\""), "NO_PACKAGE",
                 {{kDidYouMean, "kafka"}});
  const grpc::Status wire = ToGrpcStatus(status);
  EXPECT_EQ(wire.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(wire.error_message(), "no package \"kafak\"");

  const absl::Status back = FromGrpcStatus(wire);
  EXPECT_THAT(back, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(ReasonOf(back).reason, "NO_PACKAGE");
  EXPECT_THAT(ReasonOf(back).metadata, ElementsAre(Pair(kDidYouMean, "kafka")));
}

TEST(GrpcStatusTest, DetailsNameTheTypeThatClientsKnow) {
  const grpc::Status wire =
      ToGrpcStatus(WithReason(absl::AbortedError("x"), "X"));
  EXPECT_THAT(wire.error_details(),
              ::testing::HasSubstr("type.googleapis.com/google.rpc.ErrorInfo"));
}

TEST(GrpcStatusTest, StatusWithoutReasonHasNoDetails) {
  EXPECT_EQ(ToGrpcStatus(absl::InternalError("bug")).error_details(), "");
  EXPECT_EQ(ReasonOf(absl::InternalError("bug")).reason, "");
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok());
  EXPECT_THAT(WithReason(absl::OkStatus(), "X"), IsOk());
}

TEST(GrpcStatusTest, EmptyMetadataIsLeftOut) {
  const absl::Status status = WithReason(absl::NotFoundError("no"), "NOT_THERE",
                                         {{"name", "x"}, {kDidYouMean, ""}});
  EXPECT_EQ(ReasonOf(status).metadata, (ErrorMetadata{{"name", "x"}}));
}

TEST(GrpcStatusTest, FieldFaultsSurviveTheWayThereAndBack) {
  const absl::Status status = WithFieldFaults(
      WithReason(absl::FailedPreconditionError("1 fault"), "OPTIONS_INVALID"),
      {{"/service/mem", "found 128", "128", "an integer >= 256", "", ""}});
  const absl::Status back = FromGrpcStatus(ToGrpcStatus(status));
  EXPECT_EQ(ReasonOf(back).reason, "OPTIONS_INVALID");
  const std::vector<FieldFault> faults = FieldFaultsOf(back);
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].pointer, "/service/mem");
  EXPECT_EQ(faults[0].wanted, "an integer >= 256");
  EXPECT_EQ(faults[0].fix, "");
}

}  // namespace
}  // namespace orrery::registry
