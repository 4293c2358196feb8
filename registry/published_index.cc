#include "registry/published_index.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "registry/snapshot_builder.h"

namespace orrery::registry {

PublishedIndex::PublishedIndex(std::shared_ptr<ContentReader> content,
                               std::unique_ptr<SearchIndex> search)
    : content_(std::move(content)), search_(std::move(search)) {}

std::vector<std::string> PublishedIndex::Take(const Update& update) {
  Slot& slot = slots_[update.source];
  slot.priority = update.priority;
  for (const std::string& directory : update.erase) {
    slot.index.Erase(directory);
  }
  for (const auto& entry : update.put) slot.index.Put(entry);
  std::vector<std::string> changed = slot.index.Settle();
  auto contents = std::make_shared<SourceContents>(slot.index.Contents());
  contents->name = update.source;
  contents->url = update.url;
  contents->priority = update.priority;
  contents->commit = update.commit;
  slot.contents = std::move(contents);
  return changed;
}

absl::Status PublishedIndex::Show(const std::vector<std::string>& changed) {
  std::vector<const Slot*> best_first;
  for (const auto& [name, slot] : slots_) best_first.push_back(&slot);
  std::sort(best_first.begin(), best_first.end(),
            [](const Slot* a, const Slot* b) {
              return std::tie(a->priority, a->contents->name) <
                     std::tie(b->priority, b->contents->name);
            });
  std::vector<IndexedSource> sources;
  for (const Slot* slot : best_first) {
    sources.push_back({&slot->index, slot->contents});
  }
  SnapshotPtr snapshot =
      BuildSnapshot(*holder_.Get(), sources, changed, content_);
  const absl::Status searchable = search_->Update(snapshot, changed);
  holder_.Set(std::move(snapshot));
  return searchable;
}

absl::Status PublishedIndex::Publish(const Update& update) {
  const MutexLock lock(&mutex_);
  return Show(Take(update));
}

void PublishedIndex::Load(const Update& update) {
  const MutexLock lock(&mutex_);
  Take(update);
}

absl::Status PublishedIndex::LoadEnd() {
  const MutexLock lock(&mutex_);
  std::set<std::string> names;
  for (const auto& [source, slot] : slots_) {
    for (const auto& [name, releases] : slot.index.packages()) {
      names.insert(name);
    }
  }
  return Show({names.begin(), names.end()});
}

absl::Status PublishedIndex::Remove(const std::string& source) {
  const MutexLock lock(&mutex_);
  const auto found = slots_.find(source);
  if (found == slots_.end()) return absl::OkStatus();
  std::vector<std::string> names;
  for (const auto& [name, releases] : found->second.index.packages()) {
    names.push_back(name);
  }
  slots_.erase(found);
  return Show(names);
}

const SourceIndex* PublishedIndex::Find(const std::string& source) const {
  const MutexLock lock(&mutex_);
  const auto found = slots_.find(source);
  return found == slots_.end() ? nullptr : &found->second.index;
}

std::set<signing::Digest> PublishedIndex::UsedContents() const {
  const MutexLock lock(&mutex_);
  std::set<signing::Digest> used;
  for (const auto& [name, slot] : slots_) {
    for (const auto& [directory, entry] : slot.index.entries()) {
      for (const ReleaseContent& file : entry->release->files) {
        if (file.digest.has_value()) used.insert(*file.digest);
      }
    }
  }
  return used;
}

}  // namespace orrery::registry
