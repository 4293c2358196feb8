#include "catalog/store/plan.h"

#include "gtest/gtest.h"

#include "registry/format/json_value.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

PlanStep GreeterStep() {
  PlanStep step;
  step.cluster = "local";
  step.service = "greeter";
  step.package = "greeter";
  step.release = 100;
  step.version = "1.1.0";
  step.source = "example";
  step.options = R"({"greeting":{"text":"hi"}})";
  step.manifest = R"({"id":"/greeter"})";
  step.artifacts = {{"http://h/a.tgz", "00ff", 5}, {"http://h/b.tgz", "00"}};
  step.instances = 2;
  step.late = {{"/port", "713", "zk", "port", {{}}, true, "+", "{}"}};
  step.computed = R"({"db":{"login":"hunter2","url":"db:1"}})";
  step.secrets = {"/db/login"};
  step.added_for = {"kafka"};
  step.default_changes = {{"/text", "\"a\"", "\"b\""}};
  step.undeclared_options = {{"/x", "string", "\"y\""}};
  return step;
}

TEST(PlanTest, IdCoversTheStepsAndNotTheWarnings) {
  const Plan plan = MakePlan({GreeterStep()}, {"runs as root"});
  EXPECT_EQ(plan.id.size(), 64u);
  EXPECT_EQ(plan.id, MakePlan({GreeterStep()}, {}).id);
  PlanStep other = GreeterStep();
  other.manifest = R"({"id":"/other"})";
  EXPECT_NE(plan.id, MakePlan({other}, {}).id);
}

TEST(PlanTest, StoredPlanReadsBackWhole) {
  const Plan plan = MakePlan({GreeterStep()}, {"runs as root"});
  const auto read = PlanFromJson(PlanToJson(plan));
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(PlanToJson(*read), PlanToJson(plan));
  EXPECT_EQ(read->steps[0].undeclared_options[0].pointer, "/x");
  EXPECT_EQ(read->steps[0].late[0].schema, "{}");
  EXPECT_EQ(read->steps[0].added_for[0], "kafka");
  EXPECT_EQ(read->steps[0].secrets[0], "/db/login");
  EXPECT_EQ(read->steps[0].artifacts, GreeterStep().artifacts);
}

TEST(PlanTest, ASecretThatRelationsSetIsShownAsAReference) {
  PlanStep step = GreeterStep();
  EXPECT_EQ(ComputedWithoutSecrets(step),
            R"({"db":{"login":{"$secret":"/db/login"},"url":"db:1"}})");
  step.secrets.clear();
  EXPECT_EQ(ComputedWithoutSecrets(step), step.computed);
}

TEST(PlanTest, TheRecordKnowsItsSecrets) {
  ServiceRecord record;
  TakeStep(GreeterStep(), &record);
  EXPECT_EQ(record.secrets, std::vector<std::string>{"/db/login"});
}

TEST(PlanTest, StoredPlanWithoutAMemberIsDataLoss) {
  registry::JsonValue json = PlanToJson(MakePlan({GreeterStep()}, {}));
  json.Find("steps")->items()[0].Erase("manifest");
  EXPECT_THAT(PlanFromJson(json), StatusIs(absl::StatusCode::kDataLoss,
                                           "stored plan step: member "
                                           "'manifest' should be a string"));
}

}  // namespace
}  // namespace orrery::catalog
