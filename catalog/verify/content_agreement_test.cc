#include "catalog/verify/content_agreement.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "signing/record/record.h"
#include "signing/refusal.h"
#include "signing/refusal_matchers.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using signing::RefusalCode;
using signing::Refused;
using signing::RevisionContent;

constexpr char kPackage[] = R"({"name":"kafka","version":"1.0"})";

RevisionContent Kafka(std::vector<std::string> requirements = {}) {
  RevisionContent content;
  content.release = 3;
  content.revision = 1;
  content.version = "1.0";
  content.requirements = std::move(requirements);
  return content;
}

std::string Needs(const std::string& target) {
  return R"({"requires":[{"package":")" + target + R"("}]})";
}

TEST(CheckAgreementTest, AcceptsAPackageOfTheRecordsNameAndVersion) {
  EXPECT_THAT(CheckAgreement("kafka", Kafka(), {{"package.json", kPackage}}),
              IsOk());
}

TEST(CheckAgreementTest, RefusesAnotherNameOrVersionOrNoPackageJson) {
  const std::vector<std::vector<VerifiedFile>> cases = {
      {{"package.json", R"({"name":"spark","version":"1.0"})"}},
      {{"package.json", R"({"name":"kafka","version":"1.1"})"}},
      {{"package.json", R"({"name":"kafka"})"}},
      {{"package.json", R"(["kafka"])"}},
      {{"package.json", "kafka"}},
      {{"package.json", ""}},
      {{"config.json", kPackage}},
      {}};
  for (const std::vector<VerifiedFile>& files : cases) {
    EXPECT_THAT(CheckAgreement("kafka", Kafka(), files),
                Refused(RefusalCode::kContentIdentity))
        << (files.empty() ? "none" : files.front().bytes);
  }
}

TEST(CheckAgreementTest, TakesRelationsThatRequireWhatTheRecordSays) {
  EXPECT_THAT(CheckAgreement("kafka", Kafka({"zookeeper"}),
                             {{"package.json", kPackage},
                              {"relations.json", Needs("zookeeper")}}),
              IsOk());
}

TEST(CheckAgreementTest, RefusesMoreFewerAndOtherRequirementsThanTheRecord) {
  const VerifiedFile package = {"package.json", kPackage};
  const VerifiedFile relations = {"relations.json", Needs("zookeeper")};
  EXPECT_THAT(CheckAgreement("kafka", Kafka(), {package, relations}),
              Refused(RefusalCode::kContentIdentity));
  EXPECT_THAT(CheckAgreement("kafka", Kafka({"etcd"}), {package, relations}),
              Refused(RefusalCode::kContentIdentity));
  EXPECT_THAT(CheckAgreement("kafka", Kafka({"zookeeper"}), {package}),
              Refused(RefusalCode::kContentIdentity));
}

TEST(CheckAgreementTest, TakesRefusedRelationsForNoRequirements) {
  const VerifiedFile package = {"package.json", kPackage};
  const VerifiedFile broken = {"relations.json", R"({"requires":7})"};
  EXPECT_THAT(CheckAgreement("kafka", Kafka(), {package, broken}), IsOk());
}

TEST(CheckAgreementTest, RefusesAnAssetThatTheRecordPinsToOtherBytes) {
  RevisionContent content = Kafka();
  content.assets.push_back(
      {signing::Digest::Of("honest"), 6, "jar", "https://example.org/k.jar"});
  const auto files = [](const std::string& bytes) {
    return std::vector<VerifiedFile>{
        {"package.json", kPackage},
        {"resource.json",
         R"({"assets":{"uris":{"jar":"https://example.org/k.jar"}}})"},
        {"artifacts.json", R"({"schema":1,"assets":{"jar":{"sha256":")" +
                               signing::Digest::Of(bytes).Hex() +
                               R"(","size":6}}})"}};
  };
  EXPECT_THAT(CheckAgreement("kafka", content, files("honest")), IsOk());
  EXPECT_THAT(CheckAgreement("kafka", content, files("forged")),
              Refused(RefusalCode::kContentIdentity));
}

TEST(CheckOverlayAgreementTest, WantsNoPackageJsonAndTheSameRequirements) {
  const VerifiedFile relations = {"relations.json", Needs("zookeeper")};
  EXPECT_THAT(CheckOverlayAgreement("kafka", Kafka({"zookeeper"}), {relations}),
              IsOk());
  EXPECT_THAT(CheckOverlayAgreement("kafka", Kafka(), {relations}),
              Refused(RefusalCode::kContentIdentity));
}

}  // namespace
}  // namespace orrery::catalog
