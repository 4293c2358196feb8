// Reading what one place of a package tree holds, and judging it.

#ifndef REGISTRY_JUDGE_RELEASE_JUDGE_H_
#define REGISTRY_JUDGE_RELEASE_JUDGE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/git/git_repository.h"
#include "registry/judge/content_packer.h"
#include "registry/judge/content_reader.h"
#include "registry/judge/index_entry.h"
#include "registry/judge/package_tree.h"
#include "signing/digest.h"
#include "third_party/absl/mutex.h"

namespace orrery::registry {

// Bytes to be stored.
struct PackedContent {
  signing::Digest digest;
  uint64_t size = 0;
  std::string packed;
};

// Whether the directories of a source are releases, or add files to those of
// another.
enum class SourceRole : uint8_t { kBase, kOverlay };

// Whose directories are judged; the name is written into them.
struct JudgedSource {
  std::string name;
  SourceRole role = SourceRole::kBase;
};

struct JudgedEntry {
  // Nothing for what is not looked at, such as a regular file where a directory
  // belongs.
  std::optional<IndexEntry> entry;
  std::vector<PackedContent> contents;
};

// Which contents somebody has taken on to pack; thread-safe.
class ContentClaims {
 public:
  // The digest of a blob that was claimed before; not always known.
  std::optional<signing::Digest> Find(const ObjectId& blob);
  // Whether nobody had claimed these bytes before.
  bool Claim(const ObjectId& blob, const signing::Digest& digest);

 private:
  Mutex mutex_;
  std::map<ObjectId, signing::Digest> blobs_ ABSL_GUARDED_BY(mutex_);
  std::set<signing::Digest> claimed_ ABSL_GUARDED_BY(mutex_);
};

// What is wrong with the release is a finding; a status means that the
// repository could not be read.
absl::StatusOr<JudgedEntry> JudgeTreeEntry(const GitRepository& repository,
                                           const PackageTreeEntry& place,
                                           const JudgedSource& source,
                                           ContentClaims& claims,
                                           ContentPacker& packer);

// Judges a stored entry again from its stored bytes. One whose bytes are not
// all stored keeps its verdict and loses its id: git must be read for it.
absl::StatusOr<IndexEntry> JudgeStoredEntry(const IndexEntry& entry,
                                            SourceRole role,
                                            ContentReader& content);

}  // namespace orrery::registry

#endif  // REGISTRY_JUDGE_RELEASE_JUDGE_H_
