// What a resolve has locked, the same resolve with --locked accepts at once.

#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"

#include "catalog/orchestrator/clusters.h"
#include "catalog/resolution/lock_file.h"
#include "catalog/resolution/package_resolver.h"
#include "catalog/resolution/resolve_query.h"
#include "tests/testing/snapshot_builder.h"

namespace orrery::catalog {
namespace {

constexpr int kProblems = 1000;
constexpr int kPackages = 6;
constexpr int kReleases = 3;

class Problem {
 public:
  explicit Problem(uint32_t seed) : random_(seed) {}

  registry::SnapshotPtr Snapshot() {
    tests::SnapshotBuilder builder;
    for (int package = 0; package < kPackages; ++package) {
      for (int release = kReleases; release > 0; --release) {
        const std::string name = absl::StrCat("p", package);
        builder.AddRelease(
            name, release, absl::StrCat(release, ".0"),
            {{"package.json",
              absl::StrCat(R"({"packagingVersion":"4.0","name":")", name,
                           R"(","version":"1","maintainer":"m",
                           "description":"d","tags":[]})")},
             {"relations.json", Relations(package)}});
      }
    }
    return builder.Build();
  }

  ResolveQuery Query() {
    ResolveQuery query;
    query.write_lock = true;
    for (int i = 0; i <= Below(2); ++i) {
      std::string item = absl::StrCat("p", Below(kPackages));
      if (Below(3) == 0) absl::StrAppend(&item, "[ff]");
      if (Below(3) == 0) absl::StrAppend(&item, "@", Range());
      query.items.push_back(*ParseRequestItem(item));
    }
    if (Below(4) == 0) query.exclude = {absl::StrCat("p", Below(kPackages))};
    query.oldest_first = Below(5) == 0;
    return query;
  }

 private:
  int Below(int end) {
    return static_cast<int>(random_() % static_cast<uint32_t>(end));
  }

  std::string Range() {
    static constexpr const char* kRanges[] = {">=2", "<3", "=2.0", "!=1.0"};
    return kRanges[Below(4)];
  }

  // Of another package.
  std::string Target(int package) {
    const int other = (package + 1 + Below(kPackages - 1)) % kPackages;
    if (Below(5) == 0) return R"({"capability": "cc"})";
    return absl::StrCat(R"({"package": "p)", other, R"(", "versions": ")",
                        Below(2) == 0 ? "*" : Range(), R"("})");
  }

  std::string Requirement(int package) {
    if (Below(2) == 0) return Target(package);
    std::string first = Target(package);
    std::string second = Target(package);
    // Two equal ones would be refused.
    if (first == second) return first;
    return absl::StrCat(R"({"anyOf": [)", first, ", ", second, "]}");
  }

  std::string Relations(int package) {
    std::vector<std::string> members = {absl::StrCat(
        R"("features": {"ff": {"requires": [)", Requirement(package), "]}}")};
    if (Below(2) == 0) {
      members.push_back(
          absl::StrCat(R"("requires": [)", Requirement(package), "]"));
    }
    if (Below(6) == 0) {
      members.push_back(
          absl::StrCat(R"("conflicts": [)", Target(package), "]"));
    }
    if (Below(4) == 0) {
      members.push_back(absl::StrCat(R"("bounds": [{"package": "p)",
                                     (package + 1) % kPackages,
                                     R"(", "versions": ")", Range(), R"("}])"));
    }
    if (package < 2) members.push_back(R"("provides": [{"capability": "cc"}])");
    if (Below(8) == 0) members.push_back(R"("claims": ["port:80"])");
    return absl::StrCat("{", absl::StrJoin(members, ", "), "}");
  }

  std::mt19937 random_;
};

TEST(LockRandomTest, WhatIsLockedIsAcceptedWithTheSameNodes) {
  const Clusters clusters;
  int solved = 0;
  for (uint32_t seed = 0; seed < kProblems; ++seed) {
    Problem problem(seed);
    const registry::SnapshotPtr snapshot = problem.Snapshot();
    PackageResolver resolver(
        nullptr, &clusters, [&snapshot] { return snapshot; }, nullptr);
    ResolveQuery query = problem.Query();
    const auto answer = resolver.Resolve(query);
    ASSERT_TRUE(answer.ok()) << seed << " " << answer.status();
    if (answer->status != resolver::Status::kSolved) continue;
    ++solved;
    const std::string text = LockOf(query, *answer);
    const auto lock = ParseLock(text);
    ASSERT_TRUE(lock.ok()) << seed << " " << lock.status();
    query.lock = *lock;
    EXPECT_EQ(LockOf(query, *resolver.Resolve(query)), text) << seed;
    query.locked = true;
    const auto locked = resolver.Resolve(query);
    ASSERT_TRUE(locked.ok()) << seed << " " << locked.status();
    EXPECT_EQ(LockOf(query, *locked), text) << seed;
  }
  EXPECT_GT(solved, kProblems / 3);
}

}  // namespace
}  // namespace orrery::catalog
