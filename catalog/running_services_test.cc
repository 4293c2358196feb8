// What services that run ask of answers and plans: their features, the
// pre-releases they are at, and what they were installed on.

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/planning/planning_fixture.h"
#include "catalog/resolution/outdated.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class RunningServicesTest : public PlanningTest {
 protected:
  static InstallRequest Asked(const std::string& package) {
    InstallRequest request;
    request.cluster = "local";
    request.package = package;
    return request;
  }

  void InstallAs(const InstallRequest& request) {
    ASSERT_THAT(installer_.Install(request, ""), IsOk());
    Finish();
  }

  // What an item gets beside what runs.
  Resolution Resolve(const std::string& item,
                     std::vector<AskedBinding> bindings = {}) {
    ResolveQuery query;
    query.cluster = "local";
    query.installed = true;
    query.items = {*ParseRequestItem(item)};
    query.bindings = std::move(bindings);
    const auto resolution = resolver_.Resolve(query);
    EXPECT_THAT(resolution, IsOk());
    return resolution.ok() ? *resolution : Resolution();
  }

  // The nodes that meet requirements of `node`.
  static std::vector<std::string> UsedBy(const Resolution& resolution,
                                         const std::string& node) {
    std::vector<std::string> used;
    for (const ResolvedNode& each : resolution.nodes) {
      if (each.requirements.contains(node)) used.push_back(each.node);
    }
    return used;
  }

  ServiceRecord RecordOf(const std::string& service) {
    return store_.GetService("local", service)->record;
  }
};

// The feature tls sets an option and needs a ca.
constexpr char kTls[] = R"({"features": {"tls": {
    "options": {"/text": "tls"}, "requires": [{"package": "ca"}]}}})";

TEST_F(RunningServicesTest, FeatureStaysOnInAnUpgrade) {
  Add("web", 1, "1.0", kTls);
  Add("ca", 1, "1");
  InstallRequest request = Asked("web");
  request.features = {"tls"};
  InstallAs(request);
  EXPECT_THAT(RecordOf("web").manifest, HasSubstr("v1.0 tls"));

  Add("web", 2, "2.0", kTls);
  EXPECT_THAT(Steps(Request("web")), ElementsAre("update web 1.0 -> 2.0"));
  ASSERT_THAT(upgrader_.Upgrade(Request("web"), ""), IsOk());
  Finish();
  EXPECT_THAT(RecordOf("web").features, ElementsAre("tls"));
  EXPECT_THAT(RecordOf("web").manifest, HasSubstr("v2.0 tls"));

  // What the feature needs is not free to go.
  ResolveQuery query;
  query.cluster = "local";
  query.installed = true;
  query.remove = {{"ca", ""}};
  EXPECT_EQ(resolver_.Resolve(query)->status, resolver::Status::kUnsatisfiable);
}

TEST_F(RunningServicesTest, ReleaseThatIsGoneIsNotHeldBelowItself) {
  Add("web", 1, "1.0");
  InstallAs(Asked("web"));
  TakeAway("web", 1);
  Add("other", 1, "1.0");
  const auto outdated = OutdatedToJson("local", resolver_);
  ASSERT_THAT(outdated, IsOk());
  ASSERT_EQ(outdated->Find("services")->items().size(), 1u);
  EXPECT_TRUE(outdated->Find("services")->items()[0].Find("held")->is_null());
}

TEST_F(RunningServicesTest, ReleaseWithoutAFeatureThatIsOnIsNoUpgrade) {
  Add("web", 1, "1.0", kTls);
  Add("ca", 1, "1");
  InstallRequest request = Asked("web");
  request.features = {"tls"};
  InstallAs(request);
  Add("web", 2, "2.0");
  EXPECT_THAT(Steps(Request("web")), IsEmpty());
  EXPECT_THAT(
      upgrader_.MakeUpgradePlan(Request("web", "=2.0")).status().message(),
      HasSubstr("web[tls] 1.0 is installed and stays"));
  // Who gives the option that it sets switches it off.
  UpgradeRequest off = Request("web", "=2.0");
  off.options = R"({"text": "plain"})";
  EXPECT_THAT(Steps(off), ElementsAre("update web 1.0 -> 2.0"));
}

TEST_F(RunningServicesTest, FeatureThatSomebodyNewNeedsIsSwitchedOnByThePlan) {
  Add("web", 1, "1.0", kTls);
  Add("ca", 1, "1");
  Install("web", "");
  Add("shop", 1, "1", R"({"requires": [
      {"package": "web", "features": ["tls"]}]})");
  EXPECT_THAT(StepsOf(installer_.MakeInstallPlan(Asked("shop"))),
              ElementsAre("apply ca 1: web needs ca if feature:tls",
                          "update web 1.0 -> 1.0: shop needs web[tls]",
                          "apply shop 1"));
  InstallAs(Asked("shop"));
  EXPECT_THAT(RecordOf("web").features, ElementsAre("tls"));
  EXPECT_THAT(RecordOf("web").manifest, HasSubstr("v1.0 tls"));
}

