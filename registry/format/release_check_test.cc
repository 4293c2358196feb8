#include "registry/format/release_check.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::registry {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kDirectory[] = "repo/packages/K/kafka/3";
constexpr uint32_t kRegular = 0100644;
constexpr uint32_t kExecutable = 0100755;
constexpr uint32_t kLink = 0120000;
constexpr uint32_t kSubmodule = 0160000;
constexpr uint32_t kTree = 0040000;

struct File {
  std::string name;
  std::string bytes;
  uint32_t mode = kRegular;
  // Instead of the number of bytes, when not 0.
  uint64_t size = 0;
};

std::string Package(absl::string_view version, absl::string_view more = "") {
  return absl::StrCat(
      R"({"packagingVersion":")", version,
      R"(","name":"kafka","version":"1.0.0","maintainer":"m",)",
      R"("description":"d","tags":[],"minDcosReleaseVersion":"1.12")",
      more.empty() ? "" : ",", more, "}\n");
}

ReleaseCheck Check(const std::vector<File>& files,
                   Profile profile = Profile::kImport) {
  std::vector<ReleaseFile> views;
  for (const File& file : files) {
    views.push_back({file.name, file.mode,
                     file.size == 0 ? file.bytes.size() : file.size,
                     file.bytes});
  }
  return CheckRelease(kDirectory, {"kafka", 3}, views, profile);
}

// A good release of packaging version 4.0 and `more`.
ReleaseCheck CheckWith(std::vector<File> more,
                       Profile profile = Profile::kImport) {
  more.push_back({"package.json", Package("4.0")});
  return Check(more, profile);
}

std::vector<std::string> Rules(const ReleaseCheck& check) {
  std::vector<std::string> rules;
  for (const Finding& finding : check.findings) rules.push_back(finding.rule);
  return rules;
}

Finding Only(const ReleaseCheck& check) {
  EXPECT_THAT(check.findings, SizeIs(1));
  return check.findings.empty() ? Finding() : check.findings[0];
}

TEST(ReleaseCheckTest, GoodReleaseHasNoFindings) {
  const ReleaseCheck check =
      CheckWith({{"config.json", "{\"type\":\"object\"}\n"},
                 {"resource.json", "{}\n"},
                 {"artifacts.json", "{\"schema\":1}\n"},
                 {"relations.json", "{}\n"},
                 {"marathon.json.mustache", "{}\n"},
                 {"nomad.json.mustache", "{}\n"},
                 {"kubernetes.json.mustache", "{}\n"}},
                Profile::kPublish);
  EXPECT_THAT(check.findings, IsEmpty());
  EXPECT_FALSE(check.refused());
  EXPECT_FALSE(check.legacy);
  ASSERT_TRUE(check.package.has_value());
  EXPECT_EQ(check.package->name, "kafka");
  EXPECT_EQ(check.facts.directory, kDirectory);
  EXPECT_EQ(check.facts.release, 3);
  EXPECT_EQ(check.facts.version, "1.0.0");
}

TEST(ReleaseCheckTest, FactsHoldEdgesManagerAndBinaries) {
  const ReleaseCheck check = Check(
      {{"package.json",
        Package("5.0", R"("upgradesFrom":["*"],"downgradesTo":["0.9"],)"
                       R"("manager":{"packageName":"kubernetes"})")},
       {"resource.json",
        R"({"cli":{"binaries":{"darwin":{"x86-64":{"kind":"zip","url":"u",)"
        R"("contentHash":[{"algo":"sha256","value":"ab"}]}}}}})"}});
  EXPECT_THAT(check.facts.upgrades_from, ElementsAre("*"));
  EXPECT_THAT(check.facts.downgrades_to, ElementsAre("0.9"));
  EXPECT_EQ(check.facts.manager, "kubernetes");
  ASSERT_THAT(check.facts.cli_binaries, SizeIs(1));
  EXPECT_EQ(check.facts.cli_binaries[0].url, "u");
  EXPECT_EQ(check.facts.cli_binaries[0].sha256, "ab");
  EXPECT_EQ(check.facts.cli_binaries[0].pointer, "/cli/binaries/darwin/x86-64");
}

