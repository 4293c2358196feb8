#include "server/process/data_dir.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "registry/store/durable_file.h"
#include "third_party/absl/status_macros.h"

namespace orrery::server {
namespace {

constexpr const char* kAddressFiles[] = {"http.addr", "grpc.addr"};

absl::Status Failed(const char* what, const std::string& path) {
  return absl::FailedPreconditionError(
      absl::StrCat("cannot ", what, " ", path, ": ", strerror(errno)));
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
  return registry::MakeDirectory(path, 0700);
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

}  // namespace

absl::StatusOr<std::unique_ptr<DataDir>> DataDir::Open(std::string path) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(path, error);
  if (!error) path = absolute.lexically_normal().string();
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  ORRERY_RETURN_IF_ERROR(MakeDataDirectory(path));
  ORRERY_ASSIGN_OR_RETURN(const int lock, TakeLock(path));
  auto data_dir = std::unique_ptr<DataDir>(new DataDir(std::move(path), lock));
  ORRERY_RETURN_IF_ERROR(
      registry::MakeDirectory(absl::StrCat(data_dir->path(), "/run"), 0700));
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
      registry::WriteWhole(absl::StrCat(path_, "/run/grpc.addr"), grpc));
  return registry::WriteWhole(absl::StrCat(path_, "/run/http.addr"), http);
}

void DataDir::RemoveAddresses() const {
  for (const char* name : kAddressFiles) {
    unlink(absl::StrCat(path_, "/run/", name).c_str());
  }
}

}  // namespace orrery::server
