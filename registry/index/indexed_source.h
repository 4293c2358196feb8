#ifndef REGISTRY_INDEX_INDEXED_SOURCE_H_
#define REGISTRY_INDEX_INDEXED_SOURCE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/index/entry_rows.h"
#include "registry/index/index_store.h"
#include "registry/index/snapshot.h"

namespace orrery::registry {

// What is indexed of a source now, as the next sync compares it with git.
class IndexedSource {
 public:
  // Of a source that was never indexed when `contents` is null. `store` must
  // outlive this.
  IndexedSource(IndexStore* store,
                std::shared_ptr<const SourceContents> contents)
      : store_(*store), contents_(std::move(contents)) {}

  absl::StatusOr<std::optional<IndexedPlace>> Find(
      absl::string_view directory) const;
  // kNotFound when there is none.
  absl::StatusOr<IndexEntry> Read(absl::string_view directory) const;
  // As VisitPlaces.
  absl::Status Visit(
      const std::function<absl::Status(absl::string_view directory,
                                       const IndexedPlace&)>& visit) const;
  // Served ones.
  int64_t releases() const {
    return contents_ == nullptr ? 0 : contents_->releases;
  }

 private:
  IndexStore& store_;
  std::shared_ptr<const SourceContents> contents_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_INDEX_INDEXED_SOURCE_H_
