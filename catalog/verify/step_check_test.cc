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

constexpr char kNeedsZk[] = R"({"requires":[{"package":"zk"}]})";

ClaimedStep Step(const std::string& package, const std::string& relations = "",
                 const std::string& version = "1.0") {
  ClaimedStep step;
  step.action = "apply";
  step.service = step.package = package;
  step.version = version;
  step.release = 3;
  step.package_json = "{}";
  step.relations = relations;
  step.manifest =
      registry::ParseJson(R"({"labels":{"DCOS_PACKAGE_NAME":")" + package +
                          R"(","DCOS_PACKAGE_VERSION":")" + version +
                          R"(","ORRERY_SERVICE":")" + package + R"("}})")
          ->root;
  return step;
}

VerifiedRelease Release(const std::string& package,
                        const std::string& relations = "") {
  VerifiedRelease release;
  release.package = package;
  release.revision.version = "1.0";
  release.files = {{"package.json", "{}"}};
  if (!relations.empty()) {
    release.files.push_back({"relations.json", relations});
  }
  return release;
}

TEST(CheckStepTest, TakesAStepThatSaysWhatTheFilesSay) {
  EXPECT_THAT(CheckStep(Step("kafka", kNeedsZk), Release("kafka", kNeedsZk),
                        /*requires_pins=*/true),
              IsOkAndHolds(IsEmpty()));
}

TEST(CheckStepTest, RefusesAnotherPackageDefinitionVersionOrLabel) {
  ClaimedStep step = Step("kafka");
  step.package_json = R"({"name":"kafka"})";
  EXPECT_THAT(CheckStep(step, Release("kafka"), false),
              Refused(RefusalCode::kPlanDigest));
  EXPECT_THAT(CheckStep(Step("kafka", "", "2.0"), Release("kafka"), false),
              Refused(RefusalCode::kPlanDigest));
  step = Step("kafka");
  step.manifest.Find("labels")->Set("DCOS_PACKAGE_NAME",
                                    registry::JsonValue::String("spark"));
  EXPECT_THAT(CheckStep(step, Release("kafka"), false),
              Refused(RefusalCode::kPlanDigest));
}

TEST(CheckStepTest, RefusesRelationsThatNeitherReleaseNorOverlayHas) {
  EXPECT_THAT(CheckStep(Step("kafka", kNeedsZk), Release("kafka"), false),
              Refused(RefusalCode::kPlanDeps));
  EXPECT_THAT(CheckStep(Step("kafka"), Release("kafka", kNeedsZk), false),
              Refused(RefusalCode::kPlanDeps));
  VerifiedRelease with_overlay = Release("kafka");
  with_overlay.overlays.emplace_back().files = {{"relations.json", kNeedsZk}};
  EXPECT_THAT(CheckStep(Step("kafka", kNeedsZk), with_overlay, false), IsOk());
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

TEST(CheckNeedsTest, TakesASetThatItsRequirementsCall) {
  EXPECT_THAT(CheckNeeds({Step("zk"), Step("kafka", kNeedsZk)}, {"kafka"}, {}),
              IsOk());
  EXPECT_THAT(
      CheckNeeds(
          {Step("zk", R"({"provides":[{"capability":"coordination"}]})"),
           Step("kafka", R"({"requires":[{"capability":"coordination"}]})")},
          {"kafka"}, {}),
      IsOk());
}

TEST(CheckNeedsTest, TakesTheManagerThatAPackageDefinitionNames) {
  ClaimedStep managed = Step("kafka");
  managed.package_json =
      R"({"packagingVersion":"5.0","name":"kafka","version":"1.0",
          "maintainer":"m","description":"d","tags":[],
          "manager":{"packageName":"boss"}})";
  EXPECT_THAT(CheckNeeds({Step("boss"), managed}, {"kafka"}, {}), IsOk());
  EXPECT_THAT(CheckNeeds({managed}, {"kafka"}, {}),
              Refused(RefusalCode::kPlanDeps));
}

TEST(CheckNeedsTest, RefusesWhatNothingRequires) {
  EXPECT_THAT(CheckNeeds({Step("miner"), Step("kafka")}, {"kafka"}, {}),
              Refused(RefusalCode::kPlanDeps));
  EXPECT_THAT(CheckNeeds({Step("miner"), Step("zk"), Step("kafka", kNeedsZk)},
                         {"kafka"}, {}),
              Refused(RefusalCode::kPlanDeps));
}

TEST(CheckNeedsTest, TakesWhatAServiceThatStaysRequires) {
  EXPECT_THAT(
      CheckNeeds({Step("zk"), Step("app")}, {"app"}, {Step("kafka", kNeedsZk)}),
      IsOk());
}

TEST(CheckNeedsTest, RefusesARequirementThatNothingMeets) {
  EXPECT_THAT(CheckNeeds({Step("kafka", kNeedsZk)}, {"kafka"}, {}),
              Refused(RefusalCode::kPlanDeps));
  ClaimedStep bound = Step("kafka", kNeedsZk);
  bound.providers = {"zk@prod"};
  EXPECT_THAT(CheckNeeds({bound}, {"kafka"}, {}), IsOk());
}

TEST(CheckNeedsTest, LeavesRequirementsWithConditionsToThoseWhoKnowThem) {
  EXPECT_THAT(CheckNeeds({Step("kafka", R"({"requires":[{"package":"zk",
      "when":[{"option":"/a","set":true}]}]})")},
                         {"kafka"}, {}),
              IsOk());
}

}  // namespace
}  // namespace orrery::catalog
