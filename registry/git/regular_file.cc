#include "registry/git/regular_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "third_party/absl/status_macros.h"

namespace orrery::registry {

RegularFile::RegularFile(std::string path, Descriptor descriptor, uint64_t size)
    : path_(std::move(path)), descriptor_(std::move(descriptor)), size_(size) {}

absl::StatusOr<RegularFile> RegularFile::Open(const std::string& path) {
  Descriptor descriptor(
      ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (descriptor.get() < 0) {
    const std::string what = absl::StrCat(path, ": ", std::strerror(errno));
    return errno == ENOENT || errno == ENOTDIR ? absl::NotFoundError(what)
                                               : absl::DataLossError(what);
  }
  struct stat facts {};
  if (::fstat(descriptor.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) {
    return absl::DataLossError(absl::StrCat(path, " is no regular file"));
  }
  return RegularFile(path, std::move(descriptor),
                     static_cast<uint64_t>(facts.st_size));
}

absl::StatusOr<absl::string_view> RegularFile::Bytes(uint64_t offset,
                                                     uint64_t size) {
  if (offset > size_ || size > size_ - offset) {
    return absl::DataLossError(absl::StrCat(path_, " is cut off"));
  }
  const bool whole = size_ <= window_bytes_;
  if (offset < window_offset_ ||
      offset + size > window_offset_ + window_.size()) {
    window_offset_ = whole ? 0 : offset;
    window_.resize(std::min(size_ - window_offset_,
                            std::max(size, whole ? size_ : window_bytes_)));
    size_t read = 0;
    while (read < window_.size()) {
      const ssize_t got = ::pread(descriptor_.get(), window_.data() + read,
                                  window_.size() - read,
                                  static_cast<off_t>(window_offset_ + read));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) {
        const std::string why = got == 0 ? "cut off" : std::strerror(errno);
        window_.clear();
        return absl::DataLossError(absl::StrCat(path_, ": ", why));
      }
      read += static_cast<size_t>(got);
    }
    if (whole) descriptor_.Close();
  }
  return absl::string_view(window_).substr(offset - window_offset_);
}

absl::StatusOr<std::string> ReadRegularFile(const std::string& path,
                                            uint64_t max_bytes) {
  ORRERY_ASSIGN_OR_RETURN(RegularFile file, RegularFile::Open(path));
  if (file.size() > max_bytes) {
    return absl::DataLossError(
        absl::StrCat(path, " has ", file.size(), " bytes"));
  }
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view bytes,
                          file.Bytes(0, file.size()));
  return std::string(bytes);
}

}  // namespace orrery::registry
