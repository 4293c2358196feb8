// The vectors of resolver.md §2 and §3, and the axioms of an order over every
// label of the real Universe.

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/format/json_parse.h"
#include "registry/format/json_value.h"
#include "resolver/version.h"
#include "resolver/version_range.h"

namespace orrery::resolver {
namespace {

using registry::JsonValue;

class VersionVectorsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::getenv("ORRERY_TEST_DATA") == nullptr) {
      GTEST_SKIP() << "ORRERY_TEST_DATA is not set";
    }
  }

  static JsonValue Read(absl::string_view name) {
    const std::string path = absl::StrCat(std::getenv("ORRERY_TEST_DATA"),
                                          "/resolver/versions/", name);
    std::ifstream file(path, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)),
                           std::istreambuf_iterator<char>());
    auto document = registry::ParseJson(text);
    EXPECT_TRUE(document.ok()) << path << ": " << document.status();
    return document.ok() ? std::move(document->root) : JsonValue();
  }

  static std::vector<Version> UniverseVersions() {
    std::vector<Version> versions;
    const JsonValue labels = Read("universe-sorted.json");
    for (const JsonValue& label : labels.items()) {
      versions.push_back(*Version::Parse(label.text()));
    }
    return versions;
  }
};

TEST_F(VersionVectorsTest, ChainsAscend) {
  int pairs = 0;
  const JsonValue vectors = Read("order.json");
  for (const JsonValue& chain : vectors.Find("ascending_chains")->items()) {
    std::vector<Version> versions;
    for (const JsonValue& label : chain.items()) {
      versions.push_back(*Version::Parse(label.text()));
      for (size_t i = 0; i + 1 < versions.size(); ++i, ++pairs) {
        EXPECT_LT(versions[i], versions.back())
            << versions[i].label() << " " << label.text();
      }
    }
  }
  EXPECT_EQ(pairs, 236);
}

TEST_F(VersionVectorsTest, EqualKeysAreEqual) {
  const JsonValue vectors = Read("order.json");
  for (const JsonValue& pair : vectors.Find("same_order_key")->items()) {
    EXPECT_EQ(*Version::Parse(pair.items()[0].text()),
              *Version::Parse(pair.items()[1].text()));
  }
}

TEST_F(VersionVectorsTest, PrereleasesAreTold) {
  const JsonValue vectors = Read("order.json");
  for (const auto& [label, flag] : vectors.Find("prerelease")->members()) {
    EXPECT_EQ(Version::Parse(label)->is_prerelease(), flag.bool_value())
        << label;
  }
}

TEST_F(VersionVectorsTest, RangesContainWhatTheyShould) {
  const JsonValue vectors = Read("ranges.json");
  const auto& rows = vectors.Find("rows")->items();
  EXPECT_EQ(rows.size(), 131u);
  for (const JsonValue& row : rows) {
    const auto& cells = row.items();
    const auto range = VersionRange::Parse(cells[0].text());
    ASSERT_TRUE(range.ok()) << range.status();
    const PrereleaseGate gate =
        cells.size() > 3 && cells[3].FindString("prerelease") == "allow"
            ? PrereleaseGate::kOpen
            : PrereleaseGate::kClosed;
    EXPECT_EQ(
        range->Contains(*Version::Parse(cells[1].text()), std::nullopt, gate),
        cells[2].bool_value())
        << registry::WriteJson(row);
  }
}

TEST_F(VersionVectorsTest, UniverseSortsAsGiven) {
  const std::vector<Version> given = UniverseVersions();
  ASSERT_EQ(given.size(), 917u);
  std::vector<Version> sorted(given.rbegin(), given.rend());
  std::sort(sorted.begin(), sorted.end(), TotalLess);
  for (size_t i = 0; i < given.size(); ++i) {
    EXPECT_EQ(sorted[i].label(), given[i].label());
  }
}

TEST_F(VersionVectorsTest, UniverseHasItsPrereleases) {
  int releases = 0;
  int prereleases = 0;
  std::set<std::string> labels;
  const JsonValue universe = Read("universe.json");
  for (const auto& [name, list] : universe.Find("packages")->members()) {
    for (const JsonValue& release : list.items()) {
      ++releases;
      const std::string label(release.FindString("version"));
      if (!Version::Parse(label)->is_prerelease()) continue;
      ++prereleases;
      labels.insert(label);
    }
  }
  EXPECT_EQ(releases, 1235);
  EXPECT_EQ(prereleases, 115);
  EXPECT_EQ(labels.size(), 101u);
}

TEST_F(VersionVectorsTest, OrderIsTotalAndAntisymmetric) {
  const std::vector<Version> all = UniverseVersions();
  for (const Version& a : all) {
    for (const Version& b : all) {
      EXPECT_EQ((a <=> b) < 0, (b <=> a) > 0);
      EXPECT_EQ((a <=> b) == 0, a == b);
      EXPECT_EQ(TotalLess(a, b) + TotalLess(b, a), a.label() != b.label());
    }
  }
}

TEST_F(VersionVectorsTest, OrderIsTransitive) {
  const std::vector<Version> all = UniverseVersions();
  // Every 12th label: 77 of them, 456,533 triples over all schemes.
  std::vector<Version> some;
  for (size_t i = 0; i < all.size(); i += 12) some.push_back(all[i]);
  for (const Version& a : some) {
    for (const Version& b : some) {
      if (a > b) continue;
      for (const Version& c : some) {
        if (b <= c) {
          EXPECT_LE(a, c);
        }
      }
    }
  }
}

TEST_F(VersionVectorsTest, EqualVersionsHaveOneHash) {
  const absl::Hash<Version> hash;
  const std::vector<Version> all = UniverseVersions();
  for (size_t i = 0; i + 1 < all.size(); ++i) {
    if (all[i] == all[i + 1]) {
      EXPECT_EQ(hash(all[i]), hash(all[i + 1]));
    }
  }
}

TEST_F(VersionVectorsTest, EveryLabelContainsItself) {
  for (const Version& version : UniverseVersions()) {
    const auto range = VersionRange::Parse("=" + version.label());
    ASSERT_TRUE(range.ok()) << range.status();
    EXPECT_TRUE(range->Contains(version, std::nullopt, PrereleaseGate::kClosed))
        << version.label();
  }
}

}  // namespace
}  // namespace orrery::resolver
