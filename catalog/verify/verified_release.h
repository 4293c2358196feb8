#ifndef CATALOG_VERIFY_VERIFIED_RELEASE_H_
#define CATALOG_VERIFY_VERIFIED_RELEASE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "signing/client/release_check.h"
#include "signing/digest.h"
#include "signing/record/record.h"
#include "signing/tree_hash.h"

namespace orrery::catalog {

struct VerifiedFile {
  std::string path;
  std::string bytes;
};

// Files that an overlay source adds to a release.
struct VerifiedOverlay {
  std::string source;
  int64_t release = 0;
  int64_t revision = 0;
  int64_t leaf = 0;
  signing::Digest statement;
  signing::TreeHash tree;
  std::vector<VerifiedFile> files;
};

// A release that passed every check up to step 15 of trust.md §14.1.
struct VerifiedRelease {
  std::string registry;
  std::string package;
  signing::AdmittedRevision revision;
  // Of the record at revision.leaf.
  signing::Digest statement;
  signing::RevisionContent content;
  // By path; complete.
  std::vector<VerifiedFile> files;
  // Those that the policy admits, by priority of their sources.
  std::vector<VerifiedOverlay> overlays;
};

// The bytes of a file; nullptr if it is not there.
inline const std::string* FindFile(const std::vector<VerifiedFile>& files,
                                   absl::string_view path) {
  for (const VerifiedFile& file : files) {
    if (file.path == path) return &file.bytes;
  }
  return nullptr;
}

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_VERIFIED_RELEASE_H_