TEST_F(RunningServicesTest, PrereleaseThatRunsIsInRangesWhereItRuns) {
  Add("zk", 3, "1.0-rc2");
  Add("zk", 2, "1.0-rc1");
  Add("zk", 1, "0.9");
  Install("zk", "=1.0-rc1");
  Add("app", 1, "1", R"({"requires": [{"package": "zk", "versions": ">=0.5"}],
      "bounds": [{"package": "zk", "versions": ">=0.5"}]})");
  EXPECT_THAT(StepsOf(installer_.MakeInstallPlan(Asked("app"))),
              ElementsAre("apply app 1"));
  EXPECT_THAT(Steps(Request("zk")), IsEmpty());
  InstallRequest other = Asked("zk");
  other.service = "zk-2";
  EXPECT_THAT(StepsOf(installer_.MakeInstallPlan(other)),
              ElementsAre("apply zk-2 0.9"));
  Add("rival", 1, "1", R"({"conflicts": [
      {"package": "zk", "versions": ">=0.5"}]})");
  EXPECT_THAT(installer_.MakeInstallPlan(Asked("rival")),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

// An app that works with a database, or by itself on such a cluster.
constexpr char kEither[] = R"({"requires": [{"anyOf": [
    {"package": "db"}, {"fact": "@kind", "versions": "fake"}]}]})";

TEST_F(RunningServicesTest, ServiceStaysOnTheFactItWasInstalledOn) {
  Add("app", 1, "1", kEither);
  Add("db", 1, "1");
  Add("other", 1, "1");
  InstallRequest alone = Asked("app");
  alone.choices.exclude = {"db"};
  InstallAs(alone);
  EXPECT_THAT(StepsOf(installer_.MakeInstallPlan(Asked("other"))),
              ElementsAre("apply other 1"));
  // Neither does a database that comes for others take over.
  EXPECT_THAT(StepsOf(installer_.MakeInstallPlan(Asked("db"))),
              ElementsAre("apply db 1"));
}

// A proxy with a store that is cas or pg.
constexpr char kStores[] = R"({"requires": [{"anyOf": [
    {"package": "cas", "bind": [{"output": "host", "option": "/text"}]},
    {"package": "pg", "bind": [{"output": "host", "option": "/text"}]}]}]})";

std::string Host(const std::string& value) {
  return absl::StrCat(R"({"outputs": {"host": {"type": "string", "value": [")",
                      value, R"("]}}})");
}

TEST_F(RunningServicesTest, WhoLosesItsProviderIsBoundToTheNext) {
  Add("kong", 1, "1", kStores);
  Add("cas", 1, "1", Host("at-cas"));
  Add("pg", 1, "1", Host("at-pg"));
  Add("other", 1, "1");
  Install("pg", "");
  Install("cas", "");
  Install("kong", "");
  EXPECT_THAT(RecordOf("kong").manifest, HasSubstr("at-cas"));
  InstallRequest request = Asked("other");
  EXPECT_THAT(StepsOf(installer_.MakeInstallPlan(request)),
              ElementsAre("apply other 1"));
  request.choices.remove = {{"cas", ""}};
  EXPECT_THAT(StepsOf(installer_.MakeInstallPlan(request)),
              ElementsAre("apply other 1", HasSubstr("update kong 1 -> 1"),
                          "remove cas 1"));
  InstallAs(request);
  EXPECT_THAT(RecordOf("kong").manifest, HasSubstr("at-pg"));
}

TEST_F(RunningServicesTest, InstallOfWhatRunsStillDoesWhatElseIsAsked) {
  Add("web", 1, "1");
  Add("old", 1, "1");
  Install("web", "");
  Install("old", "");
  InstallRequest request = Asked("web");
  EXPECT_THAT(StepsOf(installer_.MakeInstallPlan(request)), IsEmpty());
  request.choices.remove = {{"old", ""}};
  EXPECT_THAT(StepsOf(installer_.MakeInstallPlan(request)),
              ElementsAre("remove old 1"));
}

