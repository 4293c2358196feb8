// Any repository: bytes are read as orders to write objects that refer to each
// other, the last of which is followed as a folder of packages. Walking and
// judging end, find each place once, and serve only what the layout allows.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "registry/format/file_mode.h"
#include "registry/format/release_directory.h"
#include "registry/git/git_object.h"
#include "registry/git/git_repository.h"
#include "registry/judge/content_packer.h"
#include "registry/judge/package_tree.h"
#include "registry/judge/release_judge.h"
#include "tests/testing/git_fixture.h"

namespace {

using namespace orrery::registry;  // NOLINT(google-build-using-namespace)
using orrery::tests::GitFixture;

constexpr char kPackagesPath[] = "repo/packages";
constexpr std::array<uint32_t, 8> kModes = {
    kTreeMode,       kTreeMode, kTreeMode,      kFileMode,
    kExecutableMode, kLinkMode, kSubmoduleMode, 0040755};
constexpr std::array<const char*, 16> kNames = {
    "K",           "S",
    "k",           "kafka",
    "Kafka",       "spark",
    "0",           "1",
    "01",          "package.json",
    "config.json", "Config.json",
    "..",          ".git",
    "a/b",         "9223372036854775807"};
constexpr char kPackage[] =
    R"({"packagingVersion":"4.0","name":"kafka","version":"1",)"
    R"("maintainer":"m","description":"d","tags":[]})";

// Not assert: the optimised build is fuzzed too.
void Require(bool holds) {
  if (!holds) std::abort();
}

// Reads numbers and texts from the front; zeros when there is nothing left.
class Orders {
 public:
  Orders(const uint8_t* data, size_t size)
      : rest_(reinterpret_cast<const char*>(data), size) {}

  bool done() const { return rest_.empty(); }
  uint8_t Number() {
    if (rest_.empty()) return 0;
    const auto number = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return number;
  }
  std::string Text() {
    const size_t size = std::min<size_t>(Number(), rest_.size());
    std::string text(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return text;
  }

 private:
  absl::string_view rest_;
};

std::string FixturePath() {
  const char* tests = std::getenv("TEST_TMPDIR");
  std::string pattern =
      std::string(tests != nullptr ? tests : "/tmp") + "/tree_fuzzXXXXXX";
  Require(mkdtemp(pattern.data()) != nullptr);
  return pattern + "/git";
}

// The objects, the last one first followed.
std::vector<std::string> WriteObjects(Orders& orders, GitFixture& git) {
  std::vector<std::string> ids = {git.WriteBlob("x"), git.WriteBlob(kPackage)};
  while (!orders.done() && ids.size() < 40) {
    const uint8_t order = orders.Number();
    if (order % 8 == 0) {
      ids.push_back(git.WriteBlob(orders.Text()));
      continue;
    }
    if (order % 8 == 1) {
      ids.push_back(git.WriteRawTree(orders.Text()));
      continue;
    }
    std::vector<GitFixture::Entry> entries(order / 8 % 8);
    for (GitFixture::Entry& entry : entries) {
      entry.mode = kModes[orders.Number() % kModes.size()];
      const uint8_t name = orders.Number();
      entry.name = name < 128 ? kNames[name % kNames.size()] : orders.Text();
      const uint8_t child = orders.Number();
      entry.id = child == 255 ? std::string(40, 'a')
                              : ids[ids.size() - 1 - child % ids.size()];
    }
    ids.push_back(git.WriteTree(entries));
  }
  return ids;
}

void CheckChanges(const GitRepository& repository,
                  const std::vector<PackageTreeChange>& changes) {
  ContentClaims claims;
  ContentPacker packer;
  std::set<std::pair<std::string, bool>> seen;
  for (const PackageTreeChange& change : changes) {
    Require(!change.before.has_value() && change.after.has_value());
    const PackageTreeEntry& place = *change.after;
    Require(place.depth >= 1 && place.depth <= 3);
    Require(place.path.rfind(std::string(kPackagesPath) + "/", 0) == 0);
    Require(seen.emplace(place.path, true).second);
    const auto judged =
        JudgeTreeEntry(repository, place, {"u"}, claims, packer);
    if (!judged.ok() || !judged->entry.has_value()) continue;
    const IndexEntry& entry = *judged->entry;
    if (entry.verdict != Verdict::kServed) continue;
    const auto key = ParseReleaseDirectory(entry.release->directory).key;
    Require(place.depth == 3 && place.mode == kTreeMode && key.has_value());
    Require(key->name == entry.release->name);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static GitFixture git(FixturePath());
  Orders orders(data, size);
  const std::vector<std::string> ids = WriteObjects(orders, git);
  const std::string repo = git.WriteTree({{kTreeMode, "packages", ids.back()}});
  const std::string root = git.WriteTree({{kTreeMode, "repo", repo}});
  const auto repository = GitRepository::Open(git.path());
  Require(repository.ok());

  TreeLimits limits;
  limits.max_entries = 1000;
  limits.max_tree_bytes = 4096;
  const Interruption go_on = [] { return absl::OkStatus(); };
  const auto folder =
      FindTree(**repository, *ObjectId::ParseHex(root), kPackagesPath, limits);
  Require(folder.ok() && folder->has_value());
  const auto added = DiffPackageTrees(**repository, kPackagesPath, std::nullopt,
                                      *folder, limits, go_on);
  const auto removed = DiffPackageTrees(**repository, kPackagesPath, *folder,
                                        std::nullopt, limits, go_on);
  Require(added.ok() == removed.ok());
  if (added.ok()) {
    Require(added->size() == removed->size());
    CheckChanges(**repository, *added);
  }
  for (const std::string& id : ids) git.LoseObject(id);
  git.LoseObject(repo);
  git.LoseObject(root);
  return 0;
}
