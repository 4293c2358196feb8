#include "catalog/upgrade.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/planning/planning_fixture.h"
#include "catalog/resolution/past_release_testing.h"
#include "registry/index/snapshot.h"
#include "registry/status/error_details.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using registry::ReasonOf;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class UpgraderTest : public PlanningTest {
 protected:
  // kafka 1, 2.0, as it is now ran, and 2 runs.
  UpgradeRequest RunSecond() {
    admission_ = std::make_shared<Remembered>(snapshot_);
    Install("kafka", "=2.0");
    EXPECT_THAT(upgrader_.Upgrade(Request("kafka"), ""), IsOk());
    Finish();
    UpgradeRequest back = Request("kafka");
    back.rollback = true;
    return back;
  }
};

TEST_F(UpgraderTest, TakesTheNewestAndLeavesOthersAlone) {
  Add("zk", 1, "3.4");
  Add("zk", 2, "3.5");
  Add("kafka", 1, "2.0", R"({"requires": [{"package": "zk"}]})");
  Add("kafka", 2, "2.1", R"({"requires": [{"package": "zk"}]})");
  Install("zk", "=3.4");
  Install("kafka", "=2.0");
  EXPECT_THAT(Steps(Request("kafka")), ElementsAre("update kafka 2.0 -> 2.1"));
  ASSERT_THAT(upgrader_.Upgrade(Request("kafka"), ""), IsOk());
  Finish();
  EXPECT_EQ(VersionOf("kafka"), "2.1");
  EXPECT_EQ(VersionOf("zk"), "3.4");
  EXPECT_THAT(cluster_->last_request.manifest, HasSubstr("v2.1 hi"));
}

TEST_F(UpgraderTest, MovesAnotherOnlyWhereItMustAndSaysWhy) {
  Add("zk", 1, "3.4");
  Add("zk", 2, "3.5");
  Add("zk", 3, "3.6");
  Add("kafka", 1, "2.0", R"({"requires": [{"package": "zk"}]})");
  Add("kafka", 2, "2.1",
      R"({"requires": [{"package": "zk", "versions": ">=3.5"}]})");
  Install("zk", "=3.4");
  Install("kafka", "=2.0");
  // Least change first: the newest only where nobody else pays for it.
  const auto plan = upgrader_.MakeUpgradePlan(Request("kafka"));
  EXPECT_THAT(plan->steps, IsEmpty());
  ASSERT_THAT(plan->held, SizeIs(1));
  EXPECT_EQ(plan->held[0].reason, "kafka 2.1 needs zk 3.5 and newer");
  EXPECT_THAT(Steps(Request("kafka", "=2.1")),
              ElementsAre("update zk 3.4 -> 3.5: kafka 2.1 needs zk 3.5 and "
                          "newer",
                          "update kafka 2.0 -> 2.1"));
  ASSERT_THAT(upgrader_.Upgrade(Request("kafka", "=2.1"), ""), IsOk());
  runner_.Tick();
  EXPECT_EQ(cluster_->apps["kafka"].generation, 1);
  EXPECT_EQ(cluster_->apps["zk"].generation, 2);
  Finish();
  EXPECT_EQ(VersionOf("kafka"), "2.1");
  EXPECT_EQ(VersionOf("zk"), "3.5");
}

