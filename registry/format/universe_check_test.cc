// Every count of universe-format §3, §4, §6, §10–§14 and §20 that needs no
// rendering, over the real Universe.

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/format/command_document.h"
#include "registry/format/config_document.h"
#include "registry/format/finding.h"
#include "registry/format/json_parse.h"
#include "registry/format/package_document.h"
#include "registry/format/packaging_version.h"
#include "registry/format/release_check.h"
#include "registry/format/release_directory.h"
#include "registry/format/repository_check.h"
#include "registry/format/resource_document.h"
#include "registry/format/version_label.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

using Counts = std::map<std::string, int>;

struct Release {
  std::string directory;
  std::vector<std::pair<std::string, std::string>> files;
  ReleaseCheck check;
  ResourceDocument resource;

  const std::string* File(absl::string_view name) const {
    for (const auto& [file, bytes] : files) {
      if (file == name) return &bytes;
    }
    return nullptr;
  }
  const PackageDocument& package() const { return *check.package; }
};

using ReleaseMap = std::map<std::string, Release>;

ReleaseMap ReadArchive(const std::string& path) {
  ReleaseMap releases;
  const std::unique_ptr<archive, decltype(&archive_read_free)> reader(
      archive_read_new(), &archive_read_free);
  archive_read_support_filter_zstd(reader.get());
  archive_read_support_format_tar(reader.get());
  constexpr size_t kBlock = 1 << 16;
  if (archive_read_open_filename(reader.get(), path.c_str(), kBlock) !=
      ARCHIVE_OK) {
    ADD_FAILURE() << path << ": " << archive_error_string(reader.get());
    return releases;
  }
  archive_entry* entry = nullptr;
  while (archive_read_next_header(reader.get(), &entry) == ARCHIVE_OK) {
    const std::string name = archive_entry_pathname(entry);
    if (archive_entry_filetype(entry) != AE_IFREG ||
        !absl::StartsWith(name, "repo/packages/")) {
      continue;
    }
    std::string bytes(static_cast<size_t>(archive_entry_size(entry)), '\0');
    archive_read_data(reader.get(), bytes.data(), bytes.size());
    const size_t slash = name.rfind('/');
    Release& release = releases[name.substr(0, slash)];
    release.directory = name.substr(0, slash);
    release.files.emplace_back(name.substr(slash + 1), std::move(bytes));
  }
  return releases;
}

ReleaseCheck Check(const Release& release, Profile profile) {
  std::vector<ReleaseFile> files;
  for (const auto& [name, bytes] : release.files) {
    files.push_back({name, 0100644, bytes.size(), bytes});
  }
  const ReleaseDirectory directory = ParseReleaseDirectory(release.directory);
  EXPECT_TRUE(directory.key.has_value()) << release.directory;
  return CheckRelease(release.directory, *directory.key, files, profile);
}

class UniverseCheckTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    const char* data = std::getenv("ORRERY_TEST_DATA");
    if (data == nullptr || *data == '\0') return;
    releases_ = new ReleaseMap(
        ReadArchive(absl::StrCat(data, "/universe-packages.tar.zst")));
    for (auto& [directory, release] : *releases_) {
      release.check = Check(release, Profile::kImport);
      if (const std::string* text = release.File("resource.json")) {
        release.resource =
            ParseResourceDocument(ParseJson(*text)->root,
                                  release.package().packaging_version)
                .document;
      }
    }
  }
  static void TearDownTestSuite() { delete releases_; }

  void SetUp() override {
    if (releases_ == nullptr) GTEST_SKIP() << "ORRERY_TEST_DATA is not set";
  }

  static const ReleaseMap& releases() { return *releases_; }

  static std::vector<Finding> RepositoryFindings(Profile profile) {
    std::vector<const ReleaseFacts*> facts;
    for (const auto& [directory, release] : releases()) {
      facts.push_back(&release.check.facts);
    }
    return CheckRepository(facts, profile);
  }

  // Findings of all releases.
  static std::vector<Finding> AllFindings() {
    std::vector<Finding> all;
    for (const auto& [directory, release] : releases()) {
      all.insert(all.end(), release.check.findings.begin(),
                 release.check.findings.end());
    }
    return all;
  }

  template <typename Predicate>
  static int CountReleases(Predicate predicate) {
    int count = 0;
    for (const auto& [directory, release] : releases()) {
      if (predicate(release)) ++count;
    }
    return count;
  }

 private:
  static ReleaseMap* releases_;
};

