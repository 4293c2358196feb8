#include "registry/index/indexed_source.h"

#include "third_party/absl/status_macros.h"

namespace orrery::registry {

absl::StatusOr<std::optional<IndexedPlace>> IndexedSource::Find(
    absl::string_view directory) const {
  if (contents_ == nullptr) return std::nullopt;
  ORRERY_ASSIGN_OR_RETURN(const ReaderPool::Lease reader, store_.Reader());
  return FindPlace(*reader, contents_->version, directory);
}

absl::StatusOr<IndexEntry> IndexedSource::Read(
    absl::string_view directory) const {
  std::optional<IndexEntry> entry;
  if (contents_ != nullptr) {
    ORRERY_ASSIGN_OR_RETURN(const ReaderPool::Lease reader, store_.Reader());
    ORRERY_ASSIGN_OR_RETURN(entry,
                            ReadEntry(*reader, contents_->version, directory));
  }
  if (!entry.has_value()) return absl::NotFoundError("it is not indexed");
  return *std::move(entry);
}

absl::Status IndexedSource::Visit(
    const std::function<absl::Status(absl::string_view directory,
                                     const IndexedPlace&)>& visit) const {
  if (contents_ == nullptr) return absl::OkStatus();
  ORRERY_ASSIGN_OR_RETURN(const ReaderPool::Lease reader, store_.Reader());
  return VisitPlaces(*reader, contents_->version, visit);
}

}  // namespace orrery::registry