TEST_F(UpgraderTest, WhatIsHeldBackIsSaidWithItsReason) {
  Add("zk", 1, "3.4");
  Add("zk", 2, "3.5");
  Add("kafka", 1, "2.0",
      R"({"requires": [{"package": "zk", "versions": "<3.5"}]})");
  Install("kafka", "");
  const auto plan = upgrader_.MakeUpgradePlan(Request("zk"));
  ASSERT_THAT(plan, IsOk());
  EXPECT_THAT(plan->steps, IsEmpty());
  ASSERT_THAT(plan->held, SizeIs(1));
  EXPECT_EQ(plan->held[0].node, "zk");
  EXPECT_EQ(plan->held[0].newest, "3.5");
  EXPECT_EQ(plan->held[0].reason, "kafka 2.0 needs zk 3.4");
  const auto refused = upgrader_.MakeUpgradePlan(Request("zk", "=3.5"));
  EXPECT_EQ(ReasonOf(refused.status()).reason, "UNSATISFIABLE");
  EXPECT_THAT(std::string(refused.status().message()),
              AllOf(HasSubstr("cannot upgrade zk =3.5 on cluster local: "),
                    HasSubstr("kafka 2.0 needs zk 3.4"),
                    HasSubstr("do not ask for zk =3.5: changes nothing")));
}

TEST_F(UpgraderTest, RollbackGoesToWhatRanBefore) {
  Add("kafka", 1, "2.0");
  Add("kafka", 2, "2.1");
  Install("kafka", "=2.0");
  ASSERT_THAT(upgrader_.Upgrade(Request("kafka"), ""), IsOk());
  Finish();
  UpgradeRequest back = Request("kafka");
  back.rollback = true;
  EXPECT_THAT(Steps(back), ElementsAre("update kafka 2.1 -> 2.0"));
  ASSERT_THAT(upgrader_.Upgrade(back, ""), IsOk());
  Finish();
  EXPECT_EQ(VersionOf("kafka"), "2.0");
  EXPECT_EQ(ReasonOf(upgrader_.MakeUpgradePlan(back).status()).reason,
            "NO_EARLIER_GENERATION");
}

TEST_F(UpgraderTest, RollbackGoesToWhatRanThoughItsReleaseLeft) {
  Add("kafka", 1, "2.0");
  Add("kafka", 2, "2.1");
  const UpgradeRequest back = RunSecond();
  TakeAway("kafka", 1);
  EXPECT_THAT(Steps(back), ElementsAre("update kafka 2.1 -> 2.0"));
  EXPECT_THAT(upgrader_.MakeUpgradePlan(back)->warnings,
              Contains("kafka 2.0 (release 1#1) is not what it was, and is "
                       "taken because it is named"));
  ASSERT_THAT(upgrader_.Upgrade(back, ""), IsOk());
  Finish();
  EXPECT_EQ(VersionOf("kafka"), "2.0");
}

TEST_F(UpgraderTest, RollbackGoesToWhatRanThoughItsReleaseWasEdited) {
  Add("kafka", 1, "2.0");
  Add("kafka", 2, "2.1", "{}", "now");
  const UpgradeRequest back = RunSecond();
  Add("kafka", 1, "2.0", "{}", "edited");
  const auto plan = upgrader_.MakeUpgradePlan(back);
  ASSERT_THAT(plan, IsOk());
  ASSERT_THAT(plan->steps, SizeIs(1));
  EXPECT_THAT(plan->steps[0].manifest, HasSubstr("v2.0 hi"));
  ASSERT_THAT(plan->steps[0].default_changes, SizeIs(1));
  EXPECT_EQ(plan->steps[0].default_changes[0].option, "/text");
  EXPECT_EQ(plan->steps[0].default_changes[0].to, "\"hi\"");
}

TEST_F(UpgraderTest, RollbackNeedsNoSourceWhereTheContentIsKnown) {
  Add("kafka", 1, "2.0");
  Add("kafka", 2, "2.1");
  const UpgradeRequest back = RunSecond();
  snapshot_ = std::make_shared<const registry::Snapshot>(
      2, std::vector<std::shared_ptr<const registry::SourceContents>>(),
      /*visible_packages=*/0, snapshot_->reader());
  EXPECT_EQ(
      ReasonOf(upgrader_.MakeUpgradePlan(Request("kafka")).status()).reason,
      "SOURCE_MISSING");
  EXPECT_THAT(Steps(back), ElementsAre("update kafka 2.1 -> 2.0"));
  // A record of an earlier version names no content.
  StoredService stored = *store_.GetService("local", "kafka");
  stored.record.earlier.back().tree.clear();
  ASSERT_THAT(store_.Put(Operation(), stored.record, stored.revision), IsOk());
  EXPECT_EQ(ReasonOf(upgrader_.MakeUpgradePlan(back).status()).reason,
            "SOURCE_MISSING");
}