ReleaseMap* UniverseCheckTest::releases_ = nullptr;

std::string DirectoryOf(const Finding& finding) {
  const std::vector<std::string> parts = absl::StrSplit(finding.path, '/');
  return absl::StrCat(parts[3], "/", parts[4]);
}

std::string FileOf(const Finding& finding) {
  return finding.path.substr(finding.path.rfind('/') + 1);
}

Counts CountByRule(const std::vector<Finding>& findings) {
  Counts counts;
  for (const Finding& finding : findings) ++counts[finding.rule];
  return counts;
}

Counts CountReleasesByRule(const std::vector<Finding>& findings) {
  std::map<std::string, std::set<std::string>> directories;
  for (const Finding& finding : findings) {
    directories[finding.rule].insert(DirectoryOf(finding));
  }
  Counts counts;
  for (const auto& [rule, set] : directories) {
    counts[rule] = static_cast<int>(set.size());
  }
  return counts;
}

// Section 20.

TEST_F(UniverseCheckTest, HoldsTheKnownReleasesAndRefusesNone) {
  std::set<std::string> packages;
  int64_t numbers = 0;
  for (const auto& [directory, release] : releases()) {
    EXPECT_FALSE(release.check.refused()) << directory;
    EXPECT_FALSE(release.check.legacy) << directory;
    EXPECT_TRUE(release.check.package.has_value()) << directory;
    packages.insert(release.check.facts.name);
    numbers += release.check.facts.release;
  }
  EXPECT_EQ(releases().size(), 1235u);
  EXPECT_EQ(packages.size(), 185u);
  EXPECT_EQ(numbers, 458473);
}

TEST_F(UniverseCheckTest, HoldsTheKnownFilesAndBytes) {
  std::map<std::string, std::pair<int, int64_t>> files;
  for (const auto& [directory, release] : releases()) {
    for (const auto& [name, bytes] : release.files) {
      ++files[name].first;
      files[name].second += static_cast<int64_t>(bytes.size());
    }
  }
  EXPECT_THAT(files,
              ElementsAre(Pair("command.json", Pair(169, 20015)),
                          Pair("config.json", Pair(1164, 20084573)),
                          Pair("marathon-lb-secret-options.json", Pair(1, 91)),
                          Pair("marathon.json.mustache", Pair(1164, 9380707)),
                          Pair("package.json", Pair(1235, 1525170)),
                          Pair("resource.json", Pair(1235, 1754033))));
}

TEST_F(UniverseCheckTest, LargestPackagesHaveTheirHighestReleases) {
  std::map<std::string, int> counts;
  std::map<std::string, std::pair<int64_t, std::string>> highest;
  for (const auto& [directory, release] : releases()) {
    const ReleaseFacts& facts = release.check.facts;
    ++counts[facts.name];
    highest[facts.name] =
        std::max(highest[facts.name], std::pair(facts.release, facts.version));
  }
  EXPECT_EQ(counts["kafka"], 57);
  EXPECT_THAT(highest["kafka"], Pair(1200, "2.10.0-2.4.0"));
  EXPECT_EQ(counts["marathon"], 46);
  EXPECT_THAT(highest["marathon"], Pair(301, "1.7.188"));
  EXPECT_EQ(counts["marathon-lb"], 46);
  EXPECT_EQ(counts["spark"], 43);
  EXPECT_EQ(counts["kubernetes"], 39);
  EXPECT_EQ(counts["cassandra"], 38);
  EXPECT_THAT(highest["dcos-core-cli"], Pair(21000, "2.1-patch.0"));
  EXPECT_EQ(std::count_if(counts.begin(), counts.end(),
                          [](const auto& count) { return count.second == 1; }),
            46);
}

// Section 3.

