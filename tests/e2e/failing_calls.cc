// Preloaded into a program: lets one of the calls fail by which it changes
// files whose paths begin with one of FAULT_ROOTS, joined by colons. Nothing
// happens until the file FAULT_PLAN appears, which holds a number n, a word,
// and maybe the name of a call; it is taken away, and the n-th call (of that
// name) from then on is the one:
//   kill    the program is killed before the call
//   torn    half of what was to be written is written, then it is killed;
//           other calls are carried out first
//   error   the call fails once with EIO
//   full    half is written; that and all later calls that write fail with
//           ENOSPC until a new plan appears
//   short   half is written, which the call says; other calls fail once
// Then the name of the call is written into the file FAULT_MARK.

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace {

enum class Fault { kNone, kKill, kTorn, kError, kFull, kShort };

pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
long calls_left = 0;
Fault planned = Fault::kNone;
bool is_full = false;
// Empty: any.
char planned_call[32] = {};

template <typename Function>
Function Next(const char* name, Function) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}
// NEXT(write)(fd, bytes, size) calls what the program would have called.
#define NEXT(call) Next(#call, &::call)

std::string Setting(const char* name) {
  const char* const value = getenv(name);
  return value == nullptr ? "" : value;
}

// By system calls, which do not come back here.
void TakePlan() {
  const std::string path = Setting("FAULT_PLAN");
  const int fd = static_cast<int>(
      syscall(SYS_openat, AT_FDCWD, path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd < 0) return;
  char text[64] = {};
  char word[32] = {};
  const long size = syscall(SYS_read, fd, text, sizeof(text) - 1);
  syscall(SYS_close, fd);
  syscall(SYS_unlinkat, AT_FDCWD, path.c_str(), 0);
  is_full = false;
  planned = Fault::kNone;
  planned_call[0] = '\0';
  if (size <= 0 ||
      sscanf(text, "%ld %31s %31s", &calls_left, word, planned_call) < 2) {
    return;
  }
  const struct {
    const char* word;
    Fault fault;
  } kFaults[] = {{"kill", Fault::kKill},
                 {"torn", Fault::kTorn},
                 {"error", Fault::kError},
                 {"full", Fault::kFull},
                 {"short", Fault::kShort}};
  for (const auto& row : kFaults) {
    if (strcmp(word, row.word) == 0) planned = row.fault;
  }
}

void Mark(const char* call) {
  const int fd = static_cast<int>(
      syscall(SYS_openat, AT_FDCWD, Setting("FAULT_MARK").c_str(),
              O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  syscall(SYS_write, fd, call, strlen(call));
  syscall(SYS_close, fd);
}

[[noreturn]] void Die() {
  kill(getpid(), SIGKILL);
  while (true) pause();
}

bool IsUnderRoot(const std::string& path) {
  const std::string roots = Setting("FAULT_ROOTS") + ":";
  size_t begin = 0;
  for (size_t end = roots.find(':'); end != std::string::npos;
       end = roots.find(':', begin)) {
    const size_t size = end - begin;
    if (size > 0 && path.compare(0, size, roots, begin, size) == 0) return true;
    begin = end + 1;
  }
  return false;
}

std::string PathOf(int fd) {
  char path[4096];
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t size = readlink(link.c_str(), path, sizeof(path));
  return size < 0 ? "" : std::string(path, static_cast<size_t>(size));
}

std::string PathAt(int folder, const char* path) {
  if (path[0] == '/' || folder == AT_FDCWD) return path;
  return PathOf(folder) + "/" + path;
}

// What happens to this call. Kills at once where nothing is to be done before.
Fault Meet(const char* call, const std::string& path) {
  if (!IsUnderRoot(path)) return Fault::kNone;
  pthread_mutex_lock(&mutex);
  TakePlan();
  Fault fault = is_full ? Fault::kFull : Fault::kNone;
  const bool counts =
      planned_call[0] == '\0' || strcmp(planned_call, call) == 0;
  if (planned != Fault::kNone && counts && --calls_left == 0) {
    fault = planned;
    planned = Fault::kNone;
    is_full = fault == Fault::kFull;
    Mark(call);
  }
  pthread_mutex_unlock(&mutex);
  if (fault == Fault::kKill) Die();
  return fault;
}

// Of calls that write nothing: they fail or are done whole.
template <typename Call>
int Change(Fault fault, const Call& call) {
  if (fault == Fault::kNone) return call();
  if (fault == Fault::kTorn) {
    call();
    Die();
  }
  errno = fault == Fault::kFull ? ENOSPC : EIO;
  return -1;
}

// `call` writes as many bytes as it is told.
template <typename Call>
ssize_t Write(Fault fault, size_t size, const Call& call) {
  if (fault == Fault::kNone) return call(size);
  if (fault == Fault::kError) {
    errno = EIO;
    return -1;
  }
  const ssize_t written = size < 2 ? 0 : call(size / 2);
  if (fault == Fault::kTorn) Die();
  if (fault == Fault::kShort && written > 0) return written;
  errno = ENOSPC;
  return -1;
}

}  // namespace

extern "C" {

ssize_t write(int fd, const void* bytes, size_t size) {
  return Write(Meet("write", PathOf(fd)), size,
               [&](size_t part) { return NEXT(write)(fd, bytes, part); });
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) {
  return Write(Meet("pwrite", PathOf(fd)), size, [&](size_t part) {
    return NEXT(pwrite)(fd, bytes, part, offset);
  });
}

ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t offset) {
  return Write(Meet("pwrite64", PathOf(fd)), size, [&](size_t part) {
    return NEXT(pwrite64)(fd, bytes, part, offset);
  });
}

ssize_t writev(int fd, const iovec* parts, int count) {
  const Fault fault = Meet("writev", PathOf(fd));
  if (fault == Fault::kNone) return NEXT(writev)(fd, parts, count);
  return Write(fault, parts[0].iov_len, [&](size_t part) {
    return NEXT(write)(fd, parts[0].iov_base, part);
  });
}

int fsync(int fd) {
  return Change(Meet("fsync", PathOf(fd)), [&] { return NEXT(fsync)(fd); });
}

int fdatasync(int fd) {
  return Change(Meet("fdatasync", PathOf(fd)),
                [&] { return NEXT(fdatasync)(fd); });
}

int ftruncate(int fd, off_t size) noexcept {
  return Change(Meet("ftruncate", PathOf(fd)),
                [&] { return NEXT(ftruncate)(fd, size); });
}

int ftruncate64(int fd, off64_t size) noexcept {
  return Change(Meet("ftruncate64", PathOf(fd)),
                [&] { return NEXT(ftruncate64)(fd, size); });
}

int rename(const char* from, const char* to) noexcept {
  return Change(Meet("rename", to), [&] { return NEXT(rename)(from, to); });
}

int renameat(int from_folder, const char* from, int to_folder,
             const char* to) noexcept {
  return Change(Meet("renameat", PathAt(to_folder, to)), [&] {
    return NEXT(renameat)(from_folder, from, to_folder, to);
  });
}

int link(const char* from, const char* to) noexcept {
  return Change(Meet("link", to), [&] { return NEXT(link)(from, to); });
}

int linkat(int from_folder, const char* from, int to_folder, const char* to,
           int flags) noexcept {
  return Change(Meet("linkat", PathAt(to_folder, to)), [&] {
    return NEXT(linkat)(from_folder, from, to_folder, to, flags);
  });
}

int unlink(const char* path) noexcept {
  return Change(Meet("unlink", path), [&] { return NEXT(unlink)(path); });
}

int unlinkat(int folder, const char* path, int flags) noexcept {
  return Change(Meet("unlinkat", PathAt(folder, path)),
                [&] { return NEXT(unlinkat)(folder, path, flags); });
}

int mkdir(const char* path, mode_t mode) noexcept {
  return Change(Meet("mkdir", path), [&] { return NEXT(mkdir)(path, mode); });
}

int mkdirat(int folder, const char* path, mode_t mode) noexcept {
  return Change(Meet("mkdirat", PathAt(folder, path)),
                [&] { return NEXT(mkdirat)(folder, path, mode); });
}

}  // extern "C"