TEST_F(UpgraderTest, RollbackTakesOptionsBack) {
  Add("kafka", 1, "2.0");
  Install("kafka", "");
  UpgradeRequest change = Request("kafka");
  change.options = R"({"text":"new"})";
  ASSERT_THAT(upgrader_.Upgrade(change, ""), IsOk());
  Finish();
  UpgradeRequest back = Request("kafka");
  back.rollback = true;
  ASSERT_THAT(upgrader_.Upgrade(back, ""), IsOk());
  Finish();
  EXPECT_EQ(store_.GetService("local", "kafka")->record.options, "{}");
}

TEST_F(UpgraderTest, AnUpgradeThatFailedIsNothingToGoBackTo) {
  Add("kafka", 1, "2.0");
  Add("kafka", 2, "2.1");
  Install("kafka", "=2.0");
  ASSERT_THAT(upgrader_.Upgrade(Request("kafka"), ""), IsOk());
  runner_.Tick();
  cluster_->apps["kafka"].state = AppState::kFailed;
  runner_.Tick();
  Finish();
  EXPECT_EQ(VersionOf("kafka"), "2.0");
  EXPECT_THAT(store_.GetService("local", "kafka")->record.earlier, IsEmpty());
}

TEST_F(UpgraderTest, AReleaseThatFailedIsRememberedUntilItRuns) {
  Add("kafka", 1, "2.0");
  Add("kafka", 2, "2.1");
  Install("kafka", "=2.0");
  const auto fail = [this](const UpgradeRequest& request) {
    ASSERT_THAT(upgrader_.Upgrade(request, ""), IsOk());
    runner_.Tick();
    cluster_->apps["kafka"].state = AppState::kFailed;
    runner_.Tick();
    Finish();
  };
  const auto failed = [this] {
    return store_.GetService("local", "kafka")->record.failed;
  };
  // Other options are no other release.
  UpgradeRequest options = Request("kafka", "=2.0");
  options.options = R"({"text":"bad"})";
  fail(options);
  EXPECT_THAT(failed(), IsEmpty());
  fail(Request("kafka"));
  ASSERT_THAT(failed(), SizeIs(1));
  EXPECT_EQ(failed()[0].release, 2);
  EXPECT_THAT(failed()[0].message, HasSubstr("kafka 2.0 runs again"));
  ASSERT_THAT(upgrader_.Upgrade(Request("kafka"), ""), IsOk());
  Finish();
  EXPECT_EQ(VersionOf("kafka"), "2.1");
  EXPECT_THAT(failed(), IsEmpty());
}

TEST_F(UpgraderTest, ConsumerGoesFirstWhereOnlyThatFitsMeanwhile) {
  Add("zk", 1, "3.4");
  Add("zk", 2, "3.5");
  Add("kafka", 1, "2.0",
      R"({"requires": [{"package": "zk", "versions": "<3.5"}]})");
  Add("kafka", 2, "2.1", R"({"requires": [{"package": "zk"}]})");
  Install("kafka", "=2.0");
  EXPECT_THAT(Steps(Request("zk", "=3.5")),
              ElementsAre("update kafka 2.0 -> 2.1: kafka 2.0 needs zk 3.4",
                          "update zk 3.4 -> 3.5"));
}

