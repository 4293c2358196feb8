// A bundle as a file: the ustar archive of trust.md §18.

#ifndef CATALOG_VERIFY_BUNDLE_BUNDLE_ARCHIVE_H_
#define CATALOG_VERIFY_BUNDLE_BUNDLE_ARCHIVE_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"

#include "catalog/verify/bundle/bundle_manifest.h"
#include "signing/ssh/ssh_key.h"

namespace orrery::catalog {

// Where a listed file lies in the archive.
struct ArchivedFile {
  BundleMember member;
  int64_t offset = 0;
  int64_t bytes = 0;
};

// `bytes` bytes from `offset` on; both are within the archive.
using ReadArchive = absl::FunctionRef<absl::StatusOr<std::string>(
    int64_t offset, int64_t bytes)>;

// Reads an archive of `size` bytes to its end, in pieces: the files that its
// manifest lists, in that order, each with the digest that is listed. Nothing
// of it is believed beyond that; the manifest is signed by one of `exporters`
// when there are any. The refusal bundle.manifest for whatever else there is in
// it, or is not: links, folders, devices, extensions, what is not listed, comes
// twice, is missing or has other bytes, and what follows the end; other
// failures are those of `read`.
absl::StatusOr<std::vector<ArchivedFile>> ReadBundleArchive(
    int64_t size, ReadArchive read, std::span<const signing::SshKey> exporters);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_BUNDLE_BUNDLE_ARCHIVE_H_
