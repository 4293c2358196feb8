#include "catalog/resolution/why.h"

#include "gtest/gtest.h"

#include "registry/status/error_details.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

TEST(WhyTest, WithoutAnAnswerThereIsNoReasonForANode) {
  Resolution resolution;
  resolution.status = resolver::Status::kGaveUp;
  EXPECT_THAT(WhyToJson(resolution, "zk"),
              StatusIs(absl::StatusCode::kResourceExhausted));
  resolution.status = resolver::Status::kUnsatisfiable;
  EXPECT_THAT(WhyToJson(resolution, "zk"),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  resolution.status = resolver::Status::kSolved;
  const auto missing = WhyToJson(resolution, "zk");
  EXPECT_EQ(registry::ReasonOf(missing.status()).reason, "NODE_NOT_FOUND");
}

}  // namespace
}  // namespace orrery::catalog
