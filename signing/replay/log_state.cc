#include "signing/replay/log_state.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace orrery::signing {
namespace {

// The first index leaf behind `leaf`, which ends its batch.
std::vector<IndexEntry>::const_iterator EndOfBatch(const LogState& log,
                                                   int64_t leaf) {
  return std::upper_bound(log.indexes.begin(), log.indexes.end(), leaf,
                          [](int64_t wanted, const IndexEntry& index) {
                            return wanted < index.leaf;
                          });
}

// The source of an observation; nullptr for other records.
const std::string* ObservedSource(const Record& record) {
  if (const auto* observed = std::get_if<ObservedRecord>(&record.body)) {
    return &observed->sighting.source;
  }
  const auto* const presence = std::get_if<PresenceRecord>(&record.body);
  return presence != nullptr ? &presence->sighting.source : nullptr;
}

template <typename Map>
const typename Map::mapped_type* FindIn(const Map& map, absl::string_view key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

}  // namespace

PackageMap::PackageMap(const PackageMap& other) {
  const MutexLock lock(&other.mutex_);
  map_ = other.map_;
  waiting_ = other.waiting_;
  status_ = other.status_;
}

PackageMap::PackageMap(PackageMap&& other) noexcept {
  const MutexLock lock(&other.mutex_);
  map_ = std::move(other.map_);
  waiting_ = std::move(other.waiting_);
  status_ = std::move(other.status_);
}

PackageMap& PackageMap::operator=(PackageMap other) noexcept {
  const MutexLock lock(&mutex_);
  const MutexLock other_lock(&other.mutex_);
  map_ = std::move(other.map_);
  waiting_ = std::move(other.waiting_);
  status_ = std::move(other.status_);
  return *this;
}

const PackageState* PackageMap::Find(absl::string_view name) const {
  const MutexLock lock(&mutex_);
  return FindLocked(name);
}

const PackageState* PackageMap::FindLocked(absl::string_view name) const {
  if (const PackageState* const known = FindIn(map_, name)) return known;
  if (waiting_ == nullptr) return nullptr;
  absl::StatusOr<std::optional<PackageState>> read = waiting_->Read(name);
  status_.Update(read.status());
  if (!read.ok() || !read->has_value()) return nullptr;
  return &map_.emplace(name, **std::move(read)).first->second;
}

PackageState& PackageMap::operator[](const std::string& name) {
  const MutexLock lock(&mutex_);
  (void)FindLocked(name);
  return map_[name];
}

const PackageMap::Map& PackageMap::All() const {
  const MutexLock lock(&mutex_);
  if (waiting_ != nullptr) {
    absl::StatusOr<Map> all = waiting_->ReadAll();
    status_.Update(all.status());
    // What somebody was given stays where it is.
    if (all.ok()) map_.merge(*std::move(all));
    waiting_ = nullptr;
  }
  return map_;
}

PackageMap::Map PackageMap::TakeAll() && {
  All();
  const MutexLock lock(&mutex_);
  return std::move(map_);
}

size_t PackageMap::taken_in() const {
  const MutexLock lock(&mutex_);
  return map_.size();
}

absl::Status PackageMap::status() const {
  const MutexLock lock(&mutex_);
  return status_;
}

int64_t RevisionEntry::first_leaf() const {
  // Behind the first release of its maintainers nothing is observed any more.
  return observed.has_value() ? *observed : *released;
}

absl::string_view RevisionStateName(RevisionState state) {
  switch (state) {
    case RevisionState::kYanked:
      return "yanked";
    case RevisionState::kWithdrawn:
      return "withdrawn";
    case RevisionState::kSuperseded:
      return "superseded";
    case RevisionState::kCurrent:
      return "current";
  }
  return "";
}

const SourceState* FindSource(const LogState& log, absl::string_view id) {
  return FindIn(log.sources, id);
}

const PackageState* FindPackage(const LogState& log, absl::string_view name) {
  return log.packages.Find(name);
}

const ReleaseState* FindRelease(const PackageState& package,
                                absl::string_view source, int64_t release) {
  const auto found = package.releases.find({std::string(source), release});
  return found == package.releases.end() ? nullptr : &found->second;
}

const Chain* FindChain(const LogState& log, const Record& record) {
  if (const auto* source = std::get_if<SourceRecord>(&record.body)) {
    const SourceState* const known = FindSource(log, source->id);
    return known != nullptr ? &known->chain : nullptr;
  }
  const PackageState* const package = FindPackage(log, record.package);
  if (package == nullptr) return nullptr;
  if (const std::string* source = ObservedSource(record)) {
    return FindIn(package->observations, *source);
  }
  return IsMaintainerKind(record.kind) ? &package->maintainers : nullptr;
}

const Yank* FindYank(const PackageState& package, absl::string_view source,
                     int64_t release, int64_t revision) {
  const ReleaseState* const state = FindRelease(package, source, release);
  if (state == nullptr) return nullptr;
  const RevisionEntry& entry = state->revisions[revision - 1];
  for (const Yank& yank : package.yanks) {
    // What its maintainers released is theirs also under a former home.
    const bool is_theirs = yank.source == source || entry.released.has_value();
    const bool is_covered = yank.revision.has_value()
                                ? *yank.revision == revision
                                : entry.first_leaf() < yank.leaf;
    if (is_theirs && yank.release == release && is_covered) return &yank;
  }
  return nullptr;
}

RevisionState StateOf(const LogState& log, const PackageState& package,
                      absl::string_view source, int64_t release,
                      int64_t revision) {
  if (FindYank(package, source, release, revision) != nullptr) {
    return RevisionState::kYanked;
  }
  const ReleaseState& state = *FindRelease(package, source, release);
  const bool is_latest =
      revision == static_cast<int64_t>(state.revisions.size());
  const bool is_retired =
      FindSource(log, source)->in_force().admission == Admission::kNone;
  if (is_retired || (is_latest && state.has_left)) {
    return RevisionState::kWithdrawn;
  }
  return is_latest ? RevisionState::kCurrent : RevisionState::kSuperseded;
}

std::optional<int64_t> TimeOf(const LogState& log, int64_t leaf) {
  const auto end = EndOfBatch(log, leaf);
  if (end == log.indexes.end()) return std::nullopt;
  return end->unix_seconds;
}

bool IsOfFirstImport(const LogState& log, absl::string_view source,
                     int64_t leaf) {
  const SourceState* const state = FindSource(log, source);
  return state != nullptr && state->first_sighting.has_value() &&
         EndOfBatch(log, leaf) == EndOfBatch(log, *state->first_sighting);
}

}  // namespace orrery::signing