TEST_F(UniverseCheckTest, FileSetsFollowThePackagingVersion) {
  std::map<int, Counts> sets;
  std::map<int, std::set<std::string>> packages;
  std::map<std::string, std::set<int>> versions;
  for (const auto& [directory, release] : releases()) {
    const int version = static_cast<int>(release.package().packaging_version);
    const bool command = release.File("command.json") != nullptr;
    const bool full = release.File("config.json") != nullptr &&
                      release.File("marathon.json.mustache") != nullptr;
    ++sets[version][full ? (command ? "command" : "full") : "cli-only"];
    packages[version].insert(release.package().name);
    versions[release.package().name].insert(version);
  }
  EXPECT_EQ(sets[20], (Counts{{"full", 114}, {"command", 23}}));
  EXPECT_EQ(sets[30],
            (Counts{{"full", 367}, {"command", 146}, {"cli-only", 60}}));
  EXPECT_EQ(sets[40], (Counts{{"full", 484}, {"cli-only", 11}}));
  EXPECT_EQ(sets[50], (Counts{{"full", 30}}));
  EXPECT_EQ(packages[20].size(), 43u);
  EXPECT_EQ(packages[30].size(), 103u);
  EXPECT_EQ(packages[40].size(), 104u);
  EXPECT_EQ(packages[50].size(), 2u);
  EXPECT_EQ(std::count_if(versions.begin(), versions.end(),
                          [](const auto& v) { return v.second.size() > 1; }),
            56);
}

// Section 4.

TEST_F(UniverseCheckTest, MembersOfPackageJsonOccurAsOftenAsKnown) {
  Counts members;
  for (const auto& [directory, release] : releases()) {
    const JsonDocument document = *ParseJson(*release.File("package.json"));
    for (const JsonValue::Member& member : document.root.members()) {
      ++members[member.name];
    }
  }
  EXPECT_EQ(members, (Counts{{"packagingVersion", 1235},
                             {"name", 1235},
                             {"version", 1235},
                             {"maintainer", 1235},
                             {"description", 1235},
                             {"tags", 1235},
                             {"scm", 622},
                             {"website", 379},
                             {"framework", 907},
                             {"selected", 853},
                             {"preInstallNotes", 1031},
                             {"postInstallNotes", 1155},
                             {"postUninstallNotes", 1124},
                             {"licenses", 1142},
                             {"minDcosReleaseVersion", 1002},
                             {"hasKnownIssues", 52},
                             {"lastUpdated", 1039},
                             {"upgradesFrom", 416},
                             {"downgradesTo", 349},
                             {"manager", 30}}));
}

TEST_F(UniverseCheckTest, TypedPackagesHoldTheKnownValues) {
  std::set<std::string> tags;
  std::set<std::string> licenses;
  std::set<std::string> selected;
  double oldest = 1e18;
  double newest = 0;
  size_t longest_description = 0;
  for (const auto& [directory, release] : releases()) {
    const PackageDocument& package = release.package();
    tags.insert(package.tags.begin(), package.tags.end());
    for (const License& license : package.licenses) {
      licenses.insert(license.name);
    }
    if (package.selected) selected.insert(package.name);
    if (package.last_updated.has_value()) {
      oldest = std::min(oldest, *package.last_updated);
      newest = std::max(newest, *package.last_updated);
    }
    longest_description =
        std::max(longest_description, package.description.size());
  }
  EXPECT_EQ(tags.size(), 295u);
  EXPECT_EQ(licenses.size(), 54u);
  EXPECT_EQ(selected.size(), 29u);
  EXPECT_EQ(oldest, 1466438178);
  EXPECT_EQ(newest, 1640243772);
  EXPECT_EQ(longest_description, 1143u);
  EXPECT_EQ(CountReleases([](const Release& release) {
              return release.package().framework;
            }),
            761);
  EXPECT_EQ(CountReleases([](const Release& release) {
              return release.package().selected;
            }),
            465);
}

// Section 6.

