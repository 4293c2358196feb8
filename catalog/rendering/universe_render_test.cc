// Every release of the published packages through options and rendering,
// against the counts of rendering §2, §4.3, §11 and §12.

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "archive.h"
#include "archive_entry.h"
#include "catalog/manifest/unknown_fields.h"
#include "catalog/options/default_options.h"
#include "catalog/options/merge_options.h"
#include "catalog/options/unknown_options.h"
#include "catalog/rendering/app_labels.h"
#include "catalog/rendering/mustache.h"
#include "catalog/rendering/render.h"
#include "catalog/verify/render_check.h"
#include "registry/format/json_parse.h"
#include "registry/status/error_details.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;
using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

// File name to bytes, by "name/number".
using Releases = std::map<std::string, std::map<std::string, std::string>>;

Releases ReadReleases(const std::string& path) {
  Releases releases;
  const std::unique_ptr<archive, decltype(&archive_read_free)> reader(
      archive_read_new(), &archive_read_free);
  archive_read_support_filter_zstd(reader.get());
  archive_read_support_format_tar(reader.get());
  if (archive_read_open_filename(reader.get(), path.c_str(), 1 << 16) !=
      ARCHIVE_OK) {
    return releases;
  }
  archive_entry* entry = nullptr;
  while (archive_read_next_header(reader.get(), &entry) == ARCHIVE_OK) {
    if (archive_entry_filetype(entry) != AE_IFREG) continue;
    const std::vector<std::string> steps =
        absl::StrSplit(archive_entry_pathname(entry), '/');
    if (steps.size() != 6 || steps[1] != "packages") continue;
    std::string bytes(static_cast<size_t>(archive_entry_size(entry)), '\0');
    archive_read_data(reader.get(), bytes.data(), bytes.size());
    releases[absl::StrCat(steps[3], "/", steps[4])][steps[5]] =
        std::move(bytes);
  }
  return releases;
}

std::optional<absl::string_view> File(
    const std::map<std::string, std::string>& files, const std::string& name) {
  const auto found = files.find(name);
  if (found == files.end()) return std::nullopt;
  return absl::string_view(found->second);
}

ReleaseBytes BytesOf(const std::map<std::string, std::string>& files) {
  ReleaseBytes bytes;
  bytes.package_json = *File(files, "package.json");
  bytes.config_json = File(files, "config.json");
  bytes.resource_json = File(files, "resource.json");
  bytes.command_json = File(files, "command.json");
  bytes.marathon_template = File(files, "marathon.json.mustache");
  return bytes;
}

class UniverseRenderTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    const char* data = std::getenv("ORRERY_TEST_DATA");
    if (data == nullptr) return;
    releases_ = new Releases(
        ReadReleases(absl::StrCat(data, "/universe-packages.tar.zst")));
  }

  static void TearDownTestSuite() {
    delete releases_;
    releases_ = nullptr;
  }

  void SetUp() override {
    if (releases_ == nullptr) {
      GTEST_SKIP() << "ORRERY_TEST_DATA is not set";
    }
    ASSERT_EQ(releases_->size(), 1235u);
  }

  static Releases* releases_;
};

Releases* UniverseRenderTest::releases_ = nullptr;

JsonValue Parsed(absl::string_view text) {
  absl::StatusOr<registry::JsonDocument> document = registry::ParseJson(text);
  EXPECT_THAT(document, IsOk());
  return document.ok() ? std::move(document->root) : JsonValue();
}

struct LeafCounts {
  int integers = 0;
  int strings = 0;
  int booleans = 0;
  int other_numbers = 0;
  int arrays = 0;

  void Add(const JsonValue& value) {
    for (const auto& member : value.members()) Add(member.value);
    if (value.is_string()) ++strings;
    if (value.is_bool()) ++booleans;
    if (value.is_array()) ++arrays;
    if (!value.is_number()) return;
    const bool plain = value.text().find_first_of(".eE") == std::string::npos;
    ++(plain ? integers : other_numbers);
  }

