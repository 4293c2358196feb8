// Bodies that the kernel sends without copying them: they lie in a file without
// a name and go out by sendfile(2).

#ifndef SERVER_HTTP_BODY_FILE_H_
#define SERVER_HTTP_BODY_FILE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

#include "server/http/http_message.h"
#include "third_party/absl/mutex.h"

namespace orrery::server {

// One descriptor for all bodies. Thread-safe.
class BodyFile {
 public:
  // In `directory` where its file system can (O_TMPFILE): what the kernel has
  // read of such a file it finds again faster than what lies in a file in
  // memory (memfd_create(2)), which it is else, or when `directory` is empty.
  explicit BodyFile(const std::string& directory);
  BodyFile(const BodyFile&) = delete;
  BodyFile& operator=(const BodyFile&) = delete;

  // A copy of `bytes`, whose room is given back with the last copy of the
  // slice, which may outlive this. Nothing when there is no room for it or the
  // kernel has no such files.
  std::optional<FileSlice> Store(absl::string_view bytes);

 private:
  struct Descriptor;

  std::shared_ptr<const Descriptor> descriptor_;
  Mutex mutex_;
  // Places are never used again: what is still on its way refers to them.
  uint64_t end_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace orrery::server

#endif  // SERVER_HTTP_BODY_FILE_H_