// What refuses a release under both profiles: one finding with rule, file,
// pointer, line and a piece of its text.
struct Refusal {
  std::string name;
  std::vector<File> files;
  std::string rule;
  std::string file;
  std::optional<std::string> pointer;
  std::optional<int> line;
  std::string text;
};

class RefusedReleaseTest : public ::testing::TestWithParam<Refusal> {};

TEST_P(RefusedReleaseTest, SaysWhatWhereAndWhy) {
  const Refusal& refusal = GetParam();
  std::vector<File> files = refusal.files;
  const bool has_package =
      std::any_of(files.begin(), files.end(),
                  [](const File& file) { return file.name == "package.json"; });
  if (!has_package && refusal.rule != "no-package-json") {
    files.push_back({"package.json", Package("4.0")});
  }
  for (const Profile profile : {Profile::kImport, Profile::kPublish}) {
    const ReleaseCheck check = Check(files, profile);
    EXPECT_TRUE(check.refused());
    EXPECT_FALSE(check.package.has_value());
    EXPECT_FALSE(check.legacy);
    std::vector<Finding> errors;
    for (const Finding& finding : check.findings) {
      // A second spelling of a name is a stray file too.
      if (finding.refuses && finding.rule != "stray-file") {
        errors.push_back(finding);
      }
    }
    ASSERT_THAT(errors, SizeIs(1));
    EXPECT_EQ(errors[0].rule, refusal.rule);
    EXPECT_EQ(errors[0].severity, Severity::kError);
    EXPECT_EQ(errors[0].path,
              refusal.file.empty()
                  ? kDirectory
                  : absl::StrCat(kDirectory, "/", refusal.file));
    EXPECT_EQ(errors[0].pointer, refusal.pointer);
    EXPECT_EQ(errors[0].line, refusal.line);
    EXPECT_THAT(errors[0].text, HasSubstr(refusal.text));
  }
}

std::string Deep(size_t depth) {
  return absl::StrCat(R"({"type":"object","default":)", std::string(depth, '['),
                      std::string(depth, ']'), "}\n");
}

constexpr auto kNoPointer = std::nullopt;
constexpr auto kNoLine = std::nullopt;