TEST_F(UniverseCheckTest, ResourcesHoldTheKnownReferences) {
  Counts counts;
  std::set<std::string> uris;
  std::set<std::string> images;
  std::set<std::string> icons;
  for (const auto& [directory, release] : releases()) {
    const ResourceDocument& resource = release.resource;
    for (const Asset& asset : resource.uris) {
      ++counts["uris"];
      if (absl::StartsWith(asset.value, "https:")) ++counts["https"];
      if (absl::StartsWith(asset.value, "http:")) ++counts["http"];
      if (asset.value.empty()) ++counts["empty"];
      uris.insert(asset.value);
    }
    for (const Asset& asset : resource.docker_images) {
      ++counts["images"];
      images.insert(asset.value);
    }
    if (!resource.docker_images.empty()) ++counts["releases with images"];
    for (const auto& icon :
         {resource.icon_small, resource.icon_medium, resource.icon_large}) {
      if (!icon.has_value()) continue;
      ++counts["icons"];
      icons.insert(*icon);
    }
    counts["screenshots"] += static_cast<int>(resource.screenshots.size());
  }
  EXPECT_EQ(counts, (Counts{{"uris", 4156},
                            {"https", 4078},
                            {"http", 76},
                            {"empty", 2},
                            {"images", 1712},
                            {"releases with images", 771},
                            {"icons", 3594},
                            {"screenshots", 262}}));
  EXPECT_EQ(uris.size(), 1928u);
  EXPECT_EQ(images.size(), 997u);
  EXPECT_EQ(icons.size(), 561u);
}

TEST_F(UniverseCheckTest, CliBinariesAreTheKnownOnes) {
  Counts counts;
  std::set<std::string> urls;
  std::set<std::string> hashes;
  for (const auto& [directory, release] : releases()) {
    if (release.resource.has_cli) ++counts["releases"];
    for (const PlatformBinary& binary : release.resource.cli_binaries) {
      ++counts[std::string(PlatformName(binary.platform))];
      ++counts[binary.kind == CliKind::kZip ? "zip" : "executable"];
      urls.insert(binary.url);
      hashes.insert(binary.sha256);
    }
  }
  EXPECT_EQ(counts, (Counts{{"releases", 578},
                            {"darwin", 578},
                            {"linux", 578},
                            {"windows", 555},
                            {"executable", 1436},
                            {"zip", 275}}));
  EXPECT_EQ(urls.size(), 1445u);
  EXPECT_EQ(hashes.size(), 979u);
}

// Sections 10 and 11.

TEST_F(UniverseCheckTest, VersionsRepeatUnderOtherReleaseNumbers) {
  std::map<std::pair<std::string, std::string>, int> pairs;
  for (const auto& [directory, release] : releases()) {
    ++pairs[{release.package().name, release.package().version}];
  }
  std::map<int, int> by_count;
  std::set<std::string> packages;
  std::set<std::string> labels;
  for (const auto& [pair, count] : pairs) {
    ++by_count[count];
    labels.insert(pair.second);
    if (count > 1) packages.insert(pair.first);
  }
  EXPECT_EQ(pairs.size(), 1181u);
  EXPECT_THAT(by_count,
              ElementsAre(Pair(1, 1142), Pair(2, 27), Pair(3, 9), Pair(4, 3)));
  EXPECT_EQ(packages.size(), 20u);
  EXPECT_EQ(labels.size(), 917u);
}

TEST_F(UniverseCheckTest, SevenPackagesDoNotEndInTheirHighestVersion) {
  std::map<std::string, std::map<int64_t, std::string>> packages;
  for (const auto& [directory, release] : releases()) {
    packages[release.check.facts.name][release.check.facts.release] =
        release.check.facts.version;
  }
  std::vector<std::string> beaten;
  for (const auto& [name, versions] : packages) {
    const std::string& last = versions.rbegin()->second;
    for (const auto& [number, version] : versions) {
      if (CompareLoosely(version, last) > 0) {
        beaten.push_back(name);
        break;
      }
    }
  }
  EXPECT_THAT(beaten, ElementsAre("arangodb3", "avi", "cadvisor", "chronos",
                                  "kafka-manager", "kibana", "portworx"));
}

TEST_F(UniverseCheckTest, SemVerLabelsAreTheKnownShare) {
  EXPECT_EQ(CountReleases([](const Release& release) {
              return IsSemVer(release.package().version);
            }),
            1074);
}

// Section 12.

