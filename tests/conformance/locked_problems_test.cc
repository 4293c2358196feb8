// What a lock was written for, it is accepted for (resolver.md §12).

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/orchestrator/clusters.h"
#include "catalog/resolution/lock_file.h"
#include "catalog/resolution/package_resolver.h"
#include "catalog/resolution/request_item.h"
#include "catalog/resolution/resolution.h"
#include "catalog/resolution/resolve_query.h"
#include "registry/index/snapshot.h"
#include "resolver/answer.h"
#include "tests/testing/snapshot_builder.h"

namespace orrery::tests {
namespace {

// Packages `pkg-0`, `pkg-1`, … with relations of every kind, from a seed.
class RandomCatalogue {
 public:
  explicit RandomCatalogue(uint32_t seed)
      : random_(seed), packages_(2 + Draw(6)) {
    for (uint32_t package = 0; package < packages_; ++package) {
      const uint32_t releases = 1 + Draw(4);
      for (uint32_t release = 1; release <= releases; ++release) {
        const std::string name = Name(package);
        const std::string version =
            absl::StrCat(release, ".0", Draw(8) == 0 ? "-beta" : "");
        builder_.AddRelease(
            name, release, version,
            {{"package.json",
              absl::StrCat(
                  R"({"packagingVersion":"4.0","name":")", name,
                  R"(","version":")", version,
                  R"(","maintainer":"m","description":"d","tags":[]})")},
             {"relations.json", Relations(package)}});
      }
    }
  }

  registry::SnapshotPtr Build() const { return builder_.Build(); }

  std::vector<std::string> DrawItems() {
    std::vector<std::string> items = {absl::StrCat(Name(0), DrawAt())};
    if (Draw(2) == 0) items.push_back(absl::StrCat(Name(1), DrawAt()));
    return items;
  }

 private:
  // The same everywhere, unlike the distributions of the standard.
  uint32_t Draw(uint32_t bound) { return random_() % bound; }
  static std::string Name(uint32_t package) {
    return absl::StrCat("pkg-", package);
  }
  std::string DrawRange() {
    const std::string ranges[] = {"*", ">=2", "<4", "!=2.0", "^1 || ^3"};
    return ranges[Draw(5)];
  }
  std::string DrawAt() {
    return Draw(3) == 0 ? absl::StrCat("@<=", 1 + Draw(4)) : "";
  }
  // Another package than `owner`.
  std::string DrawTarget(uint32_t owner) {
    const uint32_t other = (owner + 1 + Draw(packages_ - 1)) % packages_;
    return absl::StrCat(R"({"package":")", Name(other), R"(","versions":")",
                        DrawRange(), R"("})");
  }
  std::string Relations(uint32_t owner) {
    std::vector<std::string> needs;
    if (Draw(2) == 0) needs.push_back(DrawTarget(owner));
    if (Draw(3) == 0) {
      needs.push_back(absl::StrCat(R"({"anyOf":[)", DrawTarget(owner), ",",
                                   R"({"capability":"cap-a"}]})"));
    }
    std::vector<std::string> members;
    // Two with one text are refused.
    if (needs.size() == 2 && needs[0] == needs[1]) needs.pop_back();
    members.push_back(
        absl::StrCat(R"("requires":[)", absl::StrJoin(needs, ","), "]"));
    if (Draw(6) == 0) {
      members.push_back(
          absl::StrCat(R"("conflicts":[)", DrawTarget(owner), "]"));
    }
    if (Draw(4) == 0) {
      members.push_back(absl::StrCat(R"("bounds":[)", DrawTarget(owner), "]"));
    }
    if (Draw(3) == 0) {
      members.push_back(R"("provides":[{"capability":"cap-a"}])");
    }
    if (Draw(8) == 0) members.push_back(R"("claims":["port:80"])");
    return absl::StrCat("{", absl::StrJoin(members, ","), "}");
  }

  std::mt19937 random_;
  uint32_t packages_;
  SnapshotBuilder builder_;
};

std::vector<std::string> Nodes(const catalog::Resolution& resolution) {
  std::vector<std::string> nodes;
  for (const catalog::ResolvedNode& node : resolution.nodes) {
    nodes.push_back(absl::StrCat(node.node, " ", node.release->release));
  }
  return nodes;
}

TEST(LockedProblemsTest, LockOfAnAnswerGivesThatAnswerAndItself) {
  constexpr uint32_t kProblems = 1'000;
  catalog::Clusters clusters;
  uint32_t solved = 0;
  for (uint32_t seed = 1; solved < kProblems && seed < 3 * kProblems; ++seed) {
    SCOPED_TRACE(seed);
    RandomCatalogue catalogue(seed);
    catalog::ResolveQuery query;
    for (const std::string& item : catalogue.DrawItems()) {
      query.items.push_back(*catalog::ParseRequestItem(item));
    }
    const registry::SnapshotPtr snapshot = catalogue.Build();
    catalog::PackageResolver resolver(
        /*services=*/nullptr, &clusters, [snapshot] { return snapshot; },
        nullptr);
    const auto first = resolver.Resolve(query);
    ASSERT_TRUE(first.ok()) << first.status();
    if (first->status != resolver::Status::kSolved) continue;
    ++solved;
    const std::string text = catalog::WriteLock(query, *first);
    query.lock = *catalog::ParseLock(text);
    const auto preferred = resolver.Resolve(query);
    ASSERT_TRUE(preferred.ok()) << preferred.status();
    EXPECT_EQ(catalog::WriteLock(query, *preferred), text);
    query.locked = true;
    const auto locked = resolver.Resolve(query);
    ASSERT_TRUE(locked.ok()) << locked.status();
    ASSERT_EQ(Nodes(*locked), Nodes(*first));
    ASSERT_EQ(catalog::WriteLock(query, *locked), text);
  }
  EXPECT_EQ(solved, kProblems);
}

}  // namespace
}  // namespace orrery::tests