INSTANTIATE_TEST_SUITE_P(
    Json, RefusedReleaseTest,
    ::testing::Values(
        Refusal{"DeepJson",
                {{"config.json", Deep(100000)}},
                "limits",
                "config.json",
                kNoPointer,
                1,
                "nested deeper than 64"},
        Refusal{"TruncatedJson",
                {{"config.json", "{\"type\":\"object\",\n\"a\":[1,"}},
                "json-parse",
                "config.json",
                kNoPointer,
                2,
                "line 2"},
        Refusal{"EmptyJson",
                {{"config.json", ""}},
                "json-parse",
                "config.json",
                kNoPointer,
                1,
                "empty"},
        Refusal{"ArrayForObject",
                {{"resource.json", "\n[]\n"}},
                "json-parse",
                "resource.json",
                "",
                2,
                "expected an object, found an array"},
        Refusal{"RawNul",
                {{"config.json", std::string("{\"type\":\"obj\0\"}\n", 16)}},
                "json-parse",
                "config.json",
                kNoPointer,
                1,
                "control"},
        Refusal{"BadUtf8",
                {{"config.json", "{\"description\":\n\"\xff\"}\n"}},
                "json-parse",
                "config.json",
                kNoPointer,
                2,
                "not UTF-8"},
        Refusal{"LoneSurrogate",
                {{"config.json",
                  "{\"type\":\"object\",\n\"title\":\"\\ud800\"}\n"}},
                "json-parse",
                "config.json",
                "/title",
                2,
                "surrogate"},
        Refusal{"LoneSurrogateInName",
                {{"config.json",
                  "{\"type\":\"object\",\"default\":{\n\"\\udfff\":1}}\n"}},
                "json-parse",
                "config.json",
                "/default",
                2,
                "surrogate"},
        Refusal{
            "NumberOfFiveThousandDigits",
            {{"config.json", absl::StrCat("{\"type\":\"object\",\"default\":",
                                          std::string(5000, '9'), "}\n")}},
            "limits",
            "config.json",
            kNoPointer,
            1,
            "5000 characters"},
        Refusal{"SecondDocument",
                {{"command.json", "{}\n{}\n"}},
                "json-parse",
                "command.json",
                kNoPointer,
                2,
                "second value"}),
    [](const auto& param_info) { return param_info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Entries, RefusedReleaseTest,
    ::testing::Values(
        Refusal{"SymbolicLink",
                {{"config.json", "", kLink}},
                "content.path",
                "config.json",
                kNoPointer,
                kNoLine,
                "symbolic link"},
        Refusal{"PackageIsASymbolicLink",
                {{"package.json", "x", kLink}},
                "content.path",
                "package.json",
                kNoPointer,
                kNoLine,
                "symbolic link"},
        Refusal{"Submodule",
                {{"spark", "", kSubmodule}},
                "content.path",
                "spark",
                kNoPointer,
                kNoLine,
                "submodule"},
        Refusal{"OtherMode",
                {{"x", "", 0100664}},
                "content.path",
                "x",
                kNoPointer,
                kNoLine,
                "100664"},
        Refusal{"Directory",
                {{"images", "", kTree}},
                "layout",
                "images",
                kNoPointer,
                kNoLine,
                "no directories"},
        Refusal{"NameWithSpace",
                {{"a b", ""}},
                "content.path",
                "a b",
                kNoPointer,
                kNoLine,
                "only letters"},
        Refusal{"NameThatIsNotUtf8",
                {{"\xff", ""}},
                "content.path",
                "\\xff",
                kNoPointer,
                kNoLine,
                "only letters"},
        Refusal{"NameWithBackslash",
                {{"a\\b", ""}},
                "content.path",
                "a\\b",
                kNoPointer,
                kNoLine,
                "only letters"},
        Refusal{"GitFolder",
                {{".Git", ""}},
                "content.path",
                ".Git",
                kNoPointer,
                kNoLine,
                "git keeps"},
        Refusal{"NamesThatDifferByCase",
                {{"config.json", "{}\n"}, {"Config.json", "{}\n"}},
                "content.path",
                "config.json",
                kNoPointer,
                kNoLine,
                R"(differs from "Config.json" only by case)"},
        Refusal{"FileOverTheLimit",
                {{"config.json", "", kRegular, (uint64_t{1} << 20) + 1}},
                "limits",
                "config.json",
                kNoPointer,
                kNoLine,
                "1048577 bytes; the limit is 1048576"},
        Refusal{"StrayFileOverTheLimit",
                {{"movie", "", kRegular, uint64_t{1} << 22}},
                "limits",
                "movie",
                kNoPointer,
                kNoLine,
                "4194304 bytes"},
        Refusal{"NoPackageJson",
                {{"config.json", "{}\n"}},
                "no-package-json",
                "",
                kNoPointer,
                kNoLine,
                "missing"}),
    [](const auto& param_info) { return param_info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Documents, RefusedReleaseTest,
    ::testing::Values(
        Refusal{"PackageOfWrongTypes",
                {{"package.json",
                  "{\"packagingVersion\":\"4.0\",\"name\":\"kafka\",\n"
                  "\"version\":\"1\",\"maintainer\":\"m\",\n"
                  "\"description\":7,\"tags\":[]}\n"}},
                "schema-package",
                "package.json",
                "/description",
                3,
                "expected a string, found a number"},
        Refusal{"UnknownPackagingVersion",
                {{"package.json", Package("6.0")}},
                "packaging-unknown",
                "package.json",
                "/packagingVersion",
                1,
                "6.0"},
        Refusal{"PackagingVersionOfWrongType",
                {{"package.json", "{\"packagingVersion\":4}\n"}},
                "packaging-unknown",
                "package.json",
                "/packagingVersion",
                1,
                "4"},
        Refusal{"NameOfAnotherPackage",
                {{"package.json",
                  "{\"packagingVersion\":\"4.0\",\n\"name\":\"spark\","
                  "\"version\":\"1\",\"maintainer\":\"m\","
                  "\"description\":\"d\",\"tags\":[]}\n"}},
                "name-mismatch",
                "package.json",
                "/name",
                2,
                R"("spark" is not the name of the directory, "kafka")"},
        Refusal{
            "BrokenConfig",
            {{"config.json", "{\"type\":\"object\",\n\"required\":true}\n"}},
            "schema-config",
            "config.json",
            "/required",
            2,
            "expected an array"},
        Refusal{"BrokenResource",
                {{"resource.json", "{\n\"images\":1}\n"}},
                "schema-resource",
                "resource.json",
                "/images",
                2,
                "expected an object"},
        Refusal{"BrokenCommand",
                {{"package.json", Package("3.0")},
                 {"command.json", "{\"npm\":[],\"pip\":[]}\n"}},
                "schema-command",
                "command.json",
                "/npm",
                1,
                "unknown member"},
        Refusal{"BrokenArtifacts",
                {{"artifacts.json", "{\"schema\":2}\n"}},
                "schema-artifacts",
                "artifacts.json",
                "/schema",
                1,
                "expected 1"}),
    [](const auto& param_info) { return param_info.param.name; });

TEST(ReleaseCheckTest, TooManyFilesAreRefusedUnread) {
  std::vector<File> files;
  for (int i = 0; i < 257; ++i) files.push_back({absl::StrCat("f", i), "x"});
  const Finding finding = Only(Check(files));
  EXPECT_EQ(finding.rule, "limits");
  EXPECT_EQ(finding.path, kDirectory);
  EXPECT_THAT(finding.text, HasSubstr("257 files; the limit is 256"));
}

TEST(ReleaseCheckTest, EightMebibytesTogetherAreTheLimit) {
  std::vector<File> files;
  for (int i = 0; i < 9; ++i) {
    files.push_back({absl::StrCat("f", i), "", kRegular, uint64_t{1} << 20});
  }
  const ReleaseCheck check = Check(files);
  EXPECT_THAT(Rules(check), ElementsAre("limits"));
  EXPECT_THAT(Only(check).text, HasSubstr("9437184 bytes"));
}

TEST(ReleaseCheckTest, SixtyFourLevelsAreAllowed) {
  EXPECT_FALSE(CheckWith({{"config.json", Deep(63)}}).refused());
  EXPECT_TRUE(CheckWith({{"config.json", Deep(64)}}).refused());
}

TEST(ReleaseCheckTest, OrderOfTheFilesDoesNotMatter) {
  std::vector<File> files = {{"config.json", "{\"required\":[]}"},
                             {"Config.json", "x"},
                             {"CONFIG.json", "x"},
                             {"package.json", Package("2.0")},
                             {"stray", "x", kExecutable}};
  const std::vector<Finding> expected = Check(files).findings;
  EXPECT_THAT(expected, Not(IsEmpty()));
  std::sort(files.begin(), files.end(),
            [](const File& a, const File& b) { return a.name > b.name; });
  EXPECT_EQ(Check(files).findings, expected);
}

TEST(ReleaseCheckTest, EveryFaultIsReported) {
  const ReleaseCheck check =
      CheckWith({{"config.json", "{\"type\":7,\"title\":8}\n"},
                 {"resource.json", "{\"x\":1}\n"},
                 {"link", "", kLink}});
  EXPECT_THAT(Rules(check),
              ElementsAre("schema-config", "config-root-type", "schema-config",
                          "content.path", "schema-resource"));
}

TEST(ReleaseCheckTest, FaultsByTheThousandAreCounted) {
  std::string config = R"({"type":"object")";
  for (int i = 0; i < 3000; ++i) absl::StrAppend(&config, ",\"k", i, "\":0");
  std::string uris = R"({"assets":{"uris":{"a":"")";
  for (int i = 0; i < 3000; ++i) absl::StrAppend(&uris, ",\"k", i, "\":\"\"");
  const ReleaseCheck check = CheckWith(
      {{"config.json", config + "}\n"}, {"resource.json", uris + "}}}\n"}});
  std::map<std::string, int> counts;
  for (const Finding& finding : check.findings) ++counts[finding.rule];
  EXPECT_EQ(counts["config-unknown-keyword"], 1000);
  EXPECT_EQ(counts["asset-empty"], 1001);
  EXPECT_THAT(check.findings[0].text, "2001 more of these");
}

TEST(ReleaseCheckTest, LegacyReleaseIsNeitherServedNorRefused) {
  const std::vector<File> files = {
      {"package.json", "{\"name\":\"kafka\",\"version\":\"0.1\"}\n"},
      {"marathon.json", "{{not json}}"}};
  const ReleaseCheck check = Check(files);
  EXPECT_TRUE(check.legacy);
  EXPECT_FALSE(check.refused());
  EXPECT_FALSE(check.package.has_value());
  EXPECT_THAT(Rules(check),
              ElementsAre("legacy-template", "packaging-unknown"));
  EXPECT_TRUE(Check(files, Profile::kPublish).refused());
}

TEST(ReleaseCheckTest, UnknownMemberOfPackageOnlyWarnsOnImport) {
  const std::vector<File> files = {
      {"package.json", Package("4.0", R"("promoted":true)")}};
  const ReleaseCheck check = Check(files);
  EXPECT_EQ(Only(check).rule, "schema-package");
  EXPECT_EQ(Only(check).severity, Severity::kWarn);
  EXPECT_EQ(Only(check).pointer, "/promoted");
  EXPECT_TRUE(check.package.has_value());
  EXPECT_TRUE(Check(files, Profile::kPublish).refused());
}

TEST(ReleaseCheckTest, VersionTwoWithoutTemplateIsNotServed) {
  const std::string package =
      R"({"packagingVersion":"2.0","name":"kafka","version":"1.0.0",)"
      R"("maintainer":"m","description":"d","tags":[]})"
      "\n";
  const ReleaseCheck check = Check({{"package.json", package}});
  EXPECT_THAT(Rules(check), ElementsAre("v2-no-template", "packaging-old"));
  EXPECT_EQ(check.findings[0].severity, Severity::kWarn);
  EXPECT_TRUE(check.refused());
  EXPECT_FALSE(
      Check({{"package.json", package}, {"marathon.json.mustache", "{}\n"}})
          .refused());
}

// Rules that report: files beside a package.json of version 4.0, the rule,
// its file and line, and its severities.
struct Report {
  std::string name;
  std::vector<File> files;
  std::string rule;
  std::string file;
  std::optional<int> line;
  Severity import;
  Severity publish;
};

class ReportedTest : public ::testing::TestWithParam<Report> {};

TEST_P(ReportedTest, FindsItOnceAndAlone) {
  const Report& report = GetParam();
  std::vector<File> files = report.files;
  if (files[0].name != "package.json") {
    files.push_back({"package.json", Package("4.0")});
  }
  for (const Profile profile : {Profile::kImport, Profile::kPublish}) {
    const ReleaseCheck check = Check(files, profile);
    const Finding finding = Only(check);
    EXPECT_EQ(finding.rule, report.rule);
    EXPECT_EQ(finding.path, absl::StrCat(kDirectory, "/", report.file));
    EXPECT_EQ(finding.line, report.line);
    const Severity severity =
        profile == Profile::kImport ? report.import : report.publish;
    EXPECT_EQ(finding.severity, severity);
    EXPECT_EQ(check.refused(), severity == Severity::kError);
  }
}

constexpr Severity kInfo = Severity::kInfo;
constexpr Severity kWarn = Severity::kWarn;
constexpr Severity kError = Severity::kError;

INSTANTIATE_TEST_SUITE_P(
    Text, ReportedTest,
    ::testing::Values(
        Report{"Bom",
               {{"resource.json", "\xef\xbb\xbf{}\n"}},
               "bom",
               "resource.json",
               kNoLine,
               kWarn,
               kError},
        Report{"Crlf",
               {{"marathon.json.mustache", "{\n\r\n}\n"}},
               "crlf",
               "marathon.json.mustache",
               2,
               kInfo,
               kWarn},
        Report{"NonAscii",
               {{"marathon.json.mustache", "{\n\"a\":\"\xc3\xa4\"}\n"}},
               "non-ascii",
               "marathon.json.mustache",
               2,
               kInfo,
               kWarn},
        Report{"UnicodeEscape",
               {{"config.json",
                 "{\"type\":\"object\",\n\"title\":"
                 "\"\\\\u0041\\u0041\"}\n"}},
               "unicode-escape",
               "config.json",
               2,
               kInfo,
               kWarn},
        Report{"NoFinalNewline",
               {{"resource.json", "{}"}},
               "no-final-newline",
               "resource.json",
               kNoLine,
               kInfo,
               kInfo},
        Report{"DuplicateKey",
               {{"config.json",
                 "{\"type\":\"object\",\n\"title\":\"a\",\n"
                 "\"title\":\"b\"}\n"}},
               "dup-key",
               "config.json",
               3,
               kWarn,
               kError},
        Report{"Executable",
               {{"resource.json", "{}\n", kExecutable}},
               "exec-mode",
               "resource.json",
               kNoLine,
               kInfo,
               kWarn},
        Report{"StrayFile",
               {{"README.md", "x"}},
               "stray-file",
               "README.md",
               kNoLine,
               kInfo,
               kError},
        Report{"BrokenStrayJson",
               {{"other.json", "{"}},
               "stray-file",
               "other.json",
               kNoLine,
               kInfo,
               kError},
        Report{"LegacyTemplate",
               {{"marathon.json", "{"}},
               "legacy-template",
               "marathon.json",
               kNoLine,
               kInfo,
               kError},
        Report{"LegacyTemplateBesideTheNew",
               {{"marathon.json", "{"}, {"marathon.json.mustache", "{}\n"}},
               "stray-file",
               "marathon.json",
               kNoLine,
               kInfo,
               kError},
        Report{"CommandInV4",
               {{"command.json", "{\"npm\":1}\n"}},
               "command-in-v4",
               "command.json",
               kNoLine,
               kWarn,
               kError}),
    [](const auto& param_info) { return param_info.param.name; });

std::vector<File> PackageFile(absl::string_view version,
                              absl::string_view label,
                              absl::string_view minimum,
                              absl::string_view more) {
  return {{"package.json",
           absl::StrCat(R"({"packagingVersion":")", version,
                        R"(","name":"kafka","version":")", label,
                        R"(","maintainer":"m","description":"d","tags":[])",
                        minimum.empty() ? "" : ",\n\"minDcosReleaseVersion\":",
                        minimum, more.empty() ? "" : ",\n", more, "}\n")}};
}

