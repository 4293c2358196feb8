#include "registry/status/refusal_details.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/status/error_details.h"
#include "signing/refusal.h"

namespace orrery::registry {
namespace {

using signing::RefusalCode;
using testing::Pair;
using testing::UnorderedElementsAre;

TEST(TellRefusalTest, TellsCodeExitAndWhatIsKnownOfThePlace) {
  const absl::Status told = TellRefusal(
      signing::At({.check = 9, .registry = "local", .package = "kafka"},
                  signing::Refuse(RefusalCode::kNameDenied, "denied")));
  EXPECT_EQ(told.message(), "denied");
  EXPECT_EQ(ReasonOf(told).reason, kNotTrusted);
  EXPECT_THAT(
      ReasonOf(told).metadata,
      UnorderedElementsAre(Pair("refused", "name.denied"), Pair("exit", "13"),
                           Pair("check", "9"), Pair("registry", "local"),
                           Pair("package", "kafka")));
}

TEST(TellRefusalTest, LeavesEverythingElseAsItIs) {
  EXPECT_TRUE(TellRefusal(absl::OkStatus()).ok());
  const absl::Status other = absl::NotFoundError("no such package");
  EXPECT_EQ(TellRefusal(other), other);
}

}  // namespace
}  // namespace orrery::registry
