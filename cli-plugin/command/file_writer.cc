#include "cli-plugin/command/file_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace orrery::cli {
namespace {

constexpr mode_t kMode = 0666;

absl::Status Failure(const std::string& path) {
  return absl::UnavailableError(
      absl::StrCat(path, " cannot be written: ", std::strerror(errno)));
}

bool WriteAll(int file, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(file, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace

absl::Status ReplaceFile(const std::string& path, absl::string_view bytes) {
  const std::string draft = absl::StrCat(path, ".", getpid(), ".tmp");
  const int file =
      open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kMode);
  if (file < 0) return Failure(path);
  const bool written = WriteAll(file, bytes) && fsync(file) == 0;
  const int error = errno;
  const bool closed = close(file) == 0;
  if (written && closed && std::rename(draft.c_str(), path.c_str()) == 0) {
    return absl::OkStatus();
  }
  if (!written) errno = error;
  const absl::Status failure = Failure(path);
  unlink(draft.c_str());
  return failure;
}

}  // namespace orrery::cli
