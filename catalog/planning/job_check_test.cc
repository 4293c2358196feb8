#include "catalog/planning/job_check.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/format/json_parse.h"
#include "registry/format/json_value.h"
#include "signing/refusal.h"
#include "signing/refusal_matchers.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;
using signing::RefusalCode;
using signing::Refused;

VerifiedRelease Release() {
  VerifiedRelease release;
  release.package = "kafka";
  release.revision.key = {"u", 3, 1};
  release.files = {
      {"package.json",
       R"({"packagingVersion":"4.0","name":"kafka","version":"1.0",
           "maintainer":"m","description":"d","tags":[]})"},
      {"config.json",
       R"({"type":"object","properties":{
           "text":{"type":"string","default":"hi"}}})"},
      {"marathon.json.mustache", R"({"id":"k","cmd":"say {{text}}"})"}};
  return release;
}

PlannedJob Planned(const std::string& text) {
  PlannedJob job;
  job.service = "kafka-eu";
  job.source_url = "https://example.org/u.git";
  job.options.Set("text", JsonValue::String(text));
  job.free_labels = {"ORRERY_OWNER", "DCOS_PACKAGE_DEFINITION",
                     "DCOS_PACKAGE_OPTIONS"};
  job.manifest = registry::ParseJson(
                     R"({"id":"/kafka-eu","cmd":"say hello","labels":{
              "ORRERY_OWNER":"me","ORRERY_SERVICE":"kafka-eu",
              "DCOS_PACKAGE_DEFINITION":"x","DCOS_PACKAGE_OPTIONS":"y",
              "DCOS_PACKAGE_NAME":"kafka","DCOS_PACKAGE_VERSION":"1.0",
              "DCOS_PACKAGE_SOURCE":"https://example.org/u.git"}})")
                     ->root;
  return job;
}

TEST(CheckJobTest, AcceptsTheJobThatTheFilesGive) {
  EXPECT_THAT(CheckJob(Release(), Planned("hello")), IsOk());
}

TEST(CheckJobTest, RefusesAnotherCommandImageOrLabelAndSaysWhere) {
  const auto planned = Planned("hello");
  for (const auto& [name, value] :
       {std::pair{"cmd", JsonValue::String("rm -rf /")},
        std::pair{"env", JsonValue::Object()},
        std::pair{"labels", JsonValue::Object()}}) {
    PlannedJob job = planned;
    job.manifest.Set(name, value);
    const absl::Status status = CheckJob(Release(), job);
    EXPECT_THAT(status, Refused(RefusalCode::kPlanDigest));
    EXPECT_THAT(std::string(status.message()),
                testing::HasSubstr(std::string("/") + name));
  }
}

TEST(CheckJobTest, RefusesAJobOfOtherOptionsFilesOrService) {
  EXPECT_THAT(CheckJob(Release(), Planned("other")),
              Refused(RefusalCode::kPlanDigest));
  VerifiedRelease changed = Release();
  changed.files[2].bytes = R"({"id":"k","cmd":"shout {{text}}"})";
  EXPECT_THAT(CheckJob(changed, Planned("hello")),
              Refused(RefusalCode::kPlanDigest));
  PlannedJob job = Planned("hello");
  job.service = "kafka-us";
  EXPECT_THAT(CheckJob(Release(), job), Refused(RefusalCode::kPlanDigest));
}

TEST(CheckJobTest, RefusesAJobOfAReleaseThatGivesNone) {
  VerifiedRelease release = Release();
  release.files.pop_back();
  EXPECT_THAT(CheckJob(release, Planned("hello")),
              Refused(RefusalCode::kPlanDigest));
}

}  // namespace
}  // namespace orrery::catalog
