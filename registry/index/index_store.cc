#include "registry/index/index_store.h"

#include <utility>

#include "registry/index/content_rows.h"
#include "registry/index/entry_rows.h"
#include "registry/index/index_schema.h"
#include "registry/index/similar_names.h"
#include "third_party/absl/status_macros.h"
#include "third_party/tcmalloc/release_free_memory.h"

namespace orrery::registry {

IndexStore::IndexStore(const std::string& path,
                       std::unique_ptr<SqliteWriter> writer)
    : writer_(std::move(writer)), readers_(path, IndexMigrations()) {}

absl::StatusOr<std::unique_ptr<IndexStore>> IndexStore::Open(
    const std::string& path, const Options& options) {
  ORRERY_ASSIGN_OR_RETURN(std::unique_ptr<SqliteWriter> writer,
                          SqliteWriter::Open(path, IndexMigrations(), options));
  // Digests lie anywhere among the stored ones.
  ORRERY_RETURN_IF_ERROR(writer->Execute("PRAGMA cache_size = -65536"));
  return std::unique_ptr<IndexStore>(new IndexStore(path, std::move(writer)));
}

void IndexStore::FreeMemory() {
  writer_->Execute("PRAGMA shrink_memory").IgnoreError();
  ReleaseFreeMemory();
}

bool IndexStore::IsDamaged(int64_t source) const {
  const MutexLock lock(&damaged_mutex_);
  return damaged_.contains(source);
}

void IndexStore::NoteDamage(int64_t source) {
  const MutexLock lock(&damaged_mutex_);
  damaged_.insert(source);
}

absl::StatusOr<std::vector<ReleasePtr>> IndexStore::ReadReleases(
    const SourceVersion& source, absl::string_view package) {
  ORRERY_ASSIGN_OR_RETURN(const ReaderPool::Lease reader, readers_.Take());
  absl::StatusOr<std::vector<ReleasePtr>> releases =
      registry::ReadReleases(*reader, source, package);
  if (absl::IsDataLoss(releases.status())) NoteDamage(source.source);
  return releases;
}

absl::StatusOr<std::vector<ReleasePtr>> IndexStore::ReadOverlays(
    const SourceVersion& source, absl::string_view package) {
  ORRERY_ASSIGN_OR_RETURN(const ReaderPool::Lease reader, readers_.Take());
  absl::StatusOr<std::vector<ReleasePtr>> overlays =
      registry::ReadOverlays(*reader, source, package);
  if (absl::IsDataLoss(overlays.status())) NoteDamage(source.source);
  return overlays;
}

absl::StatusOr<std::vector<std::string>> IndexStore::ReadMentioning(
    const SourceVersion& source, absl::string_view name) {
  ORRERY_ASSIGN_OR_RETURN(const ReaderPool::Lease reader, readers_.Take());
  return registry::ReadMentioning(*reader, source, name);
}

absl::StatusOr<std::vector<std::string>> IndexStore::ReadMentions(
    const SourceVersion& source, absl::string_view prefix) {
  ORRERY_ASSIGN_OR_RETURN(const ReaderPool::Lease reader, readers_.Take());
  return registry::ReadMentions(*reader, source, prefix);
}

absl::StatusOr<std::vector<std::string>> IndexStore::ReadOverlayNames(
    const SourceVersion& source) {
  ORRERY_ASSIGN_OR_RETURN(const ReaderPool::Lease reader, readers_.Take());
  return registry::ReadOverlayNames(*reader, source);
}

absl::StatusOr<std::vector<std::string>> IndexStore::ReadPackageNames(
    const SourceVersion& source) {
  ORRERY_ASSIGN_OR_RETURN(const ReaderPool::Lease reader, readers_.Take());
  return registry::ReadPackageNames(*reader, source);
}

std::vector<std::string> IndexStore::SimilarNames(absl::string_view name) {
  const absl::StatusOr<ReaderPool::Lease> reader = readers_.Take();
  if (!reader.ok()) return {};
  absl::StatusOr<std::vector<std::string>> names = NearestNames(**reader, name);
  return names.ok() ? *std::move(names) : std::vector<std::string>();
}

absl::StatusOr<std::string> IndexStore::Read(const signing::Digest& digest) {
  ORRERY_ASSIGN_OR_RETURN(const ReaderPool::Lease reader, readers_.Take());
  return ReadContent(*reader, digest);
}

}  // namespace orrery::registry
