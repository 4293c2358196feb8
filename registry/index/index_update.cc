#include "registry/index/index_update.h"

#include <cstdint>
#include <utility>

#include "registry/index/content_rows.h"
#include "registry/index/entry_rows.h"
#include "registry/index/index_settlement.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

// Smaller changes are one transaction; of larger ones a part is written while
// the next is judged.
constexpr size_t kMaxBufferedBytes = size_t{16} << 20;
constexpr size_t kMaxBuffered = 256;
// What an entry takes without its contents, about.
constexpr size_t kEntryBytes = 2000;

void Count(Verdict verdict, bool kept, int64_t sign, SourceCounts& counts) {
  if (kept) counts.refused_places += sign;
  switch (verdict) {
    case Verdict::kServed:
      counts.releases += sign;
      break;
    case Verdict::kRefused:
      counts.refused_places += sign;
      break;
    case Verdict::kLegacy:
      counts.legacy_releases += sign;
      break;
    case Verdict::kOverlay:
      counts.overlays += sign;
      break;
  }
}

// The name in `<folder>/<L>/<name>/<N>`.
std::string PackageOf(absl::string_view directory) {
  const absl::string_view folder = directory.substr(0, directory.rfind('/'));
  return std::string(folder.substr(folder.rfind('/') + 1));
}

}  // namespace

IndexUpdate::IndexUpdate(IndexStore* store, const std::string& source,
                         const std::string& folder)
    : store_(*store), source_(source) {
  before_.name = source;
  before_.folder = folder;
}

absl::Status IndexUpdate::Put(IndexEntry entry,
                              std::vector<PackedContent> contents) {
  size_t bytes = kEntryBytes;
  for (const PackedContent& content : contents) bytes += content.packed.size();
  Change change;
  change.directory = entry.release->directory;
  change.entry = std::move(entry);
  change.contents = std::move(contents);
  return Add(std::move(change), bytes);
}

absl::Status IndexUpdate::Erase(const std::string& directory) {
  Change change;
  change.directory = directory;
  return Add(std::move(change), kEntryBytes);
}

absl::Status IndexUpdate::Add(Change change, size_t bytes) {
  empty_ = false;
  buffered_.push_back(std::move(change));
  buffered_bytes_ += bytes;
  if (buffered_.size() < kMaxBuffered && buffered_bytes_ < kMaxBufferedBytes) {
    return absl::OkStatus();
  }
  return store_.WriteAhead([this](SqliteDatabase& database) -> absl::Status {
    ORRERY_RETURN_IF_ERROR(Write(database));
    ORRERY_ASSIGN_OR_RETURN(StoredIndex index, EnsureIndex(database, source_));
    index.staged = true;
    return PutIndex(database, index);
  });
}

absl::Status IndexUpdate::Open(SqliteDatabase& database) {
  if (index_.has_value()) return absl::OkStatus();
  ORRERY_ASSIGN_OR_RETURN(index_, EnsureIndex(database, source_));
  before_.source = index_->source;
  before_.version = index_->version;
  after_ = before_;
  ++after_.version;
  if (!index_->staged) return absl::OkStatus();
  return DropLaterEntries(database, before_);
}

absl::Status IndexUpdate::Write(SqliteDatabase& database) {
  ORRERY_RETURN_IF_ERROR(Open(database));
  for (const Change& change : buffered_) {
    ORRERY_RETURN_IF_ERROR(WriteChange(database, change));
  }
  buffered_.clear();
  buffered_bytes_ = 0;
  return absl::OkStatus();
}

absl::Status IndexUpdate::WriteChange(SqliteDatabase& database,
                                      const Change& change) {
  ORRERY_ASSIGN_OR_RETURN(const std::optional<IndexedPlace> known,
                          FindPlace(database, after_, change.directory));
  bool served = false;
  if (known.has_value()) {
    Count(known->verdict, known->kept, -1, index_->counts);
    served = known->verdict == Verdict::kServed;
  }
  for (const PackedContent& content : change.contents) {
    ORRERY_RETURN_IF_ERROR(PutContent(database, content));
  }
  if (change.entry.has_value()) {
    Count(change.entry->verdict, change.entry->kept, 1, index_->counts);
    served = served || change.entry->verdict == Verdict::kServed;
    ORRERY_RETURN_IF_ERROR(known.has_value()
                               ? PutEntry(database, after_, *change.entry)
                               : AddEntry(database, after_, *change.entry));
  } else if (known.has_value()) {
    ORRERY_RETURN_IF_ERROR(EndEntry(database, after_, change.directory));
  }
  const std::string package = PackageOf(change.directory);
  if (served) packages_.insert(package);
  touched_.insert(package);
  return absl::OkStatus();
}

absl::StatusOr<StoredIndex> IndexUpdate::Finish(SqliteDatabase& database) {
  ORRERY_RETURN_IF_ERROR(Write(database));
  ORRERY_RETURN_IF_ERROR(
      SettleIndex(database, before_, after_, packages_, index_->counts));
  index_->version = after_.version;
  index_->staged = false;
  ORRERY_RETURN_IF_ERROR(PutIndex(database, *index_));
  return *index_;
}

}  // namespace orrery::registry