TEST_F(RunningServicesTest, PlanSaysWhatTheCatalogueWas) {
  Add("web", 1, "1");
  const auto plan = installer_.MakeInstallPlan(Asked("web"));
  ASSERT_THAT(plan, IsOk());
  ASSERT_TRUE(plan->catalog.contains("web"));
  const std::string before = plan->catalog.at("web");
  EXPECT_THAT(before, ::testing::StartsWith("sha256:"));
  Add("web", 2, "2");
  EXPECT_NE(installer_.MakeInstallPlan(Asked("web"))->catalog.at("web"),
            before);
}

// Two zk run, one in the folder of a team.
class InstancesTest : public RunningServicesTest {
 protected:
  void SetUp() override {
    Add("zk", 1, "1");
    Add("app", 1, "1", R"({"requires": [{"package": "zk"}]})");
    Install("zk", "");
    Install("zk", "", "", "team/zk");
  }
};

TEST_F(InstancesTest, ServicesOfOneFolderBelongTogether) {
  EXPECT_THAT(UsedBy(Resolve("app@team/app"), "app@team/app"),
              ElementsAre("zk@team/zk"));
  EXPECT_THAT(UsedBy(Resolve("app"), "app"), ElementsAre("zk"));
}

TEST_F(InstancesTest, WhoSaysWhichIsToBeUsedGetsThat) {
  EXPECT_THAT(UsedBy(Resolve("app", {{{"app", ""}, "zk", "team/zk"}}), "app"),
              ElementsAre("zk@team/zk"));
}

TEST_F(InstancesTest, ServiceStaysWithTheOneItIsBoundTo) {
  InstallRequest request = Asked("app");
  request.choices.bindings = {{{"app", ""}, "zk", "team/zk"}};
  InstallAs(request);
  Add("app", 2, "2", R"({"requires": [{"package": "zk"}]})");
  EXPECT_THAT(UsedBy(Resolve("app@=2"), "app"), ElementsAre("zk@team/zk"));
}

TEST_F(RunningServicesTest, ProviderThatRunsIsUsedBeforeOthersOfACapability) {
  constexpr char kSql[] = R"({"provides": [{"capability": "sql"}]})";
  Add("a-sql", 1, "1", kSql);
  Add("z-sql", 1, "1", kSql);
  Add("app", 1, "1", R"({"requires": [{"capability": "sql"}]})");
  EXPECT_THAT(UsedBy(Resolve("app"), "app"), ElementsAre("a-sql"));
  Install("z-sql", "");
  EXPECT_THAT(UsedBy(Resolve("app"), "app"), ElementsAre("z-sql"));
}

TEST_F(RunningServicesTest, SecondServiceOfASingletonIsRefused) {
  Add("web", 1, "1", R"({"singleton": true})");
  Install("web", "");
  EXPECT_THAT(
      RefusalText(Resolve("web@second")),
      HasSubstr("only one service can hold singleton:web: web and web@second "
                "want it"));
}

TEST_F(RunningServicesTest, ClaimIsWhatTheOptionOfTheServiceSays) {
  constexpr char kVip[] = R"({"claims": [{"kind": "vip", "option": "/text"}]})";
  Add("web", 1, "1", kVip);
  Add("lb", 1, "1", kVip);
  Install("web", "", R"({"text": "10.0.0.1"})");
  EXPECT_EQ(Resolve("lb").status, resolver::Status::kSolved);
  Install("lb", "");
  EXPECT_THAT(RefusalText(Resolve("web@other")),
              HasSubstr("only one service can hold vip:hi"));
}

TEST_F(RunningServicesTest, NeitherFitsTheOtherWhileOneHasChanged) {
  Add("zk", 1, "1");
  Add("app", 1, "1", R"({"requires": [{"package": "zk", "versions": "=1"}]})");
  Install("app", "");
  Add("zk", 2, "2");
  Add("app", 2, "2", R"({"requires": [{"package": "zk", "versions": "=2"}]})");
  const Resolution resolution = Resolve("app@=2");
  ASSERT_EQ(resolution.notes.size(), 1u);
  EXPECT_EQ(resolution.notes[0].code, "together");
  EXPECT_EQ(resolution.notes[0].text,
            "zk and app fit each other before and after the change, but not "
            "while only one of them has changed");
}

TEST_F(RunningServicesTest, ReleaseThatLeftItsSourceIsNoted) {
  Add("zk", 1, "1");
  Install("zk", "");
  Add("zk", 2, "2");
  TakeAway("zk", 1);
  Add("other", 1, "1");
  const Resolution resolution = Resolve("other");
  ASSERT_EQ(resolution.notes.size(), 1u);
  EXPECT_EQ(resolution.notes[0].code, "not-admitted");
  EXPECT_EQ(resolution.Find("zk")->action, NodeAction::kKeep);
}

}  // namespace
}  // namespace orrery::catalog
