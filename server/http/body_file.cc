#include "server/http/body_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace orrery::server {
namespace {

// Only whole pages can be given back.
constexpr uint64_t kPageBytes = 4096;

int OpenFile(const std::string& directory) {
  const int file = open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC,
                        S_IRUSR | S_IWUSR);
  return file >= 0 ? file : memfd_create("bodies", MFD_CLOEXEC);
}

bool WriteAll(int descriptor, absl::string_view bytes, uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(descriptor, bytes.data(), bytes.size(),
                                   static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
    offset += static_cast<uint64_t>(written);
  }
  return true;
}

}  // namespace

struct BodyFile::Descriptor {
  explicit Descriptor(const std::string& directory)
      : number(OpenFile(directory)) {}
  ~Descriptor() {
    if (number >= 0) close(number);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  const int number;
};

BodyFile::BodyFile(const std::string& directory)
    : descriptor_(std::make_shared<Descriptor>(directory)) {}

std::optional<FileSlice> BodyFile::Store(absl::string_view bytes) {
  const uint64_t room =
      (bytes.size() + kPageBytes - 1) / kPageBytes * kPageBytes;
  FileSlice slice;
  slice.descriptor = descriptor_->number;
  slice.length = bytes.size();
  {
    const MutexLock lock(&mutex_);
    slice.offset = end_;
    end_ += room;
  }
  slice.owner = std::shared_ptr<const void>(
      nullptr, [file = descriptor_, offset = slice.offset, room](const void*) {
        fallocate(file->number, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                  static_cast<off_t>(offset), static_cast<off_t>(room));
      });
  if (!WriteAll(slice.descriptor, bytes, slice.offset)) return std::nullopt;
  return slice;
}

}  // namespace orrery::server
