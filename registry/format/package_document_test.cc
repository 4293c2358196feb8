#include "registry/format/package_document.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/format/json_parse.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

Parsed<PackageDocument> Read(absl::string_view text) {
  return ParsePackageDocument(ParseJson(text)->root);
}

// The required members, of packaging version `version`, and then `more`.
std::string Package(absl::string_view version, absl::string_view more) {
  return absl::StrCat(
      R"({"packagingVersion":")", version,
      R"(","name":"kafka","version":"1.0","maintainer":"m","description":"d",)",
      R"("tags":[])", more.empty() ? "" : ",", more, "}");
}

TEST(PackageDocumentTest, ReadsEveryMemberOfVersionFive) {
  const auto read = Read(Package("5.0", R"(
      "scm":"s","website":"w","framework":true,"selected":true,
      "preInstallNotes":"a","postInstallNotes":"b","postUninstallNotes":"c",
      "licenses":[{"name":"Apache","url":"https://a/"}],
      "minDcosReleaseVersion":"1.12","hasKnownIssues":true,
      "lastUpdated":1640243772,"upgradesFrom":["*"],"downgradesTo":["0.9"],
      "manager":{"packageName":"kubernetes","minPackageVersion":"2.0","x":1})"));
  EXPECT_THAT(read.faults, IsEmpty());
  const PackageDocument& package = read.document;
  EXPECT_EQ(package.packaging_version, PackagingVersion::k50);
  EXPECT_EQ(package.name, "kafka");
  EXPECT_EQ(package.scm, "s");
  EXPECT_EQ(package.website, "w");
  EXPECT_TRUE(package.framework);
  EXPECT_TRUE(package.selected);
  EXPECT_EQ(package.post_uninstall_notes, "c");
  EXPECT_THAT(package.licenses,
              ElementsAre(Field(&License::url, "https://a/")));
  EXPECT_EQ(package.min_dcos_release_version, "1.12");
  EXPECT_TRUE(package.has_known_issues);
  EXPECT_EQ(package.last_updated, 1640243772);
  EXPECT_THAT(package.upgrades_from, ElementsAre("*"));
  EXPECT_THAT(package.downgrades_to, ElementsAre("0.9"));
  ASSERT_TRUE(package.manager.has_value());
  EXPECT_EQ(package.manager->package_name, "kubernetes");
  EXPECT_EQ(package.manager->min_package_version, "2.0");
}

struct Case {
  std::string name;
  std::string text;
  // Pointers of the faults, in their order; none: accepted.
  std::vector<std::string> pointers;
};

class PackageSchemaTest : public ::testing::TestWithParam<Case> {};

TEST_P(PackageSchemaTest, ReportsEveryFault) {
  const auto read = Read(GetParam().text);
  std::vector<std::string> pointers;
  for (const DocumentFault& fault : read.faults) {
    pointers.push_back(fault.pointer);
    EXPECT_FALSE(fault.unknown_member) << fault.text;
  }
  EXPECT_EQ(pointers, GetParam().pointers);
}

INSTANTIATE_TEST_SUITE_P(
    Schema, PackageSchemaTest,
    ::testing::Values(
        Case{"Minimal20", Package("2.0", ""), {}},
        Case{"Minimal30", Package("3.0", ""), {}},
        Case{"Minimal40", Package("4.0", ""), {}},
        Case{"Minimal50", Package("5.0", ""), {}},
        Case{"FractionalTime", Package("3.0", R"("lastUpdated":1.5e9)"), {}},
        Case{"NothingButVersion",
             R"({"packagingVersion":"4.0"})",
             {"", "", "", "", ""}},
        Case{"WrongTypes",
             Package("4.0", R"("scm":1,"website":null,"framework":"yes",
                 "selected":0,"preInstallNotes":[],"licenses":{},
                 "minDcosReleaseVersion":1.9,"hasKnownIssues":"x",
                 "lastUpdated":"1","upgradesFrom":"*","downgradesTo":[1])"),
             {"/scm", "/website", "/framework", "/selected", "/preInstallNotes",
              "/licenses", "/minDcosReleaseVersion", "/hasKnownIssues",
              "/lastUpdated", "/upgradesFrom", "/downgradesTo/0"}},
        Case{"LicenseWithoutUrl",
             Package("4.0", R"("licenses":[{"name":"x"}])"),
             {"/licenses/0"}},
        Case{"LicenseUrlOfAnotherScheme",
             Package("4.0", R"("licenses":[{"name":"x","url":"ftp://x"}])"),
             {"/licenses/0/url"}},
        Case{"MinimumWithLeadingZero",
             Package("4.0", R"("minDcosReleaseVersion":"1.09")"),
             {"/minDcosReleaseVersion"}},
        Case{"ManagerWithoutName",
             Package("5.0", R"("manager":{})"),
             {"/manager"}},
        Case{"ManagerWithBadValues",
             Package("5.0", R"("manager":{"packageName":"K",
                 "minPackageVersion":"1 0"})"),
             {"/manager/packageName", "/manager/minPackageVersion"}}),
    [](const auto& param_info) { return param_info.param.name; });

// `member` replaced by `value` in a package of version 4.0.
std::vector<std::string> FaultsWith(absl::string_view member,
                                    const std::string& value,
                                    absl::string_view version = "4.0") {
  JsonValue root = ParseJson(Package(version, ""))->root;
  root.Set(member, ParseJson(value)->root);
  std::vector<std::string> pointers;
  for (const auto& fault : ParsePackageDocument(root).faults) {
    pointers.push_back(fault.pointer);
  }
  return pointers;
}

TEST(PackageDocumentTest, NamesFollowTheirPattern) {
  for (const char* name : {"\"ab\"", "\"a0\"", "\"kafka-manager\""}) {
    EXPECT_THAT(FaultsWith("name", name), IsEmpty()) << name;
  }
  for (const char* name : {"\"\"", "\"a\"", "\"A1\"", "\"1a\"", "\"a-\"",
                           "\"a_b\"", "\"a b\"", "\"k\\u00e4se\"", "7"}) {
    EXPECT_THAT(FaultsWith("name", name), ElementsAre("/name")) << name;
  }
}

TEST(PackageDocumentTest, VersionsFollowTheirPatternFromThreeOn) {
  EXPECT_THAT(FaultsWith("version", "\"1.0-a.B\""), IsEmpty());
  for (const char* version : {"\"\"", "\"1 0\"", "\"1+0\"", "\"1_0\""}) {
    EXPECT_THAT(FaultsWith("version", version), ElementsAre("/version"))
        << version;
    EXPECT_THAT(FaultsWith("version", version, "2.0"), IsEmpty()) << version;
  }
}

TEST(PackageDocumentTest, TagsAreSingleWords) {
  EXPECT_THAT(FaultsWith("tags", R"(["a","b-c","\u00e9"])"), IsEmpty());
  EXPECT_THAT(
      FaultsWith("tags", R"(["a b","","\t","ok","a\u00a0b",1])"),
      ElementsAre("/tags/5", "/tags/0", "/tags/1", "/tags/2", "/tags/4"));
}

TEST(PackageDocumentTest, UnknownMembersAreMarked) {
  const auto read = Read(Package("3.0", R"("promoted":true,"upgradesFrom":[],
      "licenses":[{"name":"x","url":"http://x","spdx":"y"}])"));
  std::vector<std::string> pointers;
  for (const DocumentFault& fault : read.faults) {
    EXPECT_TRUE(fault.unknown_member) << fault.text;
    pointers.push_back(fault.pointer);
  }
  EXPECT_THAT(pointers,
              ElementsAre("/promoted", "/upgradesFrom", "/licenses/0/spdx"));
}

TEST(PackageDocumentTest, PackagingVersionIsOneOfFourStrings) {
  EXPECT_EQ(ReadPackagingVersion(ParseJson(Package("2.0", ""))->root),
            PackagingVersion::k20);
  for (const char* text :
       {"{}", R"({"packagingVersion":4.0})", R"({"packagingVersion":"4"})",
        R"({"packagingVersion":"6.0"})"}) {
    EXPECT_EQ(ReadPackagingVersion(ParseJson(text)->root), std::nullopt)
        << text;
  }
}

TEST(PackageDocumentTest, MinimumOf999Hides) {
  PackageDocument package;
  EXPECT_FALSE(package.hidden());
  package.min_dcos_release_version = "2.1";
  EXPECT_FALSE(package.hidden());
  package.min_dcos_release_version = "999";
  EXPECT_TRUE(package.hidden());
}

}  // namespace
}  // namespace orrery::registry
