#include "catalog/install.h"

#include <map>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/planning/planning_fixture.h"
#include "registry/format/json_parse.h"
#include "registry/status/error_details.h"
#include "tests/testing/snapshot_builder.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using registry::FieldFaultsOf;
using registry::ReasonOf;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kConfig[] = R"({"type":"object","properties":{
  "name":{"type":"string","default":"greeter"},
  "count":{"type":"integer","minimum":0,"default":1},
  "text":{"type":"string","default":"hi"}}})";
constexpr char kTemplate[] =
    R"({"id":"{{name}}","cmd":"echo {{text}}","instances":{{count}}})";

std::string PackageJson(const std::string& version) {
  return R"({"packagingVersion":"4.0","name":"greeter","version":")" + version +
         R"(","maintainer":"m","description":"d","tags":[]})";
}

class InstallerTest : public PlanningTest {
 protected:
  InstallerTest() {
    snapshot_ = tests::SnapshotBuilder()
                    .AddRelease("greeter", 1, "1.1.0", Files("1.1.0"))
                    .AddRelease("greeter", 0, "1.0.0", Files("1.0.0"))
                    .Build();
  }

  static std::map<std::string, std::string> Files(const std::string& version) {
    return {{"package.json", PackageJson(version)},
            {"config.json", kConfig},
            {"marathon.json.mustache", kTemplate}};
  }

  static InstallRequest Request(const std::string& options = "") {
    InstallRequest request;
    request.cluster = "local";
    request.package = "greeter";
    request.options = options;
    return request;
  }

  // Installs and lets the app run.
  void InstallNow(const InstallRequest& request) {
    ASSERT_THAT(installer_.Install(request, ""), IsOk());
    runner_.Tick();
    cluster_->apps["greeter"].state = AppState::kRunning;
    runner_.Tick();
  }
};

TEST_F(InstallerTest, PlanNamesTheReleaseAndHoldsTheRenderedApp) {
  const auto plan = installer_.MakeInstallPlan(Request(R"({"text":"1.10"})"));
  ASSERT_THAT(plan, IsOk());
  ASSERT_EQ(plan->steps.size(), 1u);
  const PlanStep& step = plan->steps[0];
  EXPECT_EQ(step.release, 1);
  EXPECT_EQ(step.version, "1.1.0");
  EXPECT_EQ(step.source, "example");
  EXPECT_EQ(step.options, R"({"text":"1.10"})");
  const auto app = registry::ParseJson(step.manifest);
  ASSERT_THAT(app, IsOk());
  EXPECT_EQ(app->root.FindString("id"), "/greeter");
  EXPECT_EQ(app->root.FindString("cmd"), "echo 1.10");
  EXPECT_EQ(app->root.Find("labels")->FindString("DCOS_PACKAGE_SOURCE"),
            "file:///srv/example");
  EXPECT_EQ(app->root.Find("labels")->FindString("ORRERY_SERVICE"), "greeter");
}

TEST_F(InstallerTest, PlanningChangesNothing) {
  ASSERT_THAT(installer_.MakeInstallPlan(Request()), IsOk());
  EXPECT_THAT(*store_.ListServices(""), IsEmpty());
  EXPECT_THAT(*store_.ListOperations(), IsEmpty());
  EXPECT_EQ(cluster_->creates, 0);
}

