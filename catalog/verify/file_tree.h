// A place that offers the files of a registry's log (spec: trust.md §16).

#ifndef CATALOG_VERIFY_FILE_TREE_H_
#define CATALOG_VERIFY_FILE_TREE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orrery::catalog {

using TakePiece = absl::FunctionRef<absl::Status(absl::string_view)>;

// HTTP by whoever calls. Not thread-safe.
class HttpFetcher {
 public:
  virtual ~HttpFetcher() = default;

  // The body of a 200 answer to GET; redirects are not followed. kNotFound for
  // 404 and 410, kResourceExhausted for more than `max_bytes` (counted after
  // content decoding), kCancelled when the user ended it, else kUnavailable.
  virtual absl::StatusOr<std::string> Fetch(const std::string& url,
                                            int64_t max_bytes) = 0;
  // The same piece by piece, for what is too large to be held: by default it is
  // held. What `take` returns ends it.
  virtual absl::Status FetchPieces(const std::string& url, int64_t max_bytes,
                                   TakePiece take);
};

// Nobody trusts it: what it gives is checked.
class FileTree {
 public:
  virtual ~FileTree() = default;

  // URL or directory, for messages and evidence; without a slash at the end.
  virtual const std::string& name() const = 0;
  // Whether reading makes network system calls.
  virtual bool is_remote() const = 0;
  // `path` is relative: "log/checkpoint". kNotFound for what is not there,
  // kResourceExhausted for more than `max_bytes`, kCancelled, else
  // kUnavailable.
  virtual absl::StatusOr<std::string> Read(absl::string_view path,
                                           int64_t max_bytes) = 0;
  // The same piece by piece, for what is too large to be held: by default it is
  // held. What `take` returns ends it.
  virtual absl::Status ReadPieces(absl::string_view path, int64_t max_bytes,
                                  TakePiece take);
};

// A directory. Only regular files are read.
std::unique_ptr<FileTree> OpenDirectoryTree(absl::string_view directory);

// What `place` names: `http://` and `https://` by `http`, which must outlive
// it, `file:///` and paths as directories.
std::unique_ptr<FileTree> OpenTree(absl::string_view place, HttpFetcher& http);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_FILE_TREE_H_
