#include "catalog/orchestrator/task/log_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"

namespace orrery::catalog {
namespace {

constexpr int64_t kBlock = 65536;
// A line longer than this is given in pieces.
constexpr size_t kLongestLine = size_t{64} << 10;

// A descriptor that is closed at the end of its scope.
class OpenFile {
 public:
  OpenFile(const std::string& path, int flags)
      : descriptor_(open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0640)) {}
  ~OpenFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  bool ok() const { return descriptor_ >= 0; }
  int get() const { return descriptor_; }
  int64_t Size() const {
    struct stat status = {};
    return ok() && fstat(descriptor_, &status) == 0 ? status.st_size : 0;
  }
  std::string ReadAt(int64_t offset, int64_t size) const {
    std::string bytes(static_cast<size_t>(std::max<int64_t>(0, size)), '\0');
    size_t filled = 0;
    while (ok() && filled < bytes.size()) {
      const ssize_t got =
          pread(descriptor_, bytes.data() + filled, bytes.size() - filled,
                offset + static_cast<int64_t>(filled));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      filled += static_cast<size_t>(got);
    }
    bytes.resize(filled);
    return bytes;
  }

 private:
  const int descriptor_;
};

// Bytes copied; less than the source has when the disk is full.
int64_t CopyBytes(const OpenFile& from, const OpenFile& to) {
  int64_t copied = 0;
  while (true) {
    const std::string block = from.ReadAt(copied, kBlock);
    if (block.empty()) return copied;
    if (write(to.get(), block.data(), block.size()) !=
        static_cast<ssize_t>(block.size())) {
      return copied;
    }
    copied += static_cast<int64_t>(block.size());
  }
}

}  // namespace

LogFile::LogFile(std::string path, int64_t max_bytes, int files)
    : path_(std::move(path)), max_bytes_(max_bytes), files_(files) {}

std::string LogFile::Rotated(int number) const {
  return absl::StrCat(path_, ".", number);
}

void LogFile::RotateIfLarge() {
  const MutexLock lock(&mutex_);
  const OpenFile current(path_, O_RDWR);
  if (current.Size() <= max_bytes_) return;
  for (int number = files_ - 1; number > 1; --number) {
    std::rename(Rotated(number - 1).c_str(), Rotated(number).c_str());
  }
  int64_t copied = current.Size();
  if (files_ > 1) {
    const OpenFile copy(Rotated(1), O_WRONLY | O_CREAT | O_TRUNC);
    copied = copy.ok() ? CopyBytes(current, copy) : current.Size();
  }
  // Truncated even when the copy failed: a full disk must not fill further.
  if (ftruncate(current.get(), 0) != 0) return;
  previous_base_ = base_;
  base_ += copied;
}

int64_t LogFile::TailPosition(int lines) const {
  const MutexLock lock(&mutex_);
  const OpenFile current(path_, O_RDONLY);
  const int64_t size = current.Size();
  int64_t begin = size;
  int ends = 0;
  while (begin > 0) {
    const int64_t length = std::min(kBlock, begin);
    const std::string block = current.ReadAt(begin - length, length);
    for (int64_t i = static_cast<int64_t>(block.size()) - 1; i >= 0; --i) {
      const int64_t at = begin - length + i;
      // The end of the very last line does not begin another one.
      if (block[static_cast<size_t>(i)] != '\n' || at == size - 1) continue;
      if (++ends == lines) return base_ + at + 1;
    }
    begin -= length;
  }
  return lines > 0 ? base_ : base_ + size;
}

std::string LogFile::Read(int64_t* position, int64_t max_bytes) const {
  const MutexLock lock(&mutex_);
  if (*position < previous_base_) *position = previous_base_;
  if (*position < base_) {
    const OpenFile previous(Rotated(1), O_RDONLY);
    std::string bytes = previous.ReadAt(*position - previous_base_,
                                        std::min(max_bytes, base_ - *position));
    if (!bytes.empty()) {
      *position += static_cast<int64_t>(bytes.size());
      return bytes;
    }
    *position = base_;
  }
  const OpenFile current(path_, O_RDONLY);
  const int64_t available = current.Size() - (*position - base_);
  std::string bytes =
      current.ReadAt(*position - base_, std::min(max_bytes, available));
  *position += static_cast<int64_t>(bytes.size());
  return bytes;
}

std::string LogFile::LastBytes(int64_t max_bytes) const {
  const MutexLock lock(&mutex_);
  const OpenFile current(path_, O_RDONLY);
  const int64_t begin = std::max<int64_t>(0, current.Size() - max_bytes);
  return current.ReadAt(begin, max_bytes);
}

std::vector<std::string> LineCutter::Add(absl::string_view bytes) {
  std::vector<std::string> lines;
  rest_.append(bytes.data(), bytes.size());
  size_t begin = 0;
  while (true) {
    const size_t end = rest_.find('\n', begin);
    const size_t length =
        (end == std::string::npos ? rest_.size() : end) - begin;
    if (length > kLongestLine) {
      lines.push_back(rest_.substr(begin, kLongestLine));
      begin += kLongestLine;
      continue;
    }
    if (end == std::string::npos) break;
    lines.push_back(rest_.substr(begin, length));
    begin = end + 1;
  }
  rest_.erase(0, begin);
  return lines;
}

std::vector<std::string> LineCutter::Finish() {
  if (rest_.empty()) return {};
  return {std::exchange(rest_, "")};
}

std::string ReplaceInvalidUtf8(absl::string_view text) {
  std::string out;
  out.reserve(text.size());
  size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<unsigned char>(text[i]);
    size_t length = 0;
    uint32_t code = 0;
    if (lead < 0x80) {
      length = 1;
      code = lead;
    } else if (lead >= 0xc2 && lead < 0xe0) {
      length = 2;
      code = lead & 0x1f;
    } else if (lead >= 0xe0 && lead < 0xf0) {
      length = 3;
      code = lead & 0x0f;
    } else if (lead >= 0xf0 && lead < 0xf5) {
      length = 4;
      code = lead & 0x07;
    }
    bool valid = length != 0 && i + length <= text.size();
    for (size_t k = 1; valid && k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      valid = (next & 0xc0) == 0x80;
      code = (code << 6) | (next & 0x3f);
    }
    const bool overlong =
        (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    const bool surrogate = code >= 0xd800 && code < 0xe000;
    if (!valid || overlong || surrogate || code > 0x10ffff) {
      out += "\xef\xbf\xbd";
      ++i;
      continue;
    }
    out.append(text.data() + i, length);
    i += length;
  }
  return out;
}

}  // namespace orrery::catalog