TEST_F(InstallerTest, RangeSelectsTheRelease) {
  InstallRequest request = Request();
  request.range = "=1.0.0";
  EXPECT_EQ(installer_.MakeInstallPlan(request)->steps[0].release, 0);
  request.range = "release=7";
  EXPECT_THAT(installer_.MakeInstallPlan(request),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("ask for greeter: adds greeter 1.1.0")));
  request.package = "greter";
  EXPECT_THAT(installer_.MakeInstallPlan(request),
              StatusIs(absl::StatusCode::kNotFound));
  request.package = "greeter";
  request.range = ">= 1.0";
  EXPECT_THAT(installer_.MakeInstallPlan(request),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(InstallerTest, InstallRunsThePlanThatWasShown) {
  const auto plan = installer_.MakeInstallPlan(Request());
  const auto start = installer_.Install(Request(), plan->id);
  ASSERT_THAT(start, IsOk());
  EXPECT_EQ(start->plan.id, plan->id);
  ASSERT_TRUE(start->Of("greeter").has_value());
  runner_.Tick();
  EXPECT_EQ(cluster_->last_request.manifest, plan->steps[0].manifest);
}

TEST_F(InstallerTest, PlanThatIsNoLongerTheSameIsNotRun) {
  const auto plan = installer_.MakeInstallPlan(Request());
  snapshot_ = tests::SnapshotBuilder()
                  .AddRelease("greeter", 2, "1.2.0", Files("1.2.0"))
                  .Build();
  const auto start = installer_.Install(Request(), plan->id);
  EXPECT_THAT(start, StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(ReasonOf(start.status()).reason, "PLAN_CHANGED");
  EXPECT_THAT(*store_.ListServices(""), IsEmpty());
}

TEST_F(InstallerTest, SameReleaseAndOptionsAreNothingToDo) {
  InstallRequest request = Request(R"({"text":"a","count":1})");
  request.range = "release=0";
  InstallNow(request);
  request.options = R"({"count":1,"text":"a"})";
  EXPECT_THAT(installer_.MakeInstallPlan(request)->steps, IsEmpty());
  // Without a range any release will do, also when a newer one is there.
  request.range = "";
  EXPECT_THAT(installer_.MakeInstallPlan(request)->steps, IsEmpty());
  // What runs needs no catalogue.
  snapshot_ = std::make_shared<registry::Snapshot>();
  EXPECT_THAT(installer_.MakeInstallPlan(request)->steps, IsEmpty());
}

TEST_F(InstallerTest, OtherReleaseOrOptionsAreAConflictThatSaysWhatToDo) {
  InstallNow(Request(R"({"text":"a"})"));
  const auto other_options = installer_.Install(Request(), "");
  EXPECT_THAT(other_options, StatusIs(absl::StatusCode::kAlreadyExists,
                                      HasSubstr("orrery upgrade greeter with "
                                                "the options that it is to")));
  EXPECT_EQ(ReasonOf(other_options.status()).reason, "SERVICE_EXISTS");
  InstallRequest other_release = Request(R"({"text":"a"})");
  other_release.range = "release=0";
  EXPECT_THAT(installer_.Install(other_release, ""),
              StatusIs(absl::StatusCode::kAlreadyExists,
                       AllOf(HasSubstr("version 1.1.0 (release 1)"),
                             EndsWith("orrery upgrade greeter@release=0"))));
}

// Releases have one revision.
TEST_F(InstallerTest, ReleaseMayBeNamedWithItsRevision) {
  InstallRequest request = Request();
  request.range = "release=0#2";
  EXPECT_THAT(installer_.MakeInstallPlan(request),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("you ask for greeter release=0#2, but no "
                                 "release of greeter fits release=0#2")));
  request.range = "release=0#1";
  InstallNow(request);
  EXPECT_THAT(installer_.MakeInstallPlan(request)->steps, IsEmpty());
  request.range = "release=0#2";
  EXPECT_THAT(installer_.MakeInstallPlan(request),
              StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_F(InstallerTest, InstallWhileOneGoesOnNamesTheOperation) {
  const auto first = installer_.Install(Request(), "");
  const auto second = installer_.Install(Request(), "");
  EXPECT_THAT(second, StatusIs(absl::StatusCode::kAborted,
                               HasSubstr(first->Of("greeter")->name)));
  EXPECT_EQ(ReasonOf(second.status()).reason, "OPERATION_RUNNING");
}

TEST_F(InstallerTest, UnknownOptionsAreRefusedOrListed) {
  InstallRequest request = Request(R"({"tetx":"a"})");
  const auto refused = installer_.MakeInstallPlan(request);
  EXPECT_THAT(refused,
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("text")));
  EXPECT_EQ(ReasonOf(refused.status()).reason, "UNKNOWN_OPTION");
  ASSERT_EQ(FieldFaultsOf(refused.status()).size(), 1u);
  EXPECT_EQ(FieldFaultsOf(refused.status())[0].pointer, "/tetx");

  request.allow_unknown_options = true;
  const auto allowed = installer_.MakeInstallPlan(request);
  ASSERT_THAT(allowed, IsOk());
  ASSERT_EQ(allowed->steps[0].undeclared_options.size(), 1u);
  EXPECT_EQ(allowed->steps[0].undeclared_options[0].pointer, "/tetx");
  EXPECT_EQ(allowed->steps[0].undeclared_options[0].type, "string");
  EXPECT_EQ(allowed->steps[0].undeclared_options[0].value, "\"a\"");
}

TEST_F(InstallerTest, OptionsThatBreakTheSchemaListEveryFault) {
  const auto refused =
      installer_.MakeInstallPlan(Request(R"({"count":-1,"text":5})"));
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(ReasonOf(refused.status()).reason, "OPTIONS_INVALID");
  const auto faults = FieldFaultsOf(refused.status());
  ASSERT_EQ(faults.size(), 2u);
  EXPECT_EQ(faults[0].pointer, "/count");
  EXPECT_EQ(faults[0].found, "-1");
  EXPECT_EQ(faults[1].pointer, "/text");
}

TEST_F(InstallerTest, NullOverridesTheDefaultAndIsJudged) {
  const auto refused = installer_.MakeInstallPlan(Request(R"({"text":null})"));
  EXPECT_EQ(ReasonOf(refused.status()).reason, "OPTIONS_INVALID");
  ASSERT_EQ(FieldFaultsOf(refused.status()).size(), 1u);
  EXPECT_EQ(FieldFaultsOf(refused.status())[0].pointer, "/text");
}

TEST_F(InstallerTest, OptionsThatAreNoObjectAreMalformed) {
  for (const char* options : {"[]", "{", "{\"a\":1,\"a\":2}"}) {
    const auto refused = installer_.MakeInstallPlan(Request(options));
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_EQ(ReasonOf(refused.status()).reason, "OPTIONS_MALFORMED");
  }
}

TEST_F(InstallerTest, BrokenRulesOfTheClusterAreFaults) {
  cluster_->forecast.violations = {{"/cmd", "must not be empty"}};
  const auto refused = installer_.Install(Request(), "");
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition,
                                HasSubstr("/cmd: must not be empty; it comes "
                                          "from line 1 of "
                                          "marathon.json.mustache")));
  EXPECT_EQ(ReasonOf(refused.status()).reason, "MANIFEST_INVALID");
  EXPECT_THAT(*store_.ListServices(""), IsEmpty());
}

