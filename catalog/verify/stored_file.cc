#include "catalog/verify/stored_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "absl/strings/str_cat.h"

#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr mode_t kDirectoryMode = 0700;
constexpr size_t kPiece = size_t{64} << 10;
constexpr int64_t kLargePiece = int64_t{1} << 20;

}  // namespace

Descriptor::~Descriptor() {
  if (is_open()) close(number_);
}

absl::Status FileFailure(absl::string_view path, int error) {
  const std::string message = absl::StrCat(path, ": ", std::strerror(error));
  if (error == ENOENT || error == ENOTDIR) return absl::NotFoundError(message);
  return absl::UnavailableError(message);
}

absl::Status WriteAll(int file, absl::string_view path,
                      absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(file, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) return FileFailure(path, errno);
    if (written > 0) bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadDescriptor(int file, absl::string_view path,
                                           int64_t max_bytes) {
  struct stat status = {};
  if (fstat(file, &status) != 0) return FileFailure(path, errno);
  if (!S_ISREG(status.st_mode)) {
    return absl::UnavailableError(absl::StrCat(path, " is no regular file"));
  }
  // With one byte more, whose absence is the end.
  std::string bytes(
      static_cast<size_t>(std::min<int64_t>(status.st_size, max_bytes)) + 1,
      '\0');
  size_t size = 0;
  while (true) {
    if (size == bytes.size()) bytes.resize(size + kPiece);
    const ssize_t count = read(file, bytes.data() + size, bytes.size() - size);
    if (count < 0 && errno != EINTR) return FileFailure(path, errno);
    if (count > 0) size += static_cast<size_t>(count);
    if (static_cast<int64_t>(size) > max_bytes) {
      return absl::ResourceExhaustedError(
          absl::StrCat(path, " has more than ", max_bytes, " bytes"));
    }
    if (count == 0) {
      bytes.resize(size);
      return bytes;
    }
  }
}

absl::StatusOr<std::string> ReadStoredFile(const std::string& path,
                                           int64_t max_bytes) {
  // Not to wait for whoever writes into a pipe.
  const Descriptor file(
      open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.is_open()) return FileFailure(path, errno);
  return ReadDescriptor(file.number(), path, max_bytes);
}

absl::Status ReadStoredPieces(
    const std::string& path, int64_t max_bytes,
    absl::FunctionRef<absl::Status(absl::string_view)> take) {
  const Descriptor file(
      open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.is_open()) return FileFailure(path, errno);
  struct stat status = {};
  if (fstat(file.number(), &status) != 0) return FileFailure(path, errno);
  if (!S_ISREG(status.st_mode)) {
    return absl::UnavailableError(absl::StrCat(path, " is no regular file"));
  }
  if (status.st_size > max_bytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat(path, " has more than ", max_bytes, " bytes"));
  }
  const int64_t size = status.st_size;
  for (int64_t offset = 0; offset < size;) {
    const int64_t piece = std::min(size - offset, kLargePiece);
    ORRERY_ASSIGN_OR_RETURN(const std::string bytes,
                            ReadPart(file.number(), path, offset, piece));
    ORRERY_RETURN_IF_ERROR(take(bytes));
    offset += piece;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadPart(int file, absl::string_view path,
                                     int64_t offset, int64_t bytes) {
  std::string part(static_cast<size_t>(bytes), '\0');
  for (size_t read = 0; read < part.size();) {
    const ssize_t count =
        pread(file, part.data() + read, part.size() - read,
              static_cast<off_t>(offset + static_cast<int64_t>(read)));
    if (count < 0 && errno != EINTR) return FileFailure(path, errno);
    if (count == 0) {
      return absl::UnavailableError(
          absl::StrCat(path, " has become shorter while it was read"));
    }
    if (count > 0) read += static_cast<size_t>(count);
  }
  return part;
}

absl::Status WriteNewFile(const std::string& path, absl::string_view bytes) {
  const Descriptor file(open(path.c_str(),
                             O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC |
                                 O_NOFOLLOW | O_NONBLOCK | O_NOCTTY,
                             kFileMode));
  if (!file.is_open()) return FileFailure(path, errno);
  ORRERY_RETURN_IF_ERROR(WriteAll(file.number(), path, bytes));
  if (fsync(file.number()) != 0) return FileFailure(path, errno);
  return absl::OkStatus();
}

absl::Status ReplaceDurably(const std::string& path, absl::string_view bytes) {
  const std::string draft = absl::StrCat(path, ".new");
  ORRERY_RETURN_IF_ERROR(WriteNewFile(draft, bytes));
  if (std::rename(draft.c_str(), path.c_str()) != 0) {
    return FileFailure(path, errno);
  }
  return SyncDirectory(ParentOf(path));
}

absl::StatusOr<Descriptor> LockDirectory(const std::string& path) {
  Descriptor directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.is_open()) return FileFailure(path, errno);
  while (flock(directory.number(), LOCK_EX) != 0) {
    if (errno != EINTR) return FileFailure(path, errno);
  }
  return directory;
}

absl::Status SyncDirectory(const std::string& path) {
  const Descriptor directory(
      open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.is_open() || fsync(directory.number()) != 0) {
    return FileFailure(path, errno);
  }
  return absl::OkStatus();
}

absl::Status MakeDirectories(const std::string& path) {
  if (mkdir(path.c_str(), kDirectoryMode) == 0) return absl::OkStatus();
  struct stat status = {};
  if (errno == EEXIST && stat(path.c_str(), &status) == 0 &&
      S_ISDIR(status.st_mode)) {
    return absl::OkStatus();
  }
  if (errno != ENOENT || path == "/" || path == ".") {
    return FileFailure(path, errno == 0 ? ENOTDIR : errno);
  }
  ORRERY_RETURN_IF_ERROR(MakeDirectories(ParentOf(path)));
  if (mkdir(path.c_str(), kDirectoryMode) == 0 || errno == EEXIST) {
    return absl::OkStatus();
  }
  return FileFailure(path, errno);
}

std::string ParentOf(absl::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash == absl::string_view::npos) return ".";
  return std::string(slash == 0 ? "/" : path.substr(0, slash));
}

}  // namespace orrery::catalog
