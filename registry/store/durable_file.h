// Small files that are there after a crash, whole or not at all.

#ifndef REGISTRY_STORE_DURABLE_FILE_H_
#define REGISTRY_STORE_DURABLE_FILE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orrery::registry {

// A status for a failed system call: kResourceExhausted for a full disk,
// kNotFound for a missing file, kFailedPrecondition for what will not go away
// by itself (permissions, a read-only disk), else kUnavailable. `error` is an
// errno.
absl::Status FileError(absl::string_view what, absl::string_view path,
                       int error);

// Writes beside, syncs, renames and syncs the folder. Mode 0600.
absl::Status WriteDurably(const std::string& path, absl::string_view text);

// Writes over bytes that the file has, and syncs them alone: one wait for the
// disk. A crash may leave part of them.
absl::Status OverwriteDurably(const std::string& path, uint64_t offset,
                              absl::string_view bytes);

// The whole file; kNotFound.
absl::StatusOr<std::string> ReadWholeFile(const std::string& path);

// Appears whole, by rename, but may be gone after a power failure. Mode 0600.
absl::Status WriteWhole(const std::string& path, absl::string_view text);

// Creates the last folder of `path` when it is missing.
absl::Status MakeDirectory(const std::string& path, unsigned mode);

// Makes the names in a folder durable.
absl::Status SyncDirectory(const std::string& path);

// The names in a folder, sorted.
absl::StatusOr<std::vector<std::string>> ListFolder(const std::string& path);

// Removes a folder with all it holds, without following links.
absl::Status RemoveTree(const std::string& path);

}  // namespace orrery::registry

#endif  // REGISTRY_STORE_DURABLE_FILE_H_