TEST_F(UniverseCheckTest, MinimumsOfDcosAreTheKnownOnes) {
  Counts counts;
  for (const auto& [directory, release] : releases()) {
    ++counts[release.package().min_dcos_release_version.value_or("none")];
  }
  EXPECT_EQ(counts, (Counts{{"none", 233},
                            {"1.6", 2},
                            {"1.7", 113},
                            {"1.8", 204},
                            {"1.9", 264},
                            {"1.9.0", 1},
                            {"1.10", 141},
                            {"1.11", 117},
                            {"1.12", 105},
                            {"1.13", 15},
                            {"1.14", 2},
                            {"2.0", 4},
                            {"2.1", 2},
                            {"999", 14},
                            {"9999", 18}}));
}

TEST_F(UniverseCheckTest, TenPackagesAreHiddenWhole) {
  std::map<std::string, std::pair<int, int>> packages;
  int hidden = 0;
  for (const auto& [directory, release] : releases()) {
    auto& [all, hidden_ones] = packages[release.package().name];
    ++all;
    if (release.package().hidden()) ++hidden_ones;
    hidden += release.package().hidden() ? 1 : 0;
  }
  std::vector<std::string> whole;
  std::vector<std::string> partly;
  for (const auto& [name, count] : packages) {
    if (count.second == 0) continue;
    (count.first == count.second ? whole : partly).push_back(name);
  }
  EXPECT_EQ(hidden, 32);
  EXPECT_THAT(
      whole, ElementsAre("beakerx", "beta-marathon-lb", "dse", "marathon-lb-rc",
                         "mongodb", "mongodb-admin", "mongodb-replicaset",
                         "nexcloud", "percona-mongo", "sqlserver"));
  EXPECT_THAT(partly, ElementsAre("hdfs"));
}

// Section 13.

Counts CountEdgeShapes(
    const std::vector<std::pair<bool, std::vector<std::string>>>& lists) {
  Counts counts;
  for (const auto& [present, edges] : lists) {
    if (!present) {
      ++counts["absent"];
    } else if (edges.empty()) {
      ++counts["empty"];
    } else if (edges.size() > 1) {
      ++counts["several"];
    } else {
      ++counts[edges[0] == "*" ? "any" : "one"];
    }
    counts["entries"] += static_cast<int>(edges.size());
  }
  return counts;
}

TEST_F(UniverseCheckTest, EdgesHaveTheKnownShapes) {
  std::vector<std::pair<bool, std::vector<std::string>>> upgrades;
  std::vector<std::pair<bool, std::vector<std::string>>> downgrades;
  for (const auto& [directory, release] : releases()) {
    const JsonDocument document = *ParseJson(*release.File("package.json"));
    upgrades.emplace_back(document.root.Find("upgradesFrom") != nullptr,
                          release.package().upgrades_from);
    downgrades.emplace_back(document.root.Find("downgradesTo") != nullptr,
                            release.package().downgrades_to);
  }
  EXPECT_EQ(CountEdgeShapes(upgrades), (Counts{{"absent", 819},
                                               {"empty", 57},
                                               {"any", 109},
                                               {"one", 202},
                                               {"several", 48},
                                               {"entries", 448}}));
  EXPECT_EQ(CountEdgeShapes(downgrades), (Counts{{"absent", 886},
                                                 {"empty", 74},
                                                 {"any", 45},
                                                 {"one", 193},
                                                 {"several", 37},
                                                 {"entries", 336}}));
}

TEST_F(UniverseCheckTest, ManagersAreTheKnownOnes) {
  Counts managers;
  for (const auto& [directory, release] : releases()) {
    const auto& manager = release.package().manager;
    if (!manager.has_value()) continue;
    ++managers[absl::StrCat(release.package().name, " by ",
                            manager->package_name)];
    EXPECT_FALSE(manager->min_package_version.has_value());
  }
  EXPECT_EQ(managers, (Counts{{"kubernetes-cluster by kubernetes", 29},
                              {"beta-kubernetes by beta-mke", 1}}));
}

// Section 14.

