#include "catalog/uninstall.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/planning/planning_fixture.h"
#include "registry/status/error_details.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using registry::ReasonOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class UninstallerTest : public PlanningTest {
 protected:
  // app needs db, which needs disk.
  void AddThree() {
    Add("app", 1, "1.0", R"({"requires": [{"package": "db"}]})");
    Add("db", 1, "1.0", R"({"requires": [{"package": "disk"}]})");
    Add("disk", 1, "1.0");
  }

  static UninstallRequest Request(const std::string& service,
                                  bool with_unused = false) {
    return {"local", service, with_unused};
  }
};

TEST_F(UninstallerTest, OnlyTheExactNameIsUninstalled) {
  Add("kafka", 1, "1.0");
  Install("kafka", "");
  Install("kafka", "", "", "kafka-2");
  EXPECT_THAT(uninstaller_.Uninstall(Request("kaf"), ""),
              StatusIs(absl::StatusCode::kNotFound));
  ASSERT_THAT(uninstaller_.Uninstall(Request("kafka"), ""), IsOk());
  Finish();
  EXPECT_THAT(services_.Get("local", "kafka"),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(services_.Get("local", "kafka-2")->status.state,
            AppState::kRunning);
}

TEST_F(UninstallerTest, SecondUninstallNamesTheFirst) {
  Add("kafka", 1, "1.0");
  Install("kafka", "");
  cluster_->removes_at_once = false;
  const auto first = uninstaller_.Uninstall(Request("kafka"), "");
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(uninstaller_.Uninstall(Request("kafka"), ""),
              StatusIs(absl::StatusCode::kAborted,
                       HasSubstr(first->operations[0].name)));
  EXPECT_EQ(services_.Get("local", "kafka")->status.state, AppState::kRemoving);
}

TEST_F(UninstallerTest, WhatWouldBeUnusedIsToldAndStays) {
  AddThree();
  Install("app", "");
  const auto plan = uninstaller_.MakeUninstallPlan(Request("app"));
  EXPECT_THAT(StepsOf(plan), ElementsAre("remove app 1.0"));
  EXPECT_THAT(plan->warnings,
              ElementsAre("db was added for app, and nothing will need it "
                          "then; --with-unused takes it along",
                          "disk was added for db, and nothing will need it "
                          "then; --with-unused takes it along"));
}

TEST_F(UninstallerTest, UnusedGoAlongAfterWhatUsedThem) {
  AddThree();
  Install("app", "");
  const auto plan = uninstaller_.MakeUninstallPlan(Request("app", true));
  EXPECT_THAT(
      StepsOf(plan),
      ElementsAre("remove app 1.0",
                  "remove db 1.0: it was added for app, and nothing else "
                  "needs it",
                  "remove disk 1.0: it was added for db, and nothing else "
                  "needs it"));
  EXPECT_THAT(plan->steps[2].after, ElementsAre("db"));
  ASSERT_THAT(uninstaller_.Uninstall(Request("app", true), plan->id), IsOk());
  Finish();
  EXPECT_THAT(*services_.List("local"), IsEmpty());
}

TEST_F(UninstallerTest, ThoseThatUseEachOtherGoTogether) {
  Add("master", 1, "1.0", R"({"requires": [{"package": "worker"}]})");
  Add("worker", 1, "1.0", R"({"requires": [{"package": "master"}]})");
  Install("master", "");
  const auto alone = uninstaller_.MakeUninstallPlan(Request("master"));
  EXPECT_THAT(alone, StatusIs(absl::StatusCode::kFailedPrecondition,
                              HasSubstr("orrery uninstall master "
                                        "--with-unused")));
  const auto both = uninstaller_.MakeUninstallPlan(Request("master", true));
  EXPECT_THAT(both, IsOk());
  EXPECT_EQ(both->steps.size(), 2U);
  ASSERT_THAT(uninstaller_.Uninstall(Request("master", true), both->id),
              IsOk());
  Finish();
  EXPECT_THAT(*services_.List("local"), IsEmpty());
}

TEST_F(UninstallerTest, WhatWasAskedForStaysWithWhatItNeeds) {
  AddThree();
  Install("app", "");
  // It is there already, and wanted for itself from now on.
  Install("db", "");
  EXPECT_THAT(store_.GetService("local", "db")->record.added_for, IsEmpty());
  EXPECT_THAT(StepsOf(uninstaller_.MakeUninstallPlan(Request("app", true))),
              ElementsAre("remove app 1.0"));
}

TEST_F(UninstallerTest, VolumesThatStayAreNamed) {
  ServiceRecord record;
  record.cluster = "local";
  record.name = record.package = "db";
  record.manifest =
      R"({"container":{"volumes":[{"containerPath":"data",
          "persistent":{"size":1}},{"containerPath":"x"}]}})";
  ASSERT_THAT(store_.PutBegun({{Operation(), record, 0}}, {}), IsOk());
  const auto plan = uninstaller_.MakeUninstallPlan(Request("db"));
  ASSERT_THAT(plan, IsOk());
  EXPECT_THAT(plan->steps[0].kept_volumes, ElementsAre("data"));
}

TEST_F(UninstallerTest, WhatStillStartsGoesAlongToo) {
  AddThree();
  InstallRequest app;
  app.cluster = "local";
  app.package = "app";
  const auto installed = installer_.Install(app, "");
  ASSERT_THAT(installed, IsOk());
  // disk is told to start, and the others wait for it.
  runner_.Tick();
  ASSERT_THAT(uninstaller_.Uninstall(Request("app", true), ""), IsOk());
  Finish();
  EXPECT_THAT(*store_.ListServices("local"), IsEmpty());
  EXPECT_TRUE(cluster_->apps.empty());
  for (const Operation& operation : installed->operations) {
    EXPECT_EQ(ReasonOf(runner_.Get(operation.name)->error).reason,
              "SUPERSEDED");
  }
}

TEST_F(UninstallerTest, PlanThatIsNoLongerTheSameIsNotRun) {
  AddThree();
  Install("app", "");
  EXPECT_EQ(
      ReasonOf(uninstaller_.Uninstall(Request("app", true), "other").status())
          .reason,
      "PLAN_CHANGED");
}

// Of an installation that uses what is uninstalled at the same moment one wins.
TEST_F(UninstallerTest, NobodyIsBoundToWhatGoesMeanwhile) {
  AddThree();
  Install("db", "");
  InstallRequest app;
  app.cluster = "local";
  app.package = "app";
  bool first = true;
  const auto started = planner_.Start(
      [&]() -> absl::StatusOr<PreparedPlan> {
        ResolveQuery query;
        query.cluster = "local";
        query.installed = true;
        query.items = {*ParseRequestItem("app")};
        auto prepared = planner_.Make(query, {"app", true, {}, false});
        if (first) {
          first = false;
          EXPECT_THAT(uninstaller_.Uninstall(Request("db"), ""), IsOk());
        }
        return prepared;
      },
      "");
  EXPECT_EQ(ReasonOf(started.status()).reason, "OPERATION_RUNNING");
}

TEST_F(UninstallerTest, UninstallSeesWhoWasBoundMeanwhile) {
  AddThree();
  Install("db", "");
  const StoredService db = *store_.GetService("local", "db");
  Install("app", "");
  // As if it had been read before.
  ServiceRecord record = db.record;
  EXPECT_THAT(store_.Put(Operation(), record, db.revision),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(ReasonOf(uninstaller_.Uninstall(Request("db"), "").status()).reason,
            "SERVICE_IN_USE");
}

}  // namespace
}  // namespace orrery::catalog
