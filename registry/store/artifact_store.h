// Files by the SHA-256 of their bytes, in one directory. What a package fetches
// at launch is kept and served from here; the digest is the only name, so equal
// bytes are stored once and a file never changes.

#ifndef REGISTRY_STORE_ARTIFACT_STORE_H_
#define REGISTRY_STORE_ARTIFACT_STORE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "registry/format/artifact_uri.h"
#include "signing/digest.h"

namespace orrery::registry {

struct StoredArtifact {
  signing::Digest digest;
  // Bytes.
  int64_t size = 0;
  absl::Time create_time;
};

// An artifact that is open for reading; a removal does not disturb it.
class ArtifactFile {
 public:
  ArtifactFile(int descriptor, StoredArtifact artifact);
  ~ArtifactFile();
  ArtifactFile(ArtifactFile&& other) noexcept;
  ArtifactFile& operator=(ArtifactFile&& other) noexcept;

  const StoredArtifact& artifact() const { return artifact_; }
  int64_t size() const { return artifact_.size; }
  // Read-only, close-on-exec, owned by this object. Its offset is shared:
  // concurrent readers use ReadAt or pread.
  int descriptor() const { return descriptor_; }

  // Up to `size` bytes from `offset`; fewer only at the end of the file.
  absl::StatusOr<std::string> ReadAt(int64_t offset, int64_t size) const;

 private:
  int descriptor_;
  StoredArtifact artifact_;
};

// Thread-safe; Open and what it gives may be used from many threads, a Writer
// by one. Two processes may not use one directory.
class ArtifactStore {
 public:
  // Takes bytes in piece by piece. Nothing is visible before Commit; without it
  // the destructor discards what was written.
  class Writer {
   public:
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    // kResourceExhausted when the disk is full.
    absl::Status Append(absl::string_view bytes);
    int64_t size() const { return size_; }

    // Makes the bytes durable and visible. kDataLoss when they do not have the
    // expected digest; storing what is there already is no error. Ends the
    // writer.
    absl::StatusOr<StoredArtifact> Commit();

   private:
    friend class ArtifactStore;
    Writer(const ArtifactStore* store, std::string path, int descriptor,
           std::optional<signing::Digest> expected);

    const ArtifactStore* store_;
    std::string path_;
    int descriptor_;
    std::optional<signing::Digest> expected_;
    signing::DigestBuilder digest_;
    int64_t size_ = 0;
  };

  // Creates the directory when needed and removes what interrupted writers
  // left.
  static absl::StatusOr<std::unique_ptr<ArtifactStore>> Open(
      std::string directory);

  // Begins to store bytes; the store must outlive the writer.
  absl::StatusOr<std::unique_ptr<Writer>> Put(
      std::optional<signing::Digest> expected = std::nullopt);

  // Stores the file at `path`.
  absl::StatusOr<StoredArtifact> PutFile(
      absl::string_view path,
      std::optional<signing::Digest> expected = std::nullopt);

  // kNotFound.
  absl::StatusOr<ArtifactFile> Get(const signing::Digest& digest) const;
  bool Contains(const signing::Digest& digest) const;

  // Where the bytes of a digest are, if they are there.
  std::string PathOf(const signing::Digest& digest) const;

  // By digest.
  absl::StatusOr<std::vector<StoredArtifact>> List() const;

  // kNotFound.
  absl::Status Remove(const signing::Digest& digest);

 private:
  explicit ArtifactStore(std::string directory);

  std::string FinalDirectory() const;
  std::string IncomingDirectory() const;

  const std::string directory_;
  std::atomic<uint64_t> next_incoming_{0};
};

}  // namespace orrery::registry

#endif  // REGISTRY_STORE_ARTIFACT_STORE_H_