  int total() const {
    return integers + strings + booleans + other_numbers + arrays;
  }
};

TEST_F(UniverseRenderTest, DefaultsOfAllConfigsAreCounted) {
  LeafCounts all;
  std::pair<int, std::string> largest;
  std::vector<std::string> none;
  for (const auto& [key, files] : *releases_) {
    if (!File(files, "config.json").has_value()) continue;
    LeafCounts counts;
    counts.Add(DefaultOptions(Parsed(*File(files, "config.json"))));
    largest = std::max(largest, {counts.total(), key});
    if (counts.total() == 0) none.push_back(key);
    all.integers += counts.integers;
    all.strings += counts.strings;
    all.booleans += counts.booleans;
    all.other_numbers += counts.other_numbers;
    all.arrays += counts.arrays;
  }
  EXPECT_EQ(all.total(), 65238);
  EXPECT_EQ(all.integers, 27417);
  EXPECT_EQ(all.strings, 26646);
  EXPECT_EQ(all.booleans, 8434);
  EXPECT_EQ(all.other_numbers, 2597);
  EXPECT_EQ(all.arrays, 144);
  EXPECT_EQ(largest, std::make_pair(436, std::string("datastax-dse/700")));
  EXPECT_THAT(none, ElementsAre("spark-notebook/0"));
}

TEST_F(UniverseRenderTest, DefaultsAreJudgedAsTheReferenceDoes) {
  int passed = 0;
  int skipped = 0;
  int failed = 0;
  std::map<std::string, int> faults;
  std::map<std::string, int> failed_packages;
  for (const auto& [key, files] : *releases_) {
    const auto config = File(files, "config.json");
    if (!config.has_value()) continue;
    const auto checked = CheckOptions(*config, JsonValue::Object());
    ASSERT_THAT(checked, IsOk()) << key;
    if (checked->effective.members().empty()) {
      ++skipped;
    } else if (checked->faults.empty()) {
      ++passed;
    } else {
      ++failed;
      ++failed_packages[key.substr(0, key.find('/'))];
      for (const OptionFault& fault : checked->faults) {
        ++faults[fault.keyword];
        EXPECT_THAT(OptionFaultText(fault), Not(::testing::HasSubstr("\n")));
        EXPECT_NE(fault.fix, "") << key << OptionFaultText(fault);
      }
    }
  }
  EXPECT_EQ(passed, 1047);
  EXPECT_EQ(failed, 116);
  EXPECT_EQ(skipped, 1);
  EXPECT_EQ(failed_packages.size(), 38u);
  EXPECT_THAT(faults, ElementsAre(Pair("minLength", 25), Pair("minimum", 1),
                                  Pair("pattern", 4), Pair("required", 114),
                                  Pair("type", 19)));
}