TEST_F(UpgraderTest, WhatIsUsedMustNotBeGoingMeanwhile) {
  Add("zk", 1, "3.4");
  Add("kafka", 1, "2.0");
  Add("kafka", 2, "2.1", R"({"requires": [{"package": "zk"}]})");
  Install("zk", "");
  Install("kafka", "=2.0");
  cluster_->removes_at_once = false;
  const auto removal = uninstaller_.Uninstall({"local", "zk"}, "");
  ASSERT_THAT(removal, IsOk());
  runner_.Tick();
  const absl::Status refused =
      upgrader_.MakeUpgradePlan(Request("kafka")).status();
  EXPECT_EQ(ReasonOf(refused).reason, "OPERATION_RUNNING");
  EXPECT_EQ(ReasonOf(refused).metadata["operation"],
            removal->operations[0].name);
}

TEST_F(UpgraderTest, WhatIsUsedMayBeComingUp) {
  Add("zk", 1, "3.4");
  Add("kafka", 1, "2.0");
  Add("kafka", 2, "2.1", R"({"requires": [{"package": "zk"}]})");
  Install("kafka", "=2.0");
  InstallRequest zk;
  zk.cluster = "local";
  zk.package = "zk";
  ASSERT_THAT(installer_.Install(zk, ""), IsOk());
  EXPECT_THAT(Steps(Request("kafka")), ElementsAre("update kafka 2.0 -> 2.1"));
}

TEST_F(UpgraderTest, WhatAnUpgradeUnderWayUsesIsNotUninstalled) {
  Add("zk", 1, "3.4");
  Add("kafka", 1, "2.0");
  Add("kafka", 2, "2.1", R"({"requires": [{"package": "zk"}]})");
  Install("zk", "");
  Install("kafka", "=2.0");
  ASSERT_THAT(upgrader_.Upgrade(Request("kafka"), ""), IsOk());
  runner_.Tick();
  const absl::Status refused =
      uninstaller_.Uninstall({"local", "zk"}, "").status();
  EXPECT_EQ(ReasonOf(refused).reason, "SERVICE_IN_USE");
  EXPECT_THAT(std::string(refused.message()), HasSubstr("is used by kafka"));
}

TEST_F(UpgraderTest, UsersOptionsStayAndDefaultsAreThoseOfTheNewRelease) {
  Add("echod", 1, "1.0", "{}", "hi");
  Add("echod", 2, "2.0", "{}", "hello");
  Install("echod", "=1.0", R"({"text":"mine"})", "mine");
  Install("echod", "=1.0", "", "default");
  EXPECT_THAT(upgrader_.MakeUpgradePlan(Request("mine"))->steps[0].manifest,
              HasSubstr("v2.0 mine"));
  EXPECT_THAT(upgrader_.MakeUpgradePlan(Request("default"))->steps[0].manifest,
              HasSubstr("v2.0 hello"));
  UpgradeRequest back = Request("mine");
  back.options = R"({"text":null})";
  const PlanStep step = upgrader_.MakeUpgradePlan(back)->steps[0];
  EXPECT_THAT(step.manifest, HasSubstr("v2.0 hello"));
  EXPECT_EQ(step.options, "{}");
}

TEST_F(UpgraderTest, OptionsAloneAreAChangeToo) {
  Add("echod", 1, "1.0");
  Install("echod", "");
  EXPECT_THAT(Steps(Request("echod")), IsEmpty());
  UpgradeRequest request = Request("echod");
  request.options = R"({"text":"ho"})";
  EXPECT_THAT(Steps(request), ElementsAre("update echod 1.0 -> 1.0"));
}

TEST_F(UpgraderTest, WhatCanChangeAloneIsOffered) {
  Add("kafka", 1, "2.0");
  Install("kafka", "");
  cluster_->may_become = [](const AppRequest& request) {
    return request.manifest.find("frozen") == std::string::npos;
  };
  UpgradeRequest request = Request("kafka");
  request.options = R"({"text":"frozen","zk":"z:1"})";
  const absl::Status refused = upgrader_.Upgrade(request, "").status();
  EXPECT_EQ(refused.message(),
            "the app of kafka 2.0 cannot run here:\n"
            "/container/volumes/data: may not change\n"
            "what can change alone: orrery upgrade kafka --set zk=z:1");
  EXPECT_EQ(ReasonOf(refused).reason, "MANIFEST_INVALID");
  EXPECT_EQ(cluster_->updates, 0);
  request.options = R"({"text":"frozen"})";
  EXPECT_EQ(upgrader_.MakeUpgradePlan(request).status().message(),
            "the app of kafka 2.0 cannot run here:\n"
            "/container/volumes/data: may not change");
}

