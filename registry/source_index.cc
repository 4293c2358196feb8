#include "registry/source_index.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "registry/format/repository_check.h"

namespace orrery::registry {
namespace {

bool FindingOrder(const Finding& a, const Finding& b) {
  return std::tie(a.path, a.pointer, a.rule) <
         std::tie(b.path, b.pointer, b.rule);
}

ReleasePtr WithFindings(const ReleasePtr& release,
                        const std::vector<Finding>& added) {
  if (added.empty()) return release;
  auto copy = std::make_shared<Release>(*release);
  copy->findings.insert(copy->findings.end(), added.begin(), added.end());
  std::stable_sort(copy->findings.begin(), copy->findings.end(), FindingOrder);
  return copy;
}

}  // namespace

void SourceIndex::Count(const IndexEntry& entry, int64_t sign) {
  if (entry.verdict == Verdict::kServed) served_ += sign;
  if (entry.verdict == Verdict::kLegacy) legacy_ += sign;
}

void SourceIndex::Put(std::shared_ptr<const IndexEntry> entry) {
  const ReleasePtr& release = entry->release;
  Erase(release->directory);
  Count(*entry, 1);
  if (entry->verdict == Verdict::kServed) {
    packages_[release->name][release->release] = release;
    changed_.insert(release->name);
  }
  entries_[release->directory] = std::move(entry);
}

void SourceIndex::Erase(absl::string_view directory) {
  const auto found = entries_.find(directory);
  if (found == entries_.end()) return;
  const IndexEntry& entry = *found->second;
  Count(entry, -1);
  if (entry.verdict == Verdict::kServed) {
    const auto package = packages_.find(entry.release->name);
    package->second.erase(entry.release->release);
    changed_.insert(entry.release->name);
    if (package->second.empty()) packages_.erase(package);
  }
  compared_.erase(std::string(directory));
  entries_.erase(found);
}

std::vector<std::string> SourceIndex::Settle() {
  if (changed_.empty()) return {};
  std::vector<const ReleaseFacts*> facts;
  facts.reserve(static_cast<size_t>(served_));
  for (const auto& [directory, entry] : entries_) {
    if (entry->verdict == Verdict::kServed) facts.push_back(&entry->facts);
  }
  std::map<std::string, std::vector<Finding>> by_directory;
  for (Finding& finding : CheckRepository(facts, Profile::kImport)) {
    by_directory[finding.path].push_back(std::move(finding));
  }
  // What had such findings and has none now is set back as well.
  for (const std::string& directory : compared_) by_directory[directory];
  compared_.clear();
  for (const auto& [directory, findings] : by_directory) {
    const IndexEntry* entry = Find(directory);
    if (entry == nullptr || entry->verdict != Verdict::kServed) continue;
    if (!findings.empty()) compared_.insert(directory);
    ReleasePtr release = WithFindings(entry->release, findings);
    ReleasePtr& current =
        packages_[entry->release->name][entry->release->release];
    if (current->findings == release->findings) continue;
    current = std::move(release);
    changed_.insert(entry->release->name);
  }
  std::vector<std::string> changed(changed_.begin(), changed_.end());
  changed_.clear();
  return changed;
}

const IndexEntry* SourceIndex::Find(absl::string_view directory) const {
  const auto found = entries_.find(directory);
  return found == entries_.end() ? nullptr : found->second.get();
}

SourceContents SourceIndex::Contents() const {
  SourceContents contents;
  contents.packages = static_cast<int64_t>(packages_.size());
  contents.releases = served_;
  contents.legacy_releases = legacy_;
  for (const auto& [name, releases] : packages_) {
    const bool visible =
        std::any_of(releases.begin(), releases.end(),
                    [](const auto& item) { return !item.second->hidden; });
    if (!visible) ++contents.hidden;
    for (const auto& [number, release] : releases) {
      for (const Finding& finding : release->findings) {
        ++contents.findings[finding.rule];
      }
    }
  }
  for (const auto& [directory, entry] : entries_) {
    if (entry->verdict != Verdict::kRefused) continue;
    for (const Finding& finding : entry->release->findings) {
      if (finding.refuses) contents.refused.push_back(finding);
    }
  }
  return contents;
}

}  // namespace orrery::registry
