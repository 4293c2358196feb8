// Reading a git repository that lies on this machine, by libgit2. Nothing is
// written, checked out, or fetched.

#ifndef REGISTRY_GIT_GIT_REPOSITORY_H_
#define REGISTRY_GIT_GIT_REPOSITORY_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/git/git_object.h"

struct git_odb;
struct git_reference;
struct git_repository;

namespace orrery::registry {

// Not thread-safe; open one for each thread. An object that is missing,
// damaged, of another type than its place says, or that takes more than 256 MiB
// to be put together is kDataLoss: a fault of the repository, never a missing
// file.
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
  // Entries in the tree's own order. kResourceExhausted, before it is read,
  // when the object has more than `max_bytes`.
  absl::StatusOr<std::vector<TreeEntry>> ReadTree(const ObjectId& id,
                                                  uint64_t max_bytes) const;
  // One entry of a tree, as FindTreeEntry; errors as ReadTree.
  absl::StatusOr<std::optional<TreeEntry>> FindInTree(const ObjectId& id,
                                                      absl::string_view name,
                                                      uint64_t max_bytes) const;
  absl::StatusOr<uint64_t> BlobSize(const ObjectId& id) const;
  absl::StatusOr<std::string> ReadBlob(const ObjectId& id) const;

 private:
  GitRepository(git_repository* repository, git_odb* database);
  absl::StatusOr<uint64_t> ObjectSize(const ObjectId& id, int type) const;
  absl::StatusOr<ObjectId> PeelTags(const ObjectId& id) const;

  // Bytes of an object, which keep it.
  struct Object;
  absl::StatusOr<Object> Read(const ObjectId& id, int type,
                              uint64_t max_bytes) const;

  struct RepositoryDeleter {
    void operator()(git_repository* repository) const;
  };
  struct ReferenceDeleter {
    void operator()(git_reference* reference) const;
  };
  using Reference = std::unique_ptr<git_reference, ReferenceDeleter>;
  struct DatabaseDeleter {
    void operator()(git_odb* database) const;
  };

  // kNotFound.
  absl::StatusOr<Reference> LookUp(const std::string& ref) const;

  std::unique_ptr<git_repository, RepositoryDeleter> repository_;
  std::unique_ptr<git_odb, DatabaseDeleter> database_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_GIT_GIT_REPOSITORY_H_
