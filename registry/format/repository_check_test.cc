#include "registry/format/repository_check.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ReleaseFacts Facts(const std::string& name, int64_t release,
                   const std::string& version) {
  ReleaseFacts facts;
  facts.directory = absl::StrCat("X/", name, "/", release);
  facts.name = name;
  facts.release = release;
  facts.version = version;
  return facts;
}

std::vector<Finding> Check(const std::vector<ReleaseFacts>& releases,
                           Profile profile = Profile::kImport) {
  std::vector<const ReleaseFacts*> pointers;
  for (const ReleaseFacts& facts : releases) pointers.push_back(&facts);
  return CheckRepository(pointers, profile);
}

// "path rule pointer" of each.
std::vector<std::string> Places(const std::vector<Finding>& findings) {
  std::vector<std::string> places;
  for (const Finding& finding : findings) {
    places.push_back(absl::StrCat(finding.path, " ", finding.rule, " ",
                                  finding.pointer.value_or("-")));
  }
  return places;
}

TEST(RepositoryCheckTest, OrderedReleasesHaveNoFindings) {
  EXPECT_THAT(Check({Facts("kafka", 0, "1.0"), Facts("kafka", 10, "1.1"),
                     Facts("spark", 0, "1.0")}),
              IsEmpty());
}

TEST(RepositoryCheckTest, ReusedVersionIsAFindingOfEachRelease) {
  const auto findings =
      Check({Facts("kafka", 2, "1.0"), Facts("kafka", 1, "1.0")});
  EXPECT_THAT(Places(findings),
              ElementsAre("X/kafka/1 version-reused /version",
                          "X/kafka/2 version-reused /version"));
  EXPECT_THAT(findings[0].text, HasSubstr("release 2"));
  EXPECT_THAT(findings[1].text, HasSubstr("release 1"));
}

TEST(RepositoryCheckTest, LowerVersionIsWarnedOfAndIncomparableIsNot) {
  const auto findings =
      Check({Facts("kafka", 10, "1.0.x"), Facts("kafka", 2, "1.0.9"),
             Facts("kafka", 1, "1.0.10")},
            Profile::kPublish);
  ASSERT_THAT(Places(findings),
              ElementsAre("X/kafka/10 version-order /version",
                          "X/kafka/2 version-order /version"));
  EXPECT_EQ(findings[0].severity, Severity::kInfo);
  EXPECT_THAT(findings[0].text, HasSubstr("cannot be compared"));
  EXPECT_EQ(findings[1].severity, Severity::kWarn);
  EXPECT_THAT(findings[1].text, HasSubstr("release 1"));
}

TEST(RepositoryCheckTest, EdgesNameVersionsOfTheirPackage) {
  ReleaseFacts release = Facts("kafka", 1, "1.1");
  release.upgrades_from = {"1.0", "*", "0.9", "", "1.1"};
  release.downgrades_to = {"2.0"};
  EXPECT_THAT(Places(Check({Facts("kafka", 0, "1.0"), release,
                            Facts("spark", 0, "0.9")})),
              ElementsAre("X/kafka/1 edge-dangling /downgradesTo/0",
                          "X/kafka/1 edge-dangling /upgradesFrom/2",
                          "X/kafka/1 edge-dangling /upgradesFrom/3",
                          "X/kafka/1 edge-empty /upgradesFrom/3",
                          "X/kafka/1 edge-self /upgradesFrom/4"));
}

TEST(RepositoryCheckTest, ManagerMustExist) {
  ReleaseFacts release = Facts("cluster", 0, "1.0");
  release.manager = "kubernetes";
  EXPECT_THAT(Places(Check({release})),
              ElementsAre("X/cluster/0 manager-missing /manager/packageName"));
  EXPECT_THAT(Check({release, Facts("kubernetes", 0, "1.0")}), IsEmpty());
}

TEST(RepositoryCheckTest, OneUrlHasOneHash) {
  ReleaseFacts first = Facts("kafka", 0, "1.0");
  first.cli_binaries = {{"https://x/a", "11", "/p"},
                        {"https://x/b", "22", "/q"}};
  ReleaseFacts second = Facts("spark", 0, "1.0");
  second.cli_binaries = {{"https://x/a", "33", "/r"},
                         {"https://x/b", "22", "/s"}};
  const auto findings = Check({second, first});
  EXPECT_THAT(Places(findings), ElementsAre("X/kafka/0 cli-hash-differs /p",
                                            "X/spark/0 cli-hash-differs /r"));
  EXPECT_THAT(findings[0].text, HasSubstr("X/spark/0"));
  EXPECT_THAT(findings[1].text, HasSubstr("X/kafka/0"));
}

TEST(RepositoryCheckTest, OrderOfTheReleasesDoesNotMatter) {
  std::vector<ReleaseFacts> releases = {
      Facts("kafka", 0, "1.0"), Facts("kafka", 1, "0.9"),
      Facts("kafka", 2, "1.0"), Facts("kafka", 3, "1.x")};
  const auto findings = Check(releases);
  std::swap(releases[0], releases[3]);
  std::swap(releases[1], releases[2]);
  EXPECT_EQ(Check(releases), findings);
}

}  // namespace
}  // namespace orrery::registry