TEST_F(InstallerTest, WarningsOfTheClusterAreInThePlan) {
  cluster_->forecast.warnings = {"greeter runs as root"};
  EXPECT_THAT(installer_.MakeInstallPlan(Request())->warnings,
              ElementsAre("greeter runs as root"));
}

TEST_F(InstallerTest, UnknownClusterAndBadNameAreRefused) {
  InstallRequest request = Request();
  request.cluster = "locl";
  EXPECT_THAT(installer_.MakeInstallPlan(request),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("local")));
  request = Request();
  request.service = "Kafka";
  EXPECT_THAT(installer_.MakeInstallPlan(request),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

// A consumer of two outputs of a provider, one known only when it runs.
class DependentInstallTest : public InstallerTest {
 protected:
  DependentInstallTest() {
    auto provider = Files("1.0.0");
    provider["marathon.json.mustache"] =
        R"({"id":"{{name}}","cmd":"echo {{text}}","instances":{{count}},
            "portDefinitions":[{"name":"web"}]})";
    provider["relations.json"] = R"({"outputs": {
        "name": {"type": "string", "value": [{"service": "id"}]},
        "url": {"type": "string", "value": ["http://", {"address": "web"}]}}})";
    std::map<std::string, std::string> consumer = {
        {"package.json",
         R"({"packagingVersion":"4.0","name":"app","version":"1","maintainer":
             "m","description":"d","tags":[]})"},
        {"config.json", R"({"type":"object","properties":{
             "url":{"type":"string"},"of":{"type":"string"}}})"},
        {"marathon.json.mustache",
         R"({"id":"app","cmd":"echo {{of}} {{url}}","instances":1})"},
        {"relations.json", R"({"requires": [{"package": "greeter", "bind": [
             {"output": "url", "option": "/url"},
             {"output": "name", "option": "/of"}]}]})"}};
    snapshot_ = tests::SnapshotBuilder()
                    .AddRelease("greeter", 0, "1.0.0", provider)
                    .AddRelease("app", 0, "1", consumer)
                    .Build();
    request_.cluster = "local";
    request_.package = "app";
  }

  std::string Command(const std::string& service) {
    const auto stored = store_.GetService("local", service);
    EXPECT_THAT(stored, IsOk());
    return std::string(
        registry::ParseJson(stored->record.manifest)->root.FindString("cmd"));
  }

  InstallRequest request_;
};

