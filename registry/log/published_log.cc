#include "registry/log/published_log.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"

#include "signing/log/entry_bundle.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

using signing::Digest;
using signing::TileId;

int64_t Width(int level) {
  return int64_t{1} << (signing::kTileHeight * level);
}

}  // namespace

PublishedLog::PublishedLog(LogStore* store, ReadStateAt read_state_at)
    : store_(*store), read_state_at_(std::move(read_state_at)) {}

absl::Status PublishedLog::Load() {
  ORRERY_ASSIGN_OR_RETURN(const auto stored, store_.ReadCheckpoint());
  if (!stored.has_value()) return absl::OkStatus();
  const MutexLock lock(&mutex_);
  checkpoint_ = std::make_shared<const std::string>(stored->note);
  size_ = stored->size;
  return absl::OkStatus();
}

absl::Status PublishedLog::Show(int64_t size, std::string note,
                                const std::set<std::string>* changed) {
  ORRERY_RETURN_IF_ERROR(store_.PutCheckpoint(size, note));
  const MutexLock lock(&mutex_);
  checkpoint_ = std::make_shared<const std::string>(std::move(note));
  if (size_ == size) return absl::OkStatus();
  size_ = size;
  state_ = nullptr;
  if (changed == nullptr) {
    epochs_.AdvanceAll();
  } else {
    epochs_.Advance(*changed);
  }
  return absl::OkStatus();
}

std::shared_ptr<const std::string> PublishedLog::checkpoint() const {
  const MutexLock lock(&mutex_);
  return checkpoint_;
}

int64_t PublishedLog::size() const {
  const MutexLock lock(&mutex_);
  return size_;
}

uint64_t PublishedLog::EpochOf(absl::string_view package) const {
  const MutexLock lock(&mutex_);
  return epochs_.Of(package);
}

absl::StatusOr<PublishedLog::Reading> PublishedLog::Read() {
  Reading reading;
  int64_t read_size = 0;
  {
    const MutexLock lock(&mutex_);
    reading = {checkpoint_, state_};
    read_size = size_;
  }
  if (reading.note == nullptr || reading.state != nullptr) return reading;
  ORRERY_ASSIGN_OR_RETURN(signing::LogState state, read_state_at_(read_size));
  reading.state = std::make_shared<const signing::LogState>(std::move(state));
  const MutexLock lock(&mutex_);
  if (size_ == read_size) state_ = reading.state;
  return reading;
}

absl::StatusOr<std::string> PublishedLog::CatalogOf(absl::string_view package) {
  const int64_t leaves = size();
  if (leaves == 0) return "";
  return store_.ReadCatalogAt(leaves - 1, package);
}

absl::StatusOr<std::string> PublishedLog::ReadTile(const TileId& id) {
  const int64_t leaves = size();
  const absl::Status missing =
      absl::NotFoundError(absl::StrCat("there is no ", FormatTilePath(id)));
  const int level = id.level == TileId::kEntries ? 0 : id.level;
  const uint64_t end = id.index * signing::kTileWidth + id.width;
  if (id.index > static_cast<uint64_t>(leaves) ||
      end > signing::TileLevelSize(static_cast<uint64_t>(leaves), level)) {
    return missing;
  }
  const auto first = static_cast<int64_t>(id.index) * signing::kTileWidth;
  if (!id.is_full()) {
    const auto size = static_cast<int64_t>(end) * Width(level);
    ORRERY_ASSIGN_OR_RETURN(
        const bool was_published,
        store_.IsPublished(size, size + (Width(level) - 1)));
    if (!was_published) return missing;
  }
  if (id.level != TileId::kEntries) {
    return store_.Hashes(level, first, id.width);
  }
  std::string bundle;
  ORRERY_RETURN_IF_ERROR(store_.VisitLeaves(
      first, id.width, [&bundle](int64_t, absl::string_view bytes) {
        signing::AppendEntry(bytes, bundle);
        return absl::OkStatus();
      }));
  return bundle;
}

absl::StatusOr<std::string> PublishedLog::ReadLeaf(const Digest& hash) {
  ORRERY_ASSIGN_OR_RETURN(LogStore::Leaf leaf, store_.ReadLeaf(hash));
  if (leaf.index < size()) return std::move(leaf.bytes);
  return absl::NotFoundError(
      absl::StrCat("there is no leaf ", hash.Hex(), " yet"));
}

absl::StatusOr<std::string> PublishedLog::ReadCatalog(const Digest& digest) {
  return store_.ReadCatalog(digest);
}

}  // namespace orrery::registry