TEST_F(UniverseCheckTest, ImportFindsWhatTheRulesAreKnownToFind) {
  EXPECT_EQ(CountByRule(AllFindings()),
            (Counts{{"dup-key", 15},
                    {"crlf", 45},
                    {"no-final-newline", 133},
                    {"stray-file", 1},
                    {"packaging-old", 137},
                    {"version-not-semver", 161},
                    {"version-moving", 5},
                    {"edge-lost", 127},
                    {"unexpanded-template", 3},
                    {"hidden", 32},
                    {"min-dcos-trailing-zero", 1},
                    {"known-issues", 52},
                    {"config-root-type", 68},
                    {"config-schema-uri", 26},
                    {"config-unknown-keyword", 22},
                    {"config-double-properties", 1},
                    {"config-regex", 213},
                    {"asset-empty", 2},
                    {"asset-plain-http", 76},
                    {"asset-unpinned", 4154 + 1712 + 3594},
                    {"asset-basename-clash", 15},
                    {"cli-platforms", 23}}));
}

TEST_F(UniverseCheckTest, SomeRulesFindSeveralPlacesOfARelease) {
  const Counts counts = CountReleasesByRule(AllFindings());
  EXPECT_EQ(counts.at("unexpanded-template"), 2);
  EXPECT_EQ(counts.at("config-unknown-keyword"), 21);
  EXPECT_EQ(counts.at("asset-basename-clash"), 5);
}

TEST_F(UniverseCheckTest, DuplicateKeysStandInTheKnownFiles) {
  Counts keys;
  for (const Finding& finding : AllFindings()) {
    if (finding.rule != "dup-key") continue;
    EXPECT_TRUE(finding.line.has_value());
    ++keys[absl::StrCat(DirectoryOf(finding), "/", FileOf(finding))];
  }
  EXPECT_EQ(keys, (Counts{{"arangodb3/8/config.json", 2},
                          {"arangodb3/9/config.json", 2},
                          {"hdfs/2/package.json", 1},
                          {"hdfs/3/package.json", 1},
                          {"hdfs/4/package.json", 1},
                          {"hdfs/5/package.json", 1},
                          {"hdfs/6/package.json", 1},
                          {"hdfs/7/package.json", 1},
                          {"redis/0/package.json", 1},
                          {"redis/1/package.json", 1},
                          {"redis/2/package.json", 1},
                          {"mysql-admin/1/package.json", 1},
                          {"postgresql-admin/1/package.json", 1}}));
}

TEST_F(UniverseCheckTest, LineEndsAreWrongInTheKnownFiles) {
  Counts crlf;
  Counts newline;
  std::set<std::string> packages;
  for (const Finding& finding : AllFindings()) {
    if (finding.rule == "crlf") {
      ++crlf[FileOf(finding)];
      packages.insert(
          DirectoryOf(finding).substr(0, DirectoryOf(finding).find('/')));
    }
    if (finding.rule == "no-final-newline") {
      ++newline[absl::EndsWith(finding.path, ".json") ? "json" : "template"];
    }
  }
  EXPECT_EQ(crlf, (Counts{{"config.json", 29},
                          {"marathon.json.mustache", 12},
                          {"command.json", 4}}));
  EXPECT_EQ(packages.size(), 6u);
  EXPECT_EQ(newline, (Counts{{"json", 126}, {"template", 7}}));
}

TEST_F(UniverseCheckTest, MovingVersionsAndStrayFilesAreTheKnownOnes) {
  std::vector<std::string> moving;
  std::vector<std::string> stray;
  std::vector<std::string> zero;
  for (const Finding& finding : AllFindings()) {
    if (finding.rule == "version-moving")
      moving.push_back(DirectoryOf(finding));
    if (finding.rule == "stray-file") stray.push_back(finding.path);
    if (finding.rule == "min-dcos-trailing-zero") {
      zero.push_back(DirectoryOf(finding));
    }
  }
  EXPECT_THAT(moving,
              UnorderedElementsAre("arangodb3/5", "arangodb3/6", "arangodb3/7",
                                   "dynatrace/0", "sysdig-cloud/0"));
  EXPECT_THAT(stray, ElementsAre("repo/packages/C/ceph/2/"
                                 "marathon-lb-secret-options.json"));
  EXPECT_THAT(zero, ElementsAre("scylladb/0"));
}

