// The stored index: what was read from git, judged, and is served. Everything
// in it can be read from git again.

#ifndef REGISTRY_INDEX_INDEX_STORE_H_
#define REGISTRY_INDEX_INDEX_STORE_H_

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/index/reader_pool.h"
#include "registry/index/snapshot_reader.h"
#include "registry/index/sqlite_database.h"
#include "registry/index/sqlite_writer.h"
#include "third_party/absl/mutex.h"

namespace orrery::registry {

// `index.db`: one connection that writes, others that read beside it. The rows
// are the subject of `*_rows.h`. Thread-safe.
class IndexStore : public SnapshotReader {
 public:
  using Options = SqliteWriter::Options;

  // Opens or creates the database at `path`. Errors as SqliteDatabase::Open.
  static absl::StatusOr<std::unique_ptr<IndexStore>> Open(
      const std::string& path, const Options& options);

  // As SqliteWriter's.
  absl::Status Write(const SqliteWriter::Body& body) {
    return writer_->Write(body);
  }
  absl::Status WriteAhead(const SqliteWriter::Body& body) {
    return writer_->WriteAhead(body);
  }
  // Gives back to the system what a large change needed.
  void FreeMemory();
  absl::StatusOr<ReaderPool::Lease> Reader() { return readers_.Take(); }

  // Whether a release of the source could not be read back.
  bool IsDamaged(int64_t source) const;
  void NoteDamage(int64_t source);

  absl::StatusOr<std::vector<ReleasePtr>> ReadReleases(
      const SourceVersion& source, absl::string_view package) override;
  absl::StatusOr<std::vector<ReleasePtr>> ReadOverlays(
      const SourceVersion& source, absl::string_view package) override;
  absl::StatusOr<std::vector<std::string>> ReadMentioning(
      const SourceVersion& source, absl::string_view name) override;
  absl::StatusOr<std::vector<std::string>> ReadMentions(
      const SourceVersion& source, absl::string_view prefix) override;
  absl::StatusOr<std::vector<std::string>> ReadPackageNames(
      const SourceVersion& source) override;
  absl::StatusOr<std::vector<std::string>> ReadOverlayNames(
      const SourceVersion& source) override;
  std::vector<std::string> SimilarNames(absl::string_view name) override;
  absl::StatusOr<std::string> Read(const signing::Digest& digest) override;

 private:
  IndexStore(const std::string& path, std::unique_ptr<SqliteWriter> writer);

  const std::unique_ptr<SqliteWriter> writer_;
  ReaderPool readers_;
  mutable Mutex damaged_mutex_;
  std::set<int64_t> damaged_ ABSL_GUARDED_BY(damaged_mutex_);
};

}  // namespace orrery::registry

#endif  // REGISTRY_INDEX_INDEX_STORE_H_