INSTANTIATE_TEST_SUITE_P(
    Package, ReportedTest,
    ::testing::Values(
        Report{"NotSemVer", PackageFile("4.0", "1.0", "\"1.12\"", ""),
               "version-not-semver", "package.json", 1, kInfo, kWarn},
        Report{"Hidden", PackageFile("4.0", "1.0.0", "\"999\"", ""), "hidden",
               "package.json", 2, kInfo, kWarn},
        Report{"TrailingZero", PackageFile("4.0", "1.0.0", "\"1.12.0\"", ""),
               "min-dcos-trailing-zero", "package.json", 2, kWarn, kWarn},
        Report{"FiveTooLow", PackageFile("5.0", "1.0.0", "\"1.11\"", ""),
               "v5-too-low", "package.json", 2, kWarn, kError},
        Report{"FiveWithoutMinimum", PackageFile("5.0", "1.0.0", "", ""),
               "v5-too-low", "package.json", 1, kWarn, kError},
        Report{
            "KnownIssues",
            PackageFile("4.0", "1.0.0", "\"1.12\"", "\"hasKnownIssues\":true"),
            "known-issues", "package.json", 3, kInfo, kInfo},
        Report{
            "EdgesLost",
            PackageFile("4.0", "1.0.0", "\"1.9\"", "\"upgradesFrom\":[\"*\"]"),
            "edge-lost", "package.json", 2, kInfo, kInfo},
        Report{"Unexpanded",
               PackageFile("4.0", "1.0.0", "\"1.12\"",
                           "\"upgradesFrom\":[\"{{upgrades-from}}\"]"),
               "unexpanded-template", "package.json", 3, kWarn, kError}),
    [](const auto& param_info) { return param_info.param.name; });

