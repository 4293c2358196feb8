#ifndef REGISTRY_GIT_REGULAR_FILE_H_
#define REGISTRY_GIT_REGULAR_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/git/descriptor.h"

namespace orrery::registry {

// A file that somebody else may change, cut short or replace while it is read.
// It is never mapped into memory: reading what was cut off would end the
// process. Not thread-safe.
class RegularFile {
 public:
  // kNotFound; kDataLoss for what is no regular file, such as a pipe, which
  // would hold whoever opens it.
  static absl::StatusOr<RegularFile> Open(const std::string& path);

  // As it was when the file was opened.
  uint64_t size() const { return size_; }
  // How much is read at a time; a file that is no larger is read once and
  // closed.
  void set_window(uint64_t bytes) { window_bytes_ = bytes; }

  // `size` bytes from `offset` on, and those behind them that are known, valid
  // until the next call. kDataLoss when the file ends before.
  absl::StatusOr<absl::string_view> Bytes(uint64_t offset, uint64_t size);

 private:
  RegularFile(std::string path, Descriptor descriptor, uint64_t size);

  std::string path_;
  Descriptor descriptor_;
  uint64_t size_;
  uint64_t window_bytes_ = 16384;
  // What was read last.
  std::string window_;
  uint64_t window_offset_ = 0;
};

// The whole of a small file; errors as above, and kDataLoss when it has more
// than `max_bytes`.
absl::StatusOr<std::string> ReadRegularFile(const std::string& path,
                                            uint64_t max_bytes);

}  // namespace orrery::registry

#endif  // REGISTRY_GIT_REGULAR_FILE_H_
