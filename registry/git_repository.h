// Reading a git repository that lies on this machine, by libgit2. Nothing is
// written, checked out, or fetched.

#ifndef REGISTRY_GIT_REPOSITORY_H_
#define REGISTRY_GIT_REPOSITORY_H_

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

struct git_odb;
struct git_repository;

namespace orrery::registry {

// The name of an object, a SHA-1.
struct ObjectId {
  std::array<uint8_t, 20> bytes{};

  // kInvalidArgument unless 40 hex digits.
  static absl::StatusOr<ObjectId> ParseHex(absl::string_view hex);
  std::string Hex() const;

  bool operator==(const ObjectId&) const = default;
  auto operator<=>(const ObjectId&) const = default;
};

// Modes of tree entries.
inline constexpr uint32_t kTreeMode = 0040000;
inline constexpr uint32_t kFileMode = 0100644;
inline constexpr uint32_t kExecutableMode = 0100755;
inline constexpr uint32_t kLinkMode = 0120000;
inline constexpr uint32_t kSubmoduleMode = 0160000;

struct TreeEntry {
  // Any bytes but NUL.
  std::string name;
  uint32_t mode = 0;
  ObjectId id;

  bool operator==(const TreeEntry&) const = default;
};

struct CommitFacts {
  ObjectId tree;
  std::optional<ObjectId> first_parent;
  // The committer's.
  absl::Time time;
};

// Not thread-safe; open one for each thread. An object that is missing or
// damaged is kDataLoss: a fault of the repository, never a missing file.
class GitRepository {
 public:
  // `path` is a bare repository or a working tree's folder; whoever owns it.
  // kNotFound when there is none; kFailedPrecondition for one that cannot be
  // read, such as the sha256 object format.
  static absl::StatusOr<std::unique_ptr<GitRepository>> Open(
      const std::string& path);
  ~GitRepository();
  GitRepository(const GitRepository&) = delete;
  GitRepository& operator=(const GitRepository&) = delete;

  // Full names of all refs, sorted.
  absl::StatusOr<std::vector<std::string>> RefNames() const;
  // The ref that HEAD names, which need not exist. kNotFound when HEAD names
  // none.
  absl::StatusOr<std::string> HeadRef() const;
  // The commit of a full ref name, tags peeled. kNotFound.
  absl::StatusOr<ObjectId> ResolveRef(const std::string& ref) const;

  absl::StatusOr<CommitFacts> ReadCommit(const ObjectId& id) const;
  // Entries in the tree's own order. kResourceExhausted when the object has
  // more than `max_bytes`.
  absl::StatusOr<std::vector<TreeEntry>> ReadTree(const ObjectId& id,
                                                  uint64_t max_bytes) const;
  absl::StatusOr<uint64_t> BlobSize(const ObjectId& id) const;
  absl::StatusOr<std::string> ReadBlob(const ObjectId& id) const;

 private:
  GitRepository(git_repository* repository, git_odb* database);
  absl::StatusOr<uint64_t> ObjectSize(const ObjectId& id, int type) const;

  struct RepositoryDeleter {
    void operator()(git_repository* repository) const;
  };
  struct DatabaseDeleter {
    void operator()(git_odb* database) const;
  };

  std::unique_ptr<git_repository, RepositoryDeleter> repository_;
  std::unique_ptr<git_odb, DatabaseDeleter> database_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_GIT_REPOSITORY_H_
