#include "registry/snapshot_builder.h"

#include <set>
#include <utility>

namespace orrery::registry {
namespace {

// A label that a better source has is not taken from a worse one
// (universe-format §10); one source may have it several times.
PackagePtr MergePackage(std::span<const IndexedSource> sources,
                        const std::string& name) {
  auto package = std::make_shared<PackageEntry>();
  package->name = name;
  std::set<std::string> labels;
  for (const IndexedSource& source : sources) {
    const auto found = source.index->packages().find(name);
    if (found == source.index->packages().end()) continue;
    const size_t better = package->releases.size();
    for (const auto& [number, release] : found->second) {
      if (!labels.contains(release->version)) {
        package->releases.push_back(release);
      }
    }
    for (size_t i = better; i < package->releases.size(); ++i) {
      labels.insert(package->releases[i]->version);
    }
  }
  if (package->releases.empty()) return nullptr;
  return package;
}

}  // namespace

SnapshotPtr BuildSnapshot(const Snapshot& before,
                          std::span<const IndexedSource> sources,
                          const std::vector<std::string>& changed,
                          std::shared_ptr<ContentReader> content) {
  std::vector<PackagePtr> packages;
  packages.reserve(before.packages().size() + changed.size());
  auto kept = before.packages().begin();
  const auto end = before.packages().end();
  for (const std::string& name : changed) {
    while (kept != end && (*kept)->name < name) packages.push_back(*kept++);
    if (kept != end && (*kept)->name == name) ++kept;
    PackagePtr merged = MergePackage(sources, name);
    if (merged != nullptr) packages.push_back(std::move(merged));
  }
  packages.insert(packages.end(), kept, end);

  std::vector<std::shared_ptr<const SourceContents>> contents;
  for (const IndexedSource& source : sources) {
    if (source.contents != nullptr) contents.push_back(source.contents);
  }
  return std::make_shared<const Snapshot>(
      before.generation() + 1, std::move(packages), std::move(contents),
      std::move(content));
}

}  // namespace orrery::registry