TEST(ReleaseCheckTest, MovingVersionIsReportedBesideItsForm) {
  EXPECT_THAT(Rules(Check(PackageFile("4.0", "latest", "\"1.12\"", ""))),
              ElementsAre("version-moving", "version-not-semver"));
}

TEST(ReleaseCheckTest, EdgesAreKeptFromOnePointTenOn) {
  EXPECT_THAT(
      Check(PackageFile("4.0", "1.0.0", "\"1.10\"", "\"upgradesFrom\":[\"*\"]"))
          .findings,
      IsEmpty());
}

// resource.json with one URI or image under the alias `a`.
ReleaseCheck CheckUri(absl::string_view uri) {
  return CheckWith(
      {{"resource.json",
        absl::StrCat("{\"assets\":{\"uris\":{\n\"a\":\"", uri, "\"}}}\n")}});
}
ReleaseCheck CheckImage(absl::string_view image) {
  return CheckWith(
      {{"resource.json",
        absl::StrCat("{\"assets\":{\"container\":{\"docker\":{\n\"a\":\"",
                     image, "\"}}}}\n")}});
}

TEST(ReleaseCheckTest, UrisWithoutDigestAreReported) {
  const ReleaseCheck check = CheckUri("https://x/a.tgz");
  EXPECT_EQ(Only(check).rule, "asset-unpinned");
  EXPECT_EQ(Only(check).severity, Severity::kInfo);
  EXPECT_EQ(Only(check).pointer, "/assets/uris/a");
  EXPECT_EQ(Only(check).line, 2);
  EXPECT_THAT(Rules(CheckUri("")), ElementsAre("asset-empty"));
  EXPECT_THAT(Rules(CheckUri("HTTP://x/a.tgz")),
              ElementsAre("asset-plain-http", "asset-unpinned"));
  EXPECT_THAT(Rules(CheckUri(absl::StrCat(
                  "artifact:sha256:", std::string(64, '0'), "/a.tgz"))),
              IsEmpty());
}