TEST_F(UniverseRenderTest, TemplatesRenderWithDefaultsUnvalidated) {
  int objects = 0;
  int with_duplicates = 0;
  int empty_ids = 0;
  int longest = 0;
  std::vector<std::string> broken;
  std::map<std::string, int> fields;
  std::map<std::string, int> unknown;
  for (const auto& [key, files] : *releases_) {
    const auto source = File(files, "marathon.json.mustache");
    if (!source.has_value()) continue;
    const absl::StatusOr<Template> parsed = Template::Parse(*source);
    ASSERT_THAT(parsed, IsOk()) << key;
    JsonValue context = DefaultOptions(Parsed(*File(files, "config.json")));
    if (const auto resource = File(files, "resource.json")) {
      const JsonValue package = Parsed(*File(files, "package.json"));
      JsonValue outer = JsonValue::Object();
      outer.Set("resource",
                ResourceContext(Parsed(*resource),
                                package.FindString("packagingVersion")));
      context = MergeOptions(std::move(context), std::move(outer));
    }
    const absl::StatusOr<std::string> text = parsed->Render(context);
    ASSERT_THAT(text, IsOk()) << key;
    longest = std::max(longest, static_cast<int>(text->size()));
    const auto document = registry::ParseJson(*text);
    if (!document.ok() || !document->root.is_object()) {
      broken.push_back(key);
      continue;
    }
    ++objects;
    if (!document->duplicates.empty()) ++with_duplicates;
    for (const auto& member : document->root.members()) ++fields[member.name];
    for (const UnknownField& field : UnknownMarathonFields(document->root)) {
      ++unknown[absl::StrReplaceAll(field.pointer,
                                    {{"/0/", "()/"}, {"/1/", "()/"}})];
    }
    if (document->root.FindString("id").empty()) ++empty_ids;
  }
  EXPECT_EQ(objects, 1153);
  EXPECT_EQ(with_duplicates, 53);
  EXPECT_EQ(longest, 23754);
  EXPECT_EQ(empty_ids, 5);
  EXPECT_THAT(broken,
              UnorderedElementsAre("linkerd/4", "linkerd/5", "linkerd/6",
                                   "linkerd/7", "linkerd/8", "linkerd/9",
                                   "linkerd/10", "namerd/4", "minio/5",
                                   "weavescope-probe/0", "weavescope-probe/1"));
  EXPECT_THAT(
      unknown,
      UnorderedElementsAre(
          Pair("/maintainer", 145), Pair("/readinessChecks()/interval", 78),
          Pair("/readinessChecks()/timeout", 78),
          Pair("/portDefinitions()/servicePort", 4),
          Pair("/upgradeStrategy/constraints", 3),
          Pair("/container/network", 2), Pair("/volumes", 2),
          Pair("/upgradeStrategy/minimunHealthCapacity", 1),
          Pair("/container/docker/priviledged", 1), Pair("/healthCheck", 1),
          Pair("/apps", 1), Pair("/healthChecks()/portType", 1)));
  const std::map<std::string, int> expected = {{"id", 1153},
                                               {"cpus", 1152},
                                               {"mem", 1152},
                                               {"env", 1086},
                                               {"healthChecks", 1097},
                                               {"instances", 1078},
                                               {"labels", 1048},
                                               {"cmd", 794},
                                               {"upgradeStrategy", 767},
                                               {"uris", 618},
                                               {"portDefinitions", 695},
                                               {"container", 604},
                                               {"user", 390},
                                               {"ports", 240},
                                               {"constraints", 181},
                                               {"args", 131},
                                               {"maintainer", 145},
                                               {"requirePorts", 150},
                                               {"fetch", 109},
                                               {"readinessChecks", 81},
                                               {"check", 75},
                                               {"disk", 45},
                                               {"networks", 45},
                                               {"secrets", 29},
                                               {"residency", 6},
                                               {"role", 5},
                                               {"ipAddress", 4},
                                               {"acceptedResourceRoles", 250}};
  for (const auto& [name, count] : expected) {
    EXPECT_EQ(fields[name], count) << name;
  }
}

TEST_F(UniverseRenderTest, AppsRenderThroughTheWholePipeline) {
  std::map<std::string, int> outcomes;
  for (const auto& [key, files] : *releases_) {
    RenderRequest request;
    request.source_url = "https://universe.example/repo";
    request.labels["ORRERY_SERVICE"] = key;
    const auto rendered = RenderApp(BytesOf(files), request);
    if (!rendered.ok()) {
      ++outcomes[registry::ReasonOf(rendered.status()).reason];
      continue;
    }
    ++outcomes["ok"];
    const JsonValue* labels = rendered->app.Find("labels");
    ASSERT_NE(labels, nullptr);
    EXPECT_EQ(labels->FindString("ORRERY_SERVICE"), key);
    EXPECT_EQ(labels->FindString("DCOS_PACKAGE_OPTIONS"), "e30=");
  }
  EXPECT_THAT(outcomes,
              UnorderedElementsAre(Pair("ok", 1040), Pair(kOptionsInvalid, 116),
                                   Pair(kRenderedNotJson, 8),
                                   Pair(kTemplateMissing, 71)));
}

