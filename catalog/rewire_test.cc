// Who is told when what it uses changes.

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/planning/planning_fixture.h"
#include "registry/status/error_details.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Passes on what it is told, from zk to kafka to app.
constexpr char kSays[] = R"("outputs": {"text": {"type": "string", "value": [
    {"option": "/text"}]}, "zk": {"type": "string", "value": [
    {"option": "/zk"}]}, "url": {"type": "string", "value": [
    "http://", {"address": "web"}, "/", {"option": "/text"}]}})";

class RewireTest : public PlanningTest {
 protected:
  void AddChain(const std::string& output) {
    Add("zk", 1, "3.4", absl::StrCat("{", kSays, "}"));
    Add("kafka", 1, "2.0",
        absl::StrCat(R"({"requires": [{"package": "zk", "bind": [{"output": ")",
                     output, R"(", "option": "/zk"}]}], )", kSays, "}"));
    Add("app", 1, "1.0",
        absl::StrCat(R"({"requires": [{"package": "kafka", "bind": [
            {"output": "zk", "option": "/zk"}]}]})"));
  }

  static UpgradeRequest WithOptions(const std::string& service,
                                    const std::string& options) {
    UpgradeRequest request = Request(service);
    request.options = options;
    return request;
  }
};

TEST_F(RewireTest, OptionOfAProviderReachesEveryoneBehindIt) {
  AddChain("text");
  Install("app", "");
  EXPECT_THAT(store_.GetService("local", "app")->record.computed,
              HasSubstr(R"("zk":"hi")"));
  const UpgradeRequest request = WithOptions("zk", R"({"text":"new"})");
  EXPECT_THAT(Steps(request),
              ElementsAre("update zk 3.4 -> 3.4",
                          "update kafka 2.0 -> 2.0: what others tell it may "
                          "change",
                          "update app 1.0 -> 1.0: what others tell it may "
                          "change"));
  ASSERT_THAT(upgrader_.Upgrade(request, ""), IsOk());
  Finish();
  EXPECT_THAT(store_.GetService("local", "app")->record.computed,
              HasSubstr(R"("zk":"new")"));
}

TEST_F(RewireTest, WhoIsToldTheSameIsLeftAlone) {
  AddChain("text");
  Install("app", "");
  EXPECT_THAT(Steps(WithOptions("zk", R"({"zk":"unused"})")),
              ElementsAre("update zk 3.4 -> 3.4"));
}

TEST_F(RewireTest, WhatAProviderIsNotToldYetIsNotPassedOn) {
  AddChain("url");
  InstallRequest kafka;
  kafka.cluster = "local";
  kafka.package = "kafka";
  ASSERT_THAT(installer_.Install(kafka, ""), IsOk());
  runner_.Tick();
  InstallRequest app = kafka;
  app.package = "app";
  const auto early = installer_.MakeInstallPlan(app);
  EXPECT_THAT(early, StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(registry::ReasonOf(early.status()).reason, "OPERATION_RUNNING");
  cluster_->apps["zk"].endpoints = {{"web", "10.0.0.1", 80}};
  Finish();
  const auto late = installer_.MakeInstallPlan(app);
  ASSERT_THAT(late, IsOk());
  EXPECT_THAT(late->steps[0].computed, HasSubstr("http://10.0.0.1:80/hi"));
}

TEST_F(RewireTest, LateOutputOfOneThatChangesIsAskedForAnew) {
  AddChain("url");
  InstallRequest app;
  app.cluster = "local";
  app.package = "app";
  ASSERT_THAT(installer_.Install(app, ""), IsOk());
  runner_.Tick();
  cluster_->apps["zk"].endpoints = {{"web", "10.0.0.1", 80}};
  Finish();
  EXPECT_THAT(store_.GetService("local", "kafka")->record.computed,
              HasSubstr("http://10.0.0.1:80/hi"));
  const UpgradeRequest request = WithOptions("zk", R"({"text":"new"})");
  const auto plan = upgrader_.MakeUpgradePlan(request);
  ASSERT_THAT(plan, IsOk());
  ASSERT_EQ(plan->steps.size(), 3u);
  EXPECT_EQ(plan->steps[1].late.size(), 1u);
  ASSERT_THAT(upgrader_.Upgrade(request, ""), IsOk());
  Finish();
  EXPECT_THAT(store_.GetService("local", "kafka")->record.computed,
              HasSubstr("http://10.0.0.1:80/new"));
}

}  // namespace
}  // namespace orrery::catalog