TEST(ReleaseCheckTest, ImagesWithMovingTagAreWarnedOf) {
  for (const char* image : {"kafka", "kafka:latest", "reg:5000/x/kafka",
                            "reg:5000/x/kafka:latest"}) {
    const ReleaseCheck check = CheckImage(image);
    EXPECT_EQ(Only(check).rule, "asset-unpinned") << image;
    EXPECT_EQ(Only(check).severity, Severity::kWarn) << image;
  }
  EXPECT_EQ(Only(CheckImage("reg:5000/x/kafka:1.0")).severity, Severity::kInfo);
  EXPECT_THAT(
      Rules(CheckImage(absl::StrCat("kafka@sha256:", std::string(64, '0')))),
      IsEmpty());
}

TEST(ReleaseCheckTest, IconsWithoutDigestAreReported) {
  const ReleaseCheck check =
      CheckWith({{"resource.json",
                  "{\"images\":{\"icon-small\":\"https://x/i.png\","
                  "\"screenshots\":[\"https://x/s.png\"]}}\n"}});
  EXPECT_EQ(Only(check).rule, "asset-unpinned");
  EXPECT_EQ(Only(check).pointer, "/images/icon-small");
}

TEST(ReleaseCheckTest, PinsOfArtifactsJsonCount) {
  const std::string hex(64, 'a');
  EXPECT_THAT(
      CheckWith(
          {{"resource.json", R"({"assets":{"uris":{"u":"https://x/a.tgz"},)"
                             R"("container":{"docker":{"i":"kafka:latest"}}}})"
                             "\n"},
           {"artifacts.json",
            absl::StrCat(R"({"schema":1,"assets":{"u":{"sha256":")", hex,
                         R"(","size":1}},"images":{"i":{"digest":)",
                         R"("sha256:)", hex, "\"}}}\n")}})
          .findings,
      IsEmpty());
}

