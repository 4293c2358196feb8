#include "registry/index/index_record.h"

#include <memory>
#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/judge/release.h"
#include "signing/digest.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

constexpr char kDirectory[] = "repo/packages/K/kafka/1200";

Finding MakeFinding() {
  Finding finding;
  finding.rule = "dup-key";
  finding.severity = Severity::kWarn;
  finding.refuses = true;
  finding.path = "repo/packages/K/kafka/1200/package.json";
  finding.pointer = "/a~1b";
  finding.line = 17;
  finding.text = "twice";
  return finding;
}

IndexEntry MakeEntry() {
  auto release = std::make_shared<Release>();
  release->name = "kafka";
  release->release = 1200;
  release->version = "2.10.0-2.4.0";
  release->source = "u";
  release->directory = kDirectory;
  release->hidden = true;
  release->selected = true;
  release->framework = true;
  release->maintainer = "ops@example.org";
  release->description = std::string(300, 'd');
  release->tags = {"a", ""};
  release->files = {{"link", 0120000, 0, std::nullopt},
                    {kPackageFile, 0100755, 7, signing::Digest::Of("package")}};
  release->findings = {MakeFinding(), Finding()};
  IndexEntry entry;
  entry.release = release;
  entry.facts.directory = kDirectory;
  entry.facts.name = "kafka";
  entry.facts.release = 1200;
  entry.facts.version = "2.10.0-2.4.0";
  entry.facts.upgrades_from = {"*"};
  entry.facts.downgrades_to = {"1", "2"};
  entry.facts.manager = "mom";
  entry.facts.cli_binaries = {{"https://x/y", "ab", "/cli/binaries"}};
  entry.compared = {MakeFinding()};
  return entry;
}

TEST(IndexRecordTest, DecodedEntryIsTheEncodedOne) {
  const IndexEntry entry = MakeEntry();
  const auto decoded =
      DecodeIndexEntry(EncodeIndexEntry(entry), "u", kDirectory);
  ASSERT_THAT(decoded, IsOk());
  EXPECT_TRUE(*decoded->release == *entry.release);
  EXPECT_EQ(decoded->compared, entry.compared);
  EXPECT_EQ(decoded->facts.directory, entry.facts.directory);
  EXPECT_EQ(decoded->facts.name, entry.facts.name);
  EXPECT_EQ(decoded->facts.release, entry.facts.release);
  EXPECT_EQ(decoded->facts.version, entry.facts.version);
  EXPECT_EQ(decoded->facts.upgrades_from, entry.facts.upgrades_from);
  EXPECT_EQ(decoded->facts.downgrades_to, entry.facts.downgrades_to);
  EXPECT_EQ(decoded->facts.manager, entry.facts.manager);
  ASSERT_EQ(decoded->facts.cli_binaries.size(), 1);
  EXPECT_EQ(decoded->facts.cli_binaries[0].url, "https://x/y");
  EXPECT_EQ(decoded->facts.cli_binaries[0].sha256, "ab");
  EXPECT_EQ(decoded->facts.cli_binaries[0].pointer, "/cli/binaries");
}

TEST(IndexRecordTest, EveryCutRecordIsDataLoss) {
  const std::string record = EncodeIndexEntry(MakeEntry());
  for (size_t size = 0; size < record.size(); ++size) {
    EXPECT_THAT(DecodeIndexEntry(absl::string_view(record).substr(0, size), "u",
                                 kDirectory),
                StatusIs(absl::StatusCode::kDataLoss))
        << size;
  }
  EXPECT_THAT(DecodeIndexEntry(record + "x", "u", kDirectory),
              StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace orrery::registry
