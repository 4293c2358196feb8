#include "server/http/problem.h"

#include "gtest/gtest.h"

#include "registry/status/error_details.h"
#include "registry/status/grpc_status.h"

namespace orrery::server {
namespace {

TEST(ProblemTest, EachCodeHasItsStatus) {
  const std::pair<absl::StatusCode, int> cases[] = {
      {absl::StatusCode::kInvalidArgument, 400},
      {absl::StatusCode::kOutOfRange, 400},
      {absl::StatusCode::kUnauthenticated, 401},
      {absl::StatusCode::kPermissionDenied, 403},
      {absl::StatusCode::kNotFound, 404},
      {absl::StatusCode::kAlreadyExists, 409},
      {absl::StatusCode::kAborted, 409},
      {absl::StatusCode::kFailedPrecondition, 409},
      {absl::StatusCode::kResourceExhausted, 429},
      {absl::StatusCode::kCancelled, 499},
      {absl::StatusCode::kUnimplemented, 501},
      {absl::StatusCode::kUnavailable, 503},
      {absl::StatusCode::kDeadlineExceeded, 504},
      {absl::StatusCode::kInternal, 500},
      {absl::StatusCode::kUnknown, 500},
      {absl::StatusCode::kDataLoss, 500}};
  for (const auto& [code, status] : cases) {
    EXPECT_EQ(ProblemOf(absl::Status(code, "x")).status, status)
        << CodeName(code);
  }
}

TEST(ProblemTest, CarriesReasonMetadataAndFaults) {
  absl::Status status =
      registry::WithReason(absl::FailedPreconditionError("options do not fit"),
                           "OPTIONS_INVALID", {{"package", "kafka"}});
  status = registry::WithFieldFaults(status, {{.pointer = "/a",
                                               .message = "'/a' is 1",
                                               .found = "1",
                                               .wanted = "a string",
                                               .description = "",
                                               .fix = "--set a=x"}});
  EXPECT_EQ(
      ProblemJson(ProblemOf(registry::ToGrpcStatus(status)), "/v1/x", "r-1"),
      R"({"type":"about:blank","title":"Conflict","status":409,)"
      R"("code":"FAILED_PRECONDITION","reason":"OPTIONS_INVALID",)"
      R"("detail":"options do not fit","instance":"/v1/x",)"
      R"("errors":[{"pointer":"/a","parameter":null,"message":"'/a' is 1",)"
      R"("found":"1","wanted":"a string","description":null,)"
      R"("fix":"--set a=x"}],"metadata":{"package":"kafka"},)"
      R"("request_id":"r-1"})");
}

TEST(ProblemTest, ReasonDefaultsToTheCode) {
  EXPECT_EQ(ProblemOf(absl::NotFoundError("x")).reason, "NOT_FOUND");
}

}  // namespace
}  // namespace orrery::server