TEST_F(DependentInstallTest, PlanStartsTheProviderFirst) {
  const auto plan = installer_.MakeInstallPlan(request_);
  ASSERT_THAT(plan, IsOk());
  ASSERT_EQ(plan->steps.size(), 2u);
  EXPECT_EQ(plan->steps[0].service, "greeter");
  EXPECT_EQ(plan->steps[1].service, "app");
  EXPECT_THAT(plan->steps[1].after, ElementsAre("greeter"));
  ASSERT_EQ(plan->steps[1].late.size(), 1u);
  EXPECT_EQ(plan->steps[1].late[0].option, "/url");
  EXPECT_EQ(plan->steps[1].options, "{}");
}

TEST_F(DependentInstallTest, WhatAllStepsAskForIsComparedWithWhatIsFree) {
  cluster_->forecast.more = {0.5, 600000};
  cluster_->free = {1, 1000};
  const auto plan = installer_.MakeInstallPlan(request_);
  ASSERT_THAT(plan, IsOk());
  ASSERT_TRUE(plan->room.has_value());
  EXPECT_EQ(plan->room->needed.cpus, 1);
  EXPECT_EQ(plan->room->needed.mem, 1200000);
  EXPECT_THAT(plan->warnings,
              ElementsAre("the plan needs 1200000 MiB of memory, and 1000 are "
                          "free: what does not fit waits, and may fail"));
}

TEST_F(DependentInstallTest, WarningOfSeveralStepsIsSaidOnceWithTheirNames) {
  cluster_->forecast.warnings = {"it runs as root"};
  EXPECT_THAT(installer_.MakeInstallPlan(request_)->warnings,
              ElementsAre("greeter, app: it runs as root"));
}

TEST_F(DependentInstallTest, ConsumerWaitsAndGetsWhatTheProviderSays) {
  const auto start = installer_.Install(request_, "");
  ASSERT_THAT(start, IsOk());
  EXPECT_EQ(start->Of("app")->service, "app");
  runner_.Tick();
  EXPECT_EQ(cluster_->apps.count("app"), 0u);
  EXPECT_THAT(runner_.Get(start->Of("app")->name)->waiting_for,
              ElementsAre("greeter, which it needs"));
  cluster_->apps["greeter"].state = AppState::kRunning;
  cluster_->apps["greeter"].endpoints = {{"web", "10.0.0.1", 80}};
  runner_.Tick();
  runner_.Tick();
  ASSERT_EQ(cluster_->apps.count("app"), 1u);
  EXPECT_EQ(Command("app"), "echo greeter http://10.0.0.1:80");
  cluster_->apps["app"].state = AppState::kRunning;
  runner_.Tick();
  EXPECT_EQ(runner_.Get(start->Of("app")->name)->state,
            OperationState::kSucceeded);
  EXPECT_THAT(store_.GetService("local", "app")->record.bindings,
              ElementsAre(ServiceBinding{"/of", "greeter", "name"},
                          ServiceBinding{"/url", "greeter", "url"}));
}

