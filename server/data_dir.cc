#include "server/data_dir.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "third_party/absl/status_macros.h"

namespace orrery::server {
namespace {

constexpr const char* kAddressFiles[] = {"http.addr", "grpc.addr"};

absl::Status Failed(const char* what, const std::string& path) {
  return absl::FailedPreconditionError(
      absl::StrCat("cannot ", what, " ", path, ": ", strerror(errno)));
}

absl::Status MakeDirectory(const std::string& path) {
  struct stat found {};
  if (mkdir(path.c_str(), 0700) == 0) return absl::OkStatus();
  if (errno != EEXIST) return Failed("create", path);
  if (stat(path.c_str(), &found) != 0) return Failed("use", path);
  errno = ENOTDIR;
  return S_ISDIR(found.st_mode) ? absl::OkStatus() : Failed("use", path);
}

// Also the directories above, as `mkdir -p` does.
absl::Status MakeDataDirectory(const std::string& path) {
  std::error_code error;
  const auto parent = std::filesystem::path(path).parent_path();
  std::filesystem::create_directories(parent, error);
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot create ", parent.string(), ": ", error.message()));
  }
  return MakeDirectory(path);
}

// The process id that the holder of a lock has written into it.
std::string Holder(int lock) {
  char text[32] = {};
  const ssize_t size = pread(lock, text, sizeof(text) - 1, 0);
  const std::string pid(
      absl::StripAsciiWhitespace(absl::string_view(text, size > 0 ? size : 0)));
  return pid.empty() ? "another process" : absl::StrCat("process ", pid);
}

absl::StatusOr<int> TakeLock(const std::string& path) {
  const std::string file = absl::StrCat(path, "/lock");
  const int lock = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return Failed("open", file);
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    const absl::Status status =
        errno == EWOULDBLOCK
            ? absl::AbortedError(absl::StrCat(
                  "data directory ", path, " is in use by ", Holder(lock),
                  "; stop that one or name another --data-dir"))
            : Failed("lock", file);
    close(lock);
    return status;
  }
  const std::string pid = absl::StrCat(getpid(), "\n");
  if (ftruncate(lock, 0) != 0 || pwrite(lock, pid.data(), pid.size(), 0) !=
                                     static_cast<ssize_t>(pid.size())) {
    const absl::Status status = Failed("write", file);
    close(lock);
    return status;
  }
  return lock;
}

absl::Status WriteByRename(const std::string& path, const std::string& text) {
  const std::string temporary = absl::StrCat(path, ".new");
  const int file =
      open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return Failed("create", temporary);
  const bool written = write(file, text.data(), text.size()) ==
                       static_cast<ssize_t>(text.size());
  close(file);
  if (!written) return Failed("write", temporary);
  if (rename(temporary.c_str(), path.c_str()) != 0) {
    return Failed("rename", temporary);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<DataDir>> DataDir::Open(std::string path) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(path, error);
  if (!error) path = absolute.lexically_normal().string();
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  ORRERY_RETURN_IF_ERROR(MakeDataDirectory(path));
  ORRERY_ASSIGN_OR_RETURN(const int lock, TakeLock(path));
  auto data_dir = std::unique_ptr<DataDir>(new DataDir(std::move(path), lock));
  ORRERY_RETURN_IF_ERROR(MakeDirectory(absl::StrCat(data_dir->path(), "/run")));
  data_dir->RemoveAddresses();
  return data_dir;
}

DataDir::~DataDir() {
  RemoveAddresses();
  close(lock_);
}

absl::Status DataDir::PublishAddresses(const std::string& http,
                                       const std::string& grpc) const {
  // http.addr last: who waits for it finds grpc.addr too.
  ORRERY_RETURN_IF_ERROR(
      WriteByRename(absl::StrCat(path_, "/run/grpc.addr"), grpc));
  return WriteByRename(absl::StrCat(path_, "/run/http.addr"), http);
}

void DataDir::RemoveAddresses() const {
  for (const char* name : kAddressFiles) {
    unlink(absl::StrCat(path_, "/run/", name).c_str());
  }
}

}  // namespace orrery::server
