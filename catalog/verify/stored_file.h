// The few ways in which a client touches its disk.

#ifndef CATALOG_VERIFY_STORED_FILE_H_
#define CATALOG_VERIFY_STORED_FILE_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orrery::catalog {

// Closes what it holds.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept
      : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }

  bool is_open() const { return number_ >= 0; }
  int number() const { return number_; }

 private:
  int number_;
};

// A failed system call on `path`; `error` is an errno. kNotFound for what is
// not there, else kUnavailable. The message begins with the path.
absl::Status FileFailure(absl::string_view path, int error);

// A regular file, whole. kResourceExhausted for more than `max_bytes`,
// kUnavailable for what is no regular file.
absl::StatusOr<std::string> ReadStoredFile(const std::string& path,
                                           int64_t max_bytes);
// The same of an open one; `path` is for messages.
absl::StatusOr<std::string> ReadDescriptor(int file, absl::string_view path,
                                           int64_t max_bytes);

// The same piece by piece; what `take` returns ends it.
absl::Status ReadStoredPieces(
    const std::string& path, int64_t max_bytes,
    absl::FunctionRef<absl::Status(absl::string_view)> take);

// `bytes` bytes of an open file from `offset` on; kUnavailable if it ends
// before.
absl::StatusOr<std::string> ReadPart(int file, absl::string_view path,
                                     int64_t offset, int64_t bytes);

// Writes all of it where the file is.
absl::Status WriteAll(int file, absl::string_view path,
                      absl::string_view bytes);

// A new file of mode 0600, synced. What is at `path` already is replaced, so
// nobody else may know that name.
absl::Status WriteNewFile(const std::string& path, absl::string_view bytes);

// Who reads `path` sees the old bytes or the new ones, also after a crash, and
// the new ones once this returns. One caller at a time: it writes
// `path`.new beside.
absl::Status ReplaceDurably(const std::string& path, absl::string_view bytes);

// A directory, locked against who else locks it, until it is closed. Waits.
absl::StatusOr<Descriptor> LockDirectory(const std::string& path);

// Makes the names in a directory durable.
absl::Status SyncDirectory(const std::string& path);

// With those above that are missing; mode 0700.
absl::Status MakeDirectories(const std::string& path);

// "/a/b" of "/a/b/c"; "." of a name alone.
std::string ParentOf(absl::string_view path);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_STORED_FILE_H_