TEST_F(DependentInstallTest, FailureOfTheProviderFailsTheConsumer) {
  const auto start = installer_.Install(request_, "");
  ASSERT_THAT(start, IsOk());
  runner_.Tick();
  cluster_->apps["greeter"].state = AppState::kFailed;
  cluster_->apps["greeter"].failure = "exit 3";
  for (int i = 0; i < 4; ++i) runner_.Tick();
  const auto ended = runner_.Get(start->Of("app")->name);
  EXPECT_EQ(ended->state, OperationState::kFailed);
  EXPECT_EQ(ReasonOf(ended->error).reason, "DEPENDENCY_FAILED");
  EXPECT_EQ(ended->error.message(),
            "greeter, which it needs, did not come up: exit 3");
  EXPECT_THAT(*store_.ListServices(""), IsEmpty());
}

TEST_F(DependentInstallTest, ProviderGoesWithTheConsumerThatFailed) {
  const auto start = installer_.Install(request_, "");
  ASSERT_THAT(start, IsOk());
  runner_.Tick();
  cluster_->apps["greeter"].state = AppState::kRunning;
  cluster_->apps["greeter"].endpoints = {{"web", "10.0.0.1", 80}};
  for (int i = 0; i < 2; ++i) runner_.Tick();
  ASSERT_EQ(cluster_->apps.count("app"), 1u);
  cluster_->apps["app"].state = AppState::kFailed;
  cluster_->apps["app"].failure = "exit 3";
  for (int i = 0; i < 4; ++i) runner_.Tick();
  EXPECT_EQ(runner_.Get(start->Of("app")->name)->state,
            OperationState::kFailed);
  EXPECT_THAT(*store_.ListServices(""), IsEmpty());
  EXPECT_THAT(cluster_->apps, IsEmpty());
}

TEST_F(DependentInstallTest, ProviderThatWasThereStaysWhenTheConsumerFails) {
  InstallRequest provider = request_;
  provider.package = "greeter";
  ASSERT_THAT(installer_.Install(provider, ""), IsOk());
  runner_.Tick();
  cluster_->apps["greeter"].state = AppState::kRunning;
  cluster_->apps["greeter"].endpoints = {{"web", "10.0.0.1", 80}};
  runner_.Tick();
  ASSERT_THAT(installer_.Install(request_, ""), IsOk());
  runner_.Tick();
  cluster_->apps["app"].state = AppState::kFailed;
  for (int i = 0; i < 4; ++i) runner_.Tick();
  EXPECT_EQ(store_.ListServices("")->size(), 1u);
  EXPECT_EQ(cluster_->apps.count("greeter"), 1u);
}

TEST_F(DependentInstallTest, RunningProviderIsUsedAsItIs) {
  InstallRequest provider = Request();
  InstallNow(provider);
  cluster_->apps["greeter"].endpoints = {{"web", "10.0.0.1", 80}};
  const auto plan = installer_.MakeInstallPlan(request_);
  ASSERT_THAT(plan, IsOk());
  ASSERT_EQ(plan->steps.size(), 1u);
  EXPECT_EQ(plan->steps[0].computed,
            R"({"of":"greeter","url":"http://10.0.0.1:80"})");
  EXPECT_THAT(plan->steps[0].late, IsEmpty());
}

TEST_F(DependentInstallTest, ProviderInUseIsNotUninstalled) {
  ASSERT_THAT(installer_.Install(request_, ""), IsOk());
  runner_.Tick();
  cluster_->apps["greeter"].state = AppState::kRunning;
  cluster_->apps["greeter"].endpoints = {{"web", "10.0.0.1", 80}};
  runner_.Tick();
  const auto refused = uninstaller_.Uninstall({"local", "greeter"}, "");
  EXPECT_EQ(ReasonOf(refused.status()).reason, "SERVICE_IN_USE");
}

}  // namespace
}  // namespace orrery::catalog