TEST_F(UpgraderTest, WhatComesWithTheReleaseIsSaidOfIt) {
  Add("kafka", 1, "2.0");
  Install("kafka", "");
  Add("kafka", 2, "2.1");
  cluster_->may_become = [](const AppRequest& request) {
    return request.manifest.find("v2.1") == std::string::npos;
  };
  constexpr char kRefused[] =
      "the app of kafka 2.1 cannot run here:\n"
      "/container/volumes/data: may not change\n"
      "it comes with the release: keep kafka 2.0";
  UpgradeRequest request = Request("kafka");
  EXPECT_EQ(upgrader_.MakeUpgradePlan(request).status().message(), kRefused);
  request.options = R"({"text":"new"})";
  EXPECT_EQ(upgrader_.MakeUpgradePlan(request).status().message(),
            absl::StrCat(kRefused,
                         "; what can change alone: orrery upgrade "
                         "'kafka@release=1' --set text=new"));
  UpgradeRequest offered = Request("kafka", "release=1");
  offered.options = request.options;
  EXPECT_THAT(Steps(offered), ElementsAre("update kafka 2.0 -> 2.0"));
}

TEST_F(UpgraderTest, WhoIsBoundIsToldWhatAnOutputIsNow) {
  const auto outputs = [](const std::string& port) {
    return absl::StrCat(R"({"outputs": {"connect": {"type": "string",
        "value": ["zk:)",
                        port, R"("]}}})");
  };
  Add("zk", 1, "3.4", outputs("2181"));
  Add("zk", 2, "3.5", outputs("2182"));
  Add("zk", 3, "3.6", outputs("2182"));
  Add("kafka", 1, "2.0", R"({"requires": [{"package": "zk", "bind": [
      {"output": "connect", "option": "/zk"}]}]})");
  Install("zk", "=3.4");
  Install("kafka", "");
  EXPECT_THAT(Steps(Request("zk", "=3.5")),
              ElementsAre("update zk 3.4 -> 3.5",
                          "update kafka 2.0 -> 2.0: what others tell it may "
                          "change"));
  ASSERT_THAT(upgrader_.Upgrade(Request("zk", "=3.5"), ""), IsOk());
  Finish();
  EXPECT_THAT(store_.GetService("local", "kafka")->record.manifest,
              HasSubstr("zk:2182"));
  // Nothing is told anew.
  EXPECT_THAT(Steps(Request("zk")), ElementsAre("update zk 3.5 -> 3.6"));
}

TEST_F(UpgraderTest, LabelMayGoDownToANewerRelease) {
  Add("kafka", 1, "2.10.0");
  Install("kafka", "");
  Add("kafka", 2, "2.4.1");
  const PlanStep step = upgrader_.MakeUpgradePlan(Request("kafka"))->steps[0];
  EXPECT_TRUE(LabelGoesDown(step));
  Add("kafka", 3, "2.11");
  EXPECT_FALSE(
      LabelGoesDown(upgrader_.MakeUpgradePlan(Request("kafka"))->steps[0]));
}

