#ifndef REGISTRY_SNAPSHOT_BUILDER_H_
#define REGISTRY_SNAPSHOT_BUILDER_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "registry/content_reader.h"
#include "registry/snapshot.h"
#include "registry/source_index.h"

namespace orrery::registry {

// A source as it goes into a snapshot.
struct IndexedSource {
  const SourceIndex* index;
  std::shared_ptr<const SourceContents> contents;
};

// `before` with the packages of `changed` (sorted, each once) merged anew from
// `sources`, best first. What did not change is shared with `before`.
SnapshotPtr BuildSnapshot(const Snapshot& before,
                          std::span<const IndexedSource> sources,
                          const std::vector<std::string>& changed,
                          std::shared_ptr<ContentReader> content);

}  // namespace orrery::registry

#endif  // REGISTRY_SNAPSHOT_BUILDER_H_
