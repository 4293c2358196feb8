#include "catalog/verify/step_check.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/format/json_parse.h"
#include "signing/refusal.h"
#include "signing/refusal_matchers.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using signing::RefusalCode;
using signing::Refused;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

ClaimedStep Step(const std::string& package,
                 const std::string& version = "1.0") {
  ClaimedStep step;
  step.action = "apply";
  step.service = step.package = package;
  step.version = version;
  step.release = 3;
  step.package_json = "{}";
  step.manifest =
      registry::ParseJson(R"({"labels":{"DCOS_PACKAGE_NAME":")" + package +
                          R"(","DCOS_PACKAGE_VERSION":")" + version +
                          R"(","ORRERY_SERVICE":")" + package + R"("}})")
          ->root;
  return step;
}

VerifiedRelease Release(const std::string& package) {
  VerifiedRelease release;
  release.package = package;
  release.revision.version = "1.0";
  release.files = {{"package.json", "{}"}};
  return release;
}

TEST(CheckStepTest, TakesAStepThatSaysWhatTheFilesSay) {
  EXPECT_THAT(
      CheckStep(Step("kafka"), Release("kafka"), /*requires_pins=*/true),
      IsOkAndHolds(IsEmpty()));
}

TEST(CheckStepTest, RefusesAnotherPackageDefinitionVersionOrLabel) {
  ClaimedStep step = Step("kafka");
  step.package_json = R"({"name":"kafka"})";
  EXPECT_THAT(CheckStep(step, Release("kafka"), false),
              Refused(RefusalCode::kPlanDigest));
  EXPECT_THAT(CheckStep(Step("kafka", "2.0"), Release("kafka"), false),
              Refused(RefusalCode::kPlanDigest));
  step = Step("kafka");
  step.manifest.Find("labels")->Set("DCOS_PACKAGE_NAME",
                                    registry::JsonValue::String("spark"));
  EXPECT_THAT(CheckStep(step, Release("kafka"), false),
              Refused(RefusalCode::kPlanDigest));
}

TEST(CheckStepTest, RefusesArtifactsWithOtherBytesAndTellsWhatIsNotPinned) {
  ClaimedStep step = Step("kafka");
  step.artifacts["https://e/x"] = std::string(64, '0');
  EXPECT_THAT(CheckStep(step, Release("kafka"), false),
              Refused(RefusalCode::kPlanDigest));
  step = Step("kafka");
  step.manifest.Set("uris", registry::ParseJson(R"(["https://e/x"])")->root);
  EXPECT_THAT(CheckStep(step, Release("kafka"), false),
              IsOkAndHolds(ElementsAre("uri https://e/x")));
  EXPECT_THAT(CheckStep(step, Release("kafka"), true),
              Refused(RefusalCode::kPlanUnpinned));
}

}  // namespace
}  // namespace orrery::catalog