// Universe-format §14.
TEST_F(UniverseRenderTest, FindingsAreCounted) {
  std::map<std::string, int> counts;
  std::vector<std::string> refused;
  for (const auto& [key, files] : *releases_) {
    for (const registry::Finding& finding :
         CheckRendering(key, BytesOf(files), JsonValue::Object(),
                        registry::Profile::kPublish)
             .findings) {
      if (finding.rule == "render-refused") {
        refused.push_back(absl::StrCat(key, " ", finding.text));
      }
      const bool fails = finding.severity == registry::Severity::kError;
      ++counts[absl::StrCat(finding.rule, fails ? " error" : "")];
    }
  }
  EXPECT_THAT(
      counts,
      UnorderedElementsAre(
          Pair("default-invalid error", 49), Pair("options-required", 114),
          Pair("render-dup-key", 54), Pair("render-fails error", 8),
          Pair("render-refused error", 14), Pair("render-unknown-field", 306),
          Pair("render-variant", 29), Pair("template-unresolved", 685)));
  // Each of them Marathon refuses, too.
  constexpr char kNoId[] = "/id: undefined";
  EXPECT_THAT(
      refused,
      ElementsAre(
          "concord/0 /upgradeStrategy/minimumHealthCapacity: undefined",
          absl::StrCat("edgelb-pool/0 ", kNoId),
          absl::StrCat("edgelb-pool/100 ", kNoId),
          absl::StrCat("edgelb-pool/110 ", kNoId),
          absl::StrCat("edgelb-pool/200 ", kNoId),
          absl::StrCat("edgelb-pool/300 ", kNoId),
          "kong/0 /container/portMappings(3)/protocol: 'tcp,udp' must be one "
          "of: tcp, udp, 'udp,tcp'",
          "logstash/0 /ports: error.expected.int",
          "mr-redis/0 /healthChecks(0): must have one of 'port' and "
          "'portIndex'",
          "nexclipper-agent/0 /instances: error.expected.int",
          "nexclipper-agent/0 /cpus: error.expected.jsnumber",
          "nexclipper-agent/0 /mem: error.expected.jsnumber",
          "nexcloud/0 /: must have 'cmd' or 'args', or a container with an "
          "image",
          "nexus/1 /upgradeStrategy/maximumOverCapacity: undefined"));
}

TEST_F(UniverseRenderTest, DefaultsAreKnownOptions) {
  for (const auto& [key, files] : *releases_) {
    const auto bytes = File(files, "config.json");
    if (!bytes.has_value()) continue;
    const JsonValue config = Parsed(*bytes);
    EXPECT_TRUE(UnknownOptions(config, DefaultOptions(config)).empty()) << key;
  }
}

// Whatever a string option holds, "{{x}}" must stay one JSON string.
TEST_F(UniverseRenderTest, HostileStringsKeepTheTextJson) {
  struct Spoiler {
    static void Spoil(JsonValue* value) {
      if (value->is_string() && !value->text().empty()) {
        *value = JsonValue::String("a\"b\\c\n\x7f{{x}}}}\xc2\x85</&'");
      }
      for (auto& member : value->members()) Spoil(&member.value);
    }
  };
  int objects = 0;
  for (const auto& [key, files] : *releases_) {
    const auto source = File(files, "marathon.json.mustache");
    if (!source.has_value()) continue;
    const absl::StatusOr<Template> parsed = Template::Parse(*source);
    ASSERT_THAT(parsed, IsOk()) << key;
    JsonValue context = DefaultOptions(Parsed(*File(files, "config.json")));
    Spoiler::Spoil(&context);
    const absl::StatusOr<std::string> text = parsed->Render(context);
    ASSERT_THAT(text, IsOk()) << key;
    if (registry::ParseJson(*text).ok()) ++objects;
  }
  EXPECT_GT(objects, 900);
}

}  // namespace
}  // namespace orrery::catalog
