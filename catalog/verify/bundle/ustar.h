#ifndef CATALOG_VERIFY_BUNDLE_USTAR_H_
#define CATALOG_VERIFY_BUNDLE_USTAR_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orrery::catalog {

// Members of a tar archive as POSIX.1-1988 has them (`ustar`), of which a
// bundle (spec: trust.md §18) has regular files alone.

// Headers, and bytes filled up with zeros, come in blocks of this size; two
// blocks of zeros end the archive.
inline constexpr size_t kUstarBlock = 512;
inline constexpr size_t kUstarEnd = 2 * kUstarBlock;
inline constexpr size_t kMaxUstarPath = 100;
// 11 octal digits.
inline constexpr int64_t kMaxUstarBytes = (int64_t{1} << 33) - 1;

struct UstarMember {
  std::string path;
  int64_t bytes = 0;
};

// How many zeros fill up `bytes`.
inline size_t UstarPadding(int64_t bytes) {
  return (kUstarBlock - static_cast<size_t>(bytes) % kUstarBlock) % kUstarBlock;
}

// The block before a file of mode 0644, time 0 and owner 0. Requires: path and
// bytes are within the limits above.
std::string FormatUstarHeader(const UstarMember& member);

// nullopt for a block of zeros. kInvalidArgument for what is no header of a
// regular file with a name within the limit: links, devices, folders, sparse
// files, extensions of any format; mode, owner and time may be any. Requires:
// `block` has kUstarBlock bytes.
absl::StatusOr<std::optional<UstarMember>> ParseUstarHeader(
    absl::string_view block);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_BUNDLE_USTAR_H_
