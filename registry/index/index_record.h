// The stored form of an index entry: numbers as base-128 varints, texts with
// their length in front, members in a fixed order, a version first.

#ifndef REGISTRY_INDEX_INDEX_RECORD_H_
#define REGISTRY_INDEX_INDEX_RECORD_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/judge/index_entry.h"

namespace orrery::registry {

// Everything but source, directory, object, mode and verdict, which the index
// keeps beside the record.
std::string EncodeIndexEntry(const IndexEntry& entry);

// kDataLoss when `record` is damaged or of another version.
absl::StatusOr<IndexEntry> DecodeIndexEntry(absl::string_view record,
                                            absl::string_view source,
                                            absl::string_view directory);

}  // namespace orrery::registry

#endif  // REGISTRY_INDEX_INDEX_RECORD_H_
