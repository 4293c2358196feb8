#ifndef SIGNING_LOG_ENTRY_BUNDLE_H_
#define SIGNING_LOG_ENTRY_BUNDLE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orrery::signing {

// Entries of a log, up to 256 in a file, each with its length before it: 16
// bits, big-endian (C2SP tlog-tiles; spec: trust.md §11.2).

inline constexpr size_t kMaxEntryBytes = 0xffff;

// Requires: `entry` has 1 to kMaxEntryBytes bytes.
void AppendEntry(absl::string_view entry, std::string& bundle);

// The `width` entries of a bundle, which must outlive them. The refusal
// log.tile if there are more or less bytes than those of the entries, or an
// entry is empty. Nothing is authentic until its hash is.
absl::StatusOr<std::vector<absl::string_view>> SplitEntries(
    absl::string_view bundle, int width);

}  // namespace orrery::signing

#endif  // SIGNING_LOG_ENTRY_BUNDLE_H_