TEST_F(UniverseCheckTest, UnknownKeywordsAreTheKnownOnes) {
  Counts keywords;
  for (const Finding& finding : AllFindings()) {
    if (finding.rule != "config-unknown-keyword") continue;
    ++keywords[finding.pointer->substr(finding.pointer->rfind('/') + 1)];
  }
  EXPECT_EQ(
      keywords,
      (Counts{
          {"extraProperties", 18}, {"type:", 2}, {"nodes", 1}, {"kafka", 1}}));
}

TEST_F(UniverseCheckTest, NoPatternIsBeyondRe2) {
  std::set<std::string> kong;
  for (const Finding& finding : AllFindings()) {
    if (finding.rule != "config-regex") continue;
    EXPECT_THAT(finding.text, ::testing::HasSubstr("exponential"));
    if (absl::StartsWith(DirectoryOf(finding), "kong/")) {
      kong.insert(DirectoryOf(finding));
    }
  }
  EXPECT_EQ(kong.size(), 17u);
}

TEST_F(UniverseCheckTest, MovingImagesAreWarnedOf) {
  Counts counts;
  for (const Finding& finding : AllFindings()) {
    if (finding.rule != "asset-unpinned" ||
        finding.severity != Severity::kWarn) {
      continue;
    }
    ++counts[absl::StrContains(finding.text, "no tag") ? "no tag" : "latest"];
  }
  EXPECT_EQ(counts, (Counts{{"latest", 52}, {"no tag", 35}}));
}

TEST_F(UniverseCheckTest, ReleasesDisagreeInTheKnownPlaces) {
  const std::vector<Finding> findings = RepositoryFindings(Profile::kImport);
  EXPECT_EQ(CountByRule(findings), (Counts{{"version-reused", 93},
                                           {"version-order", 28 + 22},
                                           {"edge-dangling", 15 + 15},
                                           {"edge-empty", 5 + 5},
                                           {"edge-self", 15 + 15},
                                           {"cli-hash-differs", 22}}));
  const Counts by_release = CountReleasesByRule(findings);
  EXPECT_EQ(by_release.at("edge-dangling"), 15);
  EXPECT_EQ(by_release.at("edge-empty"), 5);
  EXPECT_EQ(by_release.at("edge-self"), 15);
}

TEST_F(UniverseCheckTest, VersionOrderTellsLowerFromIncomparable) {
  Counts counts;
  std::set<std::string> lower;
  for (const Finding& finding : RepositoryFindings(Profile::kPublish)) {
    if (finding.rule != "version-order") continue;
    ++counts[finding.severity == Severity::kWarn ? "lower" : "incomparable"];
    if (finding.severity == Severity::kWarn) {
      lower.insert(
          DirectoryOf(finding).substr(0, DirectoryOf(finding).find('/')));
    }
  }
  EXPECT_EQ(counts, (Counts{{"lower", 28}, {"incomparable", 22}}));
  EXPECT_EQ(lower.size(), 17u);
}

TEST_F(UniverseCheckTest, ElevenCliUrlsHaveSeveralHashes) {
  std::set<std::string> urls;
  for (const Finding& finding : RepositoryFindings(Profile::kImport)) {
    if (finding.rule != "cli-hash-differs") continue;
    urls.insert(finding.text.substr(0, finding.text.find(' ')));
  }
  EXPECT_EQ(urls.size(), 11u);
}

TEST_F(UniverseCheckTest, PublishStopsReleasesThatImportOnlyReports) {
  std::map<std::string, std::set<std::string>> stopped;
  for (const auto& [directory, release] : releases()) {
    for (const Finding& finding : Check(release, Profile::kPublish).findings) {
      EXPECT_EQ(finding.refuses, finding.severity == Severity::kError);
      if (finding.refuses) stopped[finding.rule].insert(directory);
    }
  }
  std::map<std::string, size_t> counts;
  for (const auto& [rule, directories] : stopped) {
    counts[rule] = directories.size();
  }
  EXPECT_THAT(
      counts,
      ElementsAre(Pair("asset-empty", 2), Pair("config-double-properties", 1),
                  Pair("dup-key", 13), Pair("stray-file", 1),
                  Pair("unexpanded-template", 2), Pair("version-moving", 5)));
}

}  // namespace
}  // namespace orrery::registry
