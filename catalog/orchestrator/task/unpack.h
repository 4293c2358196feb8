// Unpacking of fetched archives into a sandbox, with every hostile form refused
// (orchestrators.md §3.4).

#ifndef CATALOG_ORCHESTRATOR_TASK_UNPACK_H_
#define CATALOG_ORCHESTRATOR_TASK_UNPACK_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orrery::catalog {

struct FileOwner {
  uid_t user = 0;
  gid_t group = 0;
};

struct UnpackOptions {
  int64_t max_entries = 100000;
  int64_t max_bytes = int64_t{16} << 30;
  // Who gets the files; nothing leaves them to this process' user.
  std::optional<FileOwner> owner;
};

// Unpacks the tar (plain, gzip, bzip2, xz) or zip archive that is open in
// `archive` into the folder open in `directory`, or, when `name` ends in `.gz`
// and it is no tar, the one file it holds. Gives the files and links made,
// relative to the folder.
//
// kInvalidArgument, with the entry named, for absolute paths, `..`, links that
// leave the folder, devices, set-uid and set-gid files and broken archives;
// kInvalidArgument also for more than the limits; kResourceExhausted for a full
// disk. What was written
// before a fault stays: the caller removes the folder. Nobody else may write to
// the folder meanwhile.
absl::StatusOr<std::vector<std::string>> Unpack(int archive,
                                                absl::string_view name,
                                                int directory,
                                                const UnpackOptions& options);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_TASK_UNPACK_H_
