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

TEST(WhyTest, ServiceIsFoundByItsName) {
  Resolution resolution;
  resolution.status = resolver::Status::kSolved;
  ResolvedNode node;
  node.node = "zk@zk-main";
  node.instance = "zk-main";
  node.why = {"installed"};
  node.from_version = "3.5";
  resolution.nodes = {node};
  const auto why = WhyToJson(resolution, "zk-main");
  ASSERT_THAT(why, IsOk());
  EXPECT_EQ(why->FindString("node"), "zk@zk-main");
}

}  // namespace
}  // namespace orrery::catalog
