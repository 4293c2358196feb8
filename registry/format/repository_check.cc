#include "registry/format/repository_check.h"

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "registry/format/document_reader.h"
#include "registry/format/finding_list.h"
#include "registry/format/rule.h"
#include "registry/format/version_label.h"

namespace orrery::registry {
namespace {

// Of one package, by release number.
using Releases = std::vector<const ReleaseFacts*>;
using Packages = std::map<absl::string_view, Releases>;

Packages GroupByPackage(std::span<const ReleaseFacts* const> releases) {
  Packages packages;
  for (const ReleaseFacts* release : releases) {
    packages[release->name].push_back(release);
  }
  for (auto& [name, group] : packages) {
    std::sort(group.begin(), group.end(),
              [](const ReleaseFacts* a, const ReleaseFacts* b) {
                return a->release < b->release;
              });
  }
  return packages;
}

class RepositoryChecker {
 public:
  explicit RepositoryChecker(Profile profile)
      : findings_(profile, /*max_per_rule=*/SIZE_MAX) {}

  std::vector<Finding> Run(std::span<const ReleaseFacts* const> releases);

 private:
  using Versions = absl::flat_hash_map<absl::string_view, Releases>;

  void CheckReused(const Versions& versions);
  void CheckOrder(const Releases& releases);
  void CheckEdges(const ReleaseFacts& release, absl::string_view member,
                  const std::vector<std::string>& edges,
                  const Versions& versions);
  void CheckManagers(const Packages& packages);
  void CheckCliHashes(std::span<const ReleaseFacts* const> releases);

  void Add(const Rule& rule, const ReleaseFacts& release, std::string pointer,
           std::string text) {
    findings_.Add(rule, release.directory, std::move(pointer), std::nullopt,
                  std::move(text));
  }

  FindingList findings_;
};

std::vector<Finding> RepositoryChecker::Run(
    std::span<const ReleaseFacts* const> releases) {
  const Packages packages = GroupByPackage(releases);
  for (const auto& [name, group] : packages) {
    Versions versions;
    for (const ReleaseFacts* release : group) {
      versions[release->version].push_back(release);
    }
    CheckReused(versions);
    CheckOrder(group);
    for (const ReleaseFacts* release : group) {
      CheckEdges(*release, "upgradesFrom", release->upgrades_from, versions);
      CheckEdges(*release, "downgradesTo", release->downgrades_to, versions);
    }
  }
  CheckManagers(packages);
  CheckCliHashes(releases);
  return findings_.Take("");
}

void RepositoryChecker::CheckReused(const Versions& versions) {
  for (const auto& [version, group] : versions) {
    if (group.size() < 2) continue;
    for (const ReleaseFacts* release : group) {
      const ReleaseFacts* other =
          release == group.front() ? group.back() : group.front();
      Add(rules::kVersionReused, *release, "/version",
          absl::StrCat("version ", Shown(version), " is also that of release ",
                       other->release,
                       group.size() == 2 ? "" : " and of others"));
    }
  }
}

void RepositoryChecker::CheckOrder(const Releases& releases) {
  for (size_t i = 1; i < releases.size(); ++i) {
    const ReleaseFacts& before = *releases[i - 1];
    const ReleaseFacts& release = *releases[i];
    const auto order = CompareLoosely(before.version, release.version);
    const bool unordered = order == std::partial_ordering::unordered;
    if (!unordered && order <= 0) continue;
    Add(unordered ? rules::kVersionUnordered : rules::kVersionOrder, release,
        "/version",
        absl::StrCat(
            Shown(release.version),
            unordered ? " cannot be compared with " : " looks lower than ",
            Shown(before.version), " of release ", before.release));
  }
}

void RepositoryChecker::CheckEdges(const ReleaseFacts& release,
                                   absl::string_view member,
                                   const std::vector<std::string>& edges,
                                   const Versions& versions) {
  // The longest list of the Universe has 12 entries.
  constexpr size_t kMaxEdges = 1000;
  for (size_t i = 0; i < std::min(edges.size(), kMaxEdges); ++i) {
    const std::string& edge = edges[i];
    const std::string pointer = absl::StrCat("/", member, "/", i);
    if (edge == "*") continue;
    if (edge.empty()) {
      Add(rules::kEdgeEmpty, release, pointer, "the version is empty");
    }
    if (edge == release.version) {
      Add(rules::kEdgeSelf, release, pointer,
          absl::StrCat(Shown(edge), " is the release's own version"));
    } else if (!versions.contains(edge)) {
      Add(rules::kEdgeDangling, release, pointer,
          absl::StrCat("package ", release.name, " has no version ",
                       Shown(edge)));
    }
  }
}

void RepositoryChecker::CheckManagers(const Packages& packages) {
  for (const auto& [name, group] : packages) {
    for (const ReleaseFacts* release : group) {
      if (!release->manager.has_value() ||
          packages.contains(*release->manager)) {
        continue;
      }
      Add(rules::kManagerMissing, *release, "/manager/packageName",
          absl::StrCat("there is no package ", Shown(*release->manager)));
    }
  }
}

void RepositoryChecker::CheckCliHashes(
    std::span<const ReleaseFacts* const> releases) {
  struct Declaration {
    const ReleaseFacts* release;
    const CliBinary* binary;
  };
  absl::flat_hash_map<absl::string_view, std::vector<Declaration>> by_url;
  for (const ReleaseFacts* release : releases) {
    for (const CliBinary& binary : release->cli_binaries) {
      by_url[binary.url].push_back({release, &binary});
    }
  }
  for (auto& [url, declarations] : by_url) {
    std::stable_sort(declarations.begin(), declarations.end(),
                     [](const Declaration& a, const Declaration& b) {
                       return a.release->directory < b.release->directory;
                     });
    const Declaration& first = declarations.front();
    const auto second = std::find_if(declarations.begin(), declarations.end(),
                                     [&first](const Declaration& declaration) {
                                       return declaration.binary->sha256 !=
                                              first.binary->sha256;
                                     });
    if (second == declarations.end()) continue;
    for (const Declaration& mine : declarations) {
      const Declaration& other =
          mine.binary->sha256 == first.binary->sha256 ? *second : first;
      if (other.release == mine.release) continue;
      Add(rules::kCliHashDiffers, *mine.release, mine.binary->pointer,
          absl::StrCat(Shown(url), " has another hash in ",
                       other.release->directory));
    }
  }
}

}  // namespace

std::vector<Finding> CheckRepository(
    std::span<const ReleaseFacts* const> releases, Profile profile) {
  return RepositoryChecker(profile).Run(releases);
}

}  // namespace orrery::registry
