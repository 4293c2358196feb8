#include "registry/store/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"

#include "registry/status/error_details.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

std::string ParentOf(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

absl::Status WriteAll(int file, uint64_t offset, absl::string_view text,
                      const std::string& path) {
  while (!text.empty()) {
    const ssize_t written =
        pwrite(file, text.data(), text.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FileError("cannot write", path, errno);
    text.remove_prefix(static_cast<size_t>(written));
    offset += static_cast<uint64_t>(written);
  }
  return absl::OkStatus();
}

absl::Status WriteAndRename(const std::string& path, absl::string_view text,
                            bool sync) {
  const std::string temporary = absl::StrCat(path, ".tmp");
  const int file =
      open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return FileError("cannot create", temporary, errno);
  absl::Status written = WriteAll(file, 0, text, temporary);
  if (written.ok() && sync && fsync(file) != 0) {
    written = FileError("cannot sync", temporary, errno);
  }
  close(file);
  if (written.ok() && rename(temporary.c_str(), path.c_str()) != 0) {
    written = FileError("cannot rename to", path, errno);
  }
  if (!written.ok()) unlink(temporary.c_str());
  return written;
}

}  // namespace

absl::Status FileError(absl::string_view what, absl::string_view path,
                       int error) {
  const std::string text =
      absl::StrCat(what, " '", path, "': ", std::strerror(error));
  if (error == ENOSPC || error == EDQUOT) {
    return WithReason(absl::ResourceExhaustedError(absl::StrCat(
                          text, "; make room on the disk and try again")),
                      "DISK_FULL");
  }
  switch (error) {
    case ENOENT:
      return absl::NotFoundError(text);
    case EACCES:
    case EPERM:
    case EROFS:
    case ENOTDIR:
    case EISDIR:
    case ENAMETOOLONG:
      return absl::FailedPreconditionError(text);
    default:
      return absl::UnavailableError(text);
  }
}

absl::Status WriteDurably(const std::string& path, absl::string_view text) {
  ORRERY_RETURN_IF_ERROR(WriteAndRename(path, text, /*sync=*/true));
  return SyncDirectory(ParentOf(path));
}

absl::Status OverwriteDurably(const std::string& path, uint64_t offset,
                              absl::string_view bytes) {
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return FileError("cannot open", path, errno);
  absl::Status written = WriteAll(file, offset, bytes, path);
  if (written.ok() && fdatasync(file) != 0) {
    written = FileError("cannot sync", path, errno);
  }
  close(file);
  return written;
}

absl::Status WriteWhole(const std::string& path, absl::string_view text) {
  return WriteAndRename(path, text, /*sync=*/false);
}

absl::StatusOr<std::string> ReadWholeFile(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return FileError("cannot open", path, errno);
  std::string text;
  char buffer[16384];
  ssize_t got = 0;
  while ((got = read(file, buffer, sizeof(buffer))) != 0) {
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) break;
    text.append(buffer, static_cast<size_t>(got));
  }
  const int error = errno;
  close(file);
  if (got < 0) return FileError("cannot read", path, error);
  return text;
}

absl::Status MakeDirectory(const std::string& path, unsigned mode) {
  if (mkdir(path.c_str(), mode) != 0) {
    if (errno == EEXIST) return absl::OkStatus();
    return FileError("cannot create folder", path, errno);
  }
  // The umask must not take away what tasks of another user need.
  chmod(path.c_str(), mode);
  return absl::OkStatus();
}

absl::Status SyncDirectory(const std::string& path) {
  const int directory = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return FileError("cannot open", path, errno);
  const int error = fsync(directory) == 0 ? 0 : errno;
  close(directory);
  if (error != 0) return FileError("cannot sync", path, error);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> ListFolder(const std::string& path) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(path, error), end;
       !error && entry != end; entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  if (error) return FileError("cannot list", path, error.value());
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status RemoveTree(const std::string& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (error) return FileError("cannot remove", path, error.value());
  return absl::OkStatus();
}

}  // namespace orrery::registry