TEST_F(UpgraderTest, RemovalIsAllowedOnlyInWords) {
  Add("zk", 1, "3.4");
  Add("zk", 2, "3.5");
  Add("kafka", 1, "2.0",
      R"({"requires": [{"package": "zk", "versions": "<3.5"}]})");
  Install("kafka", "");
  UpgradeRequest request = Request("zk", "=3.5");
  request.choices.allow_removal = true;
  EXPECT_THAT(Steps(request),
              ElementsAre("update zk 3.4 -> 3.5",
                          "remove kafka 2.0: kafka 2.0 needs zk 3.4"));
  ASSERT_THAT(upgrader_.Upgrade(request, ""), IsOk());
  cluster_->removes_at_once = true;
  Finish();
  EXPECT_EQ(VersionOf("zk"), "3.5");
  EXPECT_THAT(store_.GetService("local", "kafka"),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(UpgraderTest, PlanThatIsNoLongerTheSameIsNotRun) {
  Add("kafka", 1, "2.0");
  Install("kafka", "");
  Add("kafka", 2, "2.1");
  const auto plan = upgrader_.MakeUpgradePlan(Request("kafka"));
  Add("kafka", 3, "2.2");
  const auto started = upgrader_.Upgrade(Request("kafka"), plan->id);
  EXPECT_EQ(ReasonOf(started.status()).reason, "PLAN_CHANGED");
  EXPECT_EQ(VersionOf("kafka"), "2.0");
}

TEST_F(UpgraderTest, PlanIsRunOnceWhateverElseIsPublished) {
  for (const char* name : {"kafka", "other"}) {
    Add(name, 1, "2.0");
    Install(name, "");
    Add(name, 2, "2.1");
  }
  const auto plan = upgrader_.MakeUpgradePlan(Request("kafka"));
  ASSERT_THAT(plan, IsOk());
  Add("other", 3, "2.2");
  ASSERT_THAT(upgrader_.Upgrade(Request("kafka"), plan->id), IsOk());
  Finish();
  EXPECT_EQ(VersionOf("kafka"), "2.1");
  EXPECT_EQ(VersionOf("other"), "2.0");
  const auto again = upgrader_.Upgrade(Request("kafka"), plan->id);
  EXPECT_EQ(ReasonOf(again.status()).reason, "PLAN_CHANGED");
  EXPECT_EQ(cluster_->apps["kafka"].generation, 2);
}

TEST_F(UpgraderTest, SourceThatIsGoneIsSaidWithTheCommandThatAddsIt) {
  Add("kafka", 1, "2.0");
  Install("kafka", "");
  StoredService stored = *store_.GetService("local", "kafka");
  stored.record.source = "old";
  stored.record.source_url = "https://git.example/old";
  ASSERT_THAT(store_.Put(Operation(), stored.record, stored.revision), IsOk());
  const absl::Status refused =
      upgrader_.MakeUpgradePlan(Request("kafka")).status();
  EXPECT_EQ(ReasonOf(refused).reason, "SOURCE_MISSING");
  EXPECT_EQ(refused.message(),
            "source old, from which kafka came, is not configured; add it "
            "again: orrery source add old https://git.example/old; or go on "
            "with what source example has of it: --allow-source-change");
}

TEST_F(UpgraderTest, ReleaseThatLeftItsSourceGoesOnToNewerOnes) {
  Add("zk", 1, "3.4");
  Add("zk", 2, "3.5");
  Add("kafka", 1, "2.0",
      R"({"requires": [{"package": "zk", "versions": "<3.5"}]})");
  Add("kafka", 2, "2.1", R"({"requires": [{"package": "zk"}]})");
  Install("kafka", "=2.0");
  TakeAway("kafka", 1);
  // What it needs is known all the same.
  const auto held = upgrader_.MakeUpgradePlan(Request("zk"));
  ASSERT_THAT(held, IsOk());
  EXPECT_THAT(held->steps, IsEmpty());
  EXPECT_EQ(held->held[0].reason, "kafka 2.0 needs zk 3.4");
  EXPECT_THAT(Steps(Request("kafka")), ElementsAre("update kafka 2.0 -> 2.1"));
  // Nobody else gets it.
  InstallRequest other;
  other.cluster = "local";
  other.package = "kafka";
  other.service = "other";
  other.range = "=2.0";
  EXPECT_THAT(std::string(installer_.MakeInstallPlan(other).status().message()),
              HasSubstr("its source does not have it any more"));
  TakeAway("kafka", 2);
  EXPECT_THAT(Steps(Request("kafka")), IsEmpty());
  EXPECT_THAT(Steps(Request("zk")), IsEmpty());
}

TEST_F(UpgraderTest, ReleaseThatLeftItsSourceTakesNoOtherOptions) {
  Add("kafka", 1, "2.0", R"({"features": {"tls": {}}})");
  Install("kafka", "", R"({"text":"mine"})");
  Add("kafka", 2, "2.1", R"({"features": {"tls": {}}})");
  TakeAway("kafka", 1);
  UpgradeRequest options = Request("kafka");
  options.options = R"({"text":"yours"})";
  // A release that is there takes them.
  EXPECT_THAT(Steps(options), ElementsAre("update kafka 2.0 -> 2.1"));
  TakeAway("kafka", 2);
  UpgradeRequest features = Request("kafka");
  features.features = {"tls"};
  for (const UpgradeRequest& request : {options, features}) {
    const absl::Status refused = upgrader_.MakeUpgradePlan(request).status();
    EXPECT_THAT(refused,
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         HasSubstr("left its source and cannot be rendered")));
    EXPECT_EQ(ReasonOf(refused).reason, "RELEASE_LOST");
  }
  // Those that it has are no change.
  options.options = R"({"text":"mine"})";
  EXPECT_THAT(Steps(options), IsEmpty());
}

TEST_F(UpgraderTest, AnotherSourceIsTakenOnlyWhenThatIsSaid) {
  Add("kafka", 1, "2.0");
  Install("kafka", "");
  StoredService stored = *store_.GetService("local", "kafka");
  stored.record.source = "old";
  ASSERT_THAT(store_.Put(Operation(), stored.record, stored.revision), IsOk());
  Add("kafka", 5, "5.0");
  UpgradeRequest request = Request("kafka");
  request.choices.allow_source_change = true;
  EXPECT_THAT(Steps(request), ElementsAre("update kafka 2.0 -> 5.0"));
}

TEST_F(UpgraderTest, UnknownServiceIsNotFoundWithTheNearest) {
  Add("kafka", 1, "2.0");
  Install("kafka", "");
  EXPECT_THAT(upgrader_.MakeUpgradePlan(Request("kafak")),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("kafka")));
}