TEST(ReleaseCheckTest, DottedAliasesAndEqualBasenamesAreReported) {
  const ReleaseCheck check = CheckWith(
      {{"resource.json", R"({"assets":{"uris":{"a.b":"https://x/1/f.tgz?v=1",)"
                         R"("c":"https://x/2/f.tgz","d":"https://x/2/f.tgz"}}})"
                         "\n"}});
  EXPECT_THAT(
      Rules(check),
      ElementsAre("asset-dot-alias", "asset-unpinned", "asset-basename-clash",
                  "asset-unpinned", "asset-basename-clash", "asset-unpinned"));
}

std::string Cli(const std::vector<std::string>& platforms) {
  std::string binaries;
  for (const std::string& platform : platforms) {
    absl::StrAppend(&binaries, binaries.empty() ? "" : ",", "\"", platform,
                    R"(":{"x86-64":{"kind":"zip","url":"u","contentHash":)",
                    R"([{"algo":"sha256","value":"ab"}]}})");
  }
  return absl::StrCat(R"({"cli":{"binaries":{)", binaries, "}}}\n");
}

TEST(ReleaseCheckTest, MissingPlatformsAreNamed) {
  EXPECT_THAT(
      CheckWith({{"resource.json", Cli({"linux", "darwin", "windows"})}})
          .findings,
      IsEmpty());
  const ReleaseCheck check = CheckWith({{"resource.json", Cli({"linux"})}});
  EXPECT_EQ(Only(check).rule, "cli-platforms");
  EXPECT_EQ(Only(check).text, "no binary for darwin, windows");
}

TEST(ReleaseCheckTest, CliBeforeOnePointEightNeedsCommandJson) {
  std::vector<File> files = PackageFile("3.0", "1.0.0", "\"1.7\"", "");
  files.push_back({"resource.json", Cli({"linux", "darwin", "windows"})});
  EXPECT_THAT(Rules(Check(files)), ElementsAre("cli-before-1.8"));
  files.push_back({"command.json", "{\"pip\":[]}\n"});
  EXPECT_THAT(Check(files).findings, IsEmpty());
}

TEST(ReleaseCheckTest, RefusedRelationsStopPublishingAndOnlyMarkAnImport) {
  const File relations = {"relations.json",
                          "{\n \"requires\": [{\"package\": \"kafka\"}]}\n"};
  const ReleaseCheck import = CheckWith({relations});
  EXPECT_EQ(Only(import).rule, "relations.self");
  EXPECT_EQ(Only(import).severity, Severity::kWarn);
  EXPECT_EQ(Only(import).path, absl::StrCat(kDirectory, "/relations.json"));
  EXPECT_EQ(Only(import).pointer, "/requires/0");
  EXPECT_EQ(Only(import).line, 2);
  EXPECT_EQ(Only(import).text, "kafka requires itself");
  EXPECT_TRUE(import.package.has_value());
  EXPECT_TRUE(CheckWith({relations}, Profile::kPublish).refused());
}

TEST(ReleaseCheckTest, RelationsNameOptionsOfTheReleasesOwnConfig) {
  const File relations = {"relations.json",
                          R"({"claims": [{"kind": "vip", "option": "/nam"}]})"
                          "\n"};
  EXPECT_EQ(
      Only(
          CheckWith({relations,
                     {"config.json",
                      "{\"type\":\"object\",\"properties\":{\"name\":{}}}\n"}}))
          .text,
      "kafka 3 has no option /nam, did you mean /name");
}

TEST(ReleaseCheckTest, FactsHoldWhatRelationsMention) {
  const ReleaseCheck check =
      CheckWith({{"relations.json", R"({"requires": [{"package": "zk"}]})"
                                    "\n"}});
  EXPECT_THAT(check.findings, IsEmpty());
  EXPECT_THAT(check.facts.mentions, ElementsAre("needs zk"));
}

TEST(RulesVersionTest, AnotherRuleSetOrLimitIsAnotherVersion) {
  const std::set<int> versions = {
      RulesVersion(1, {256, 1 << 20, 8 << 20}),
      RulesVersion(2, {256, 1 << 20, 8 << 20}),
      RulesVersion(1, {257, 1 << 20, 8 << 20}),
      RulesVersion(1, {256, 1 << 21, 8 << 20}),
      RulesVersion(1, {256, 8 << 20, 1 << 20}),
  };
  EXPECT_EQ(versions.size(), 5);
  EXPECT_FALSE(versions.contains(0));
}

}  // namespace
}  // namespace orrery::registry