// A commit that breaks a file that is in use takes nothing from what runs.
TEST_F(UpgraderTest, RefusedRelationsOfWhatRunsAreThoseItWasInstalledWith) {
  constexpr char kProvides[] = R"({"outputs": {"at": {"type": "string",
      "value": ["there"]}}})";
  Add("zk", 1, "1", kProvides);
  Add("kafka", 1, "1", R"({"requires": [{"package": "zk",
      "bind": [{"output": "at", "option": "/zk"}]}]})");
  Install("kafka", "");
  // The rules have changed, and not the bytes: no record knows others.
  for (const char* name : {"zk", "kafka"}) ForgetTree(name);
  Add("zk", 1, "1", R"({"requires": [{}]})");
  Add("kafka", 1, "1", R"({"outputs": 1})");
  UpgradeRequest request = Request("kafka");
  request.options = R"({"text": "other"})";
  const auto plan = upgrader_.MakeUpgradePlan(request);
  ASSERT_THAT(plan, IsOk());
  ASSERT_THAT(plan->steps, SizeIs(1));
  EXPECT_EQ(plan->steps[0].service, "kafka");
  EXPECT_THAT(plan->steps[0].manifest, HasSubstr("v1 other there"));
  EXPECT_THAT(plan->steps[0].relations, HasSubstr("\"bind\""));
  EXPECT_THAT(plan->steps[0].bindings,
              ElementsAre(ServiceBinding{"/zk", "zk", "at"}));
}

}  // namespace
}  // namespace orrery::catalog
