// The stored index: what was read from git, judged, and is served. Everything
// in it can be read from git again.

#ifndef REGISTRY_INDEX_STORE_H_
#define REGISTRY_INDEX_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "registry/content_reader.h"
#include "registry/index_entry.h"
#include "registry/release_judge.h"
#include "registry/sqlite_database.h"
#include "third_party/absl/mutex.h"

namespace orrery::registry {

// What is stored of a source beside its entries.
struct StoredSource {
  std::string name;
  // URL, ref and folder that the entries were read from.
  std::string origin;
  // Indexed commit and its folder of packages, hex; empty before the first
  // sync; the folder also when the commit has none.
  std::string commit;
  std::string packages_tree;
  // Rules that judged the entries.
  int rules_version = 0;
  // As SyncState; only what outlives a restart.
  int state = 0;
  std::string error;
  std::string remote_commit;
  std::optional<absl::Time> last_success_time;
  std::optional<absl::Time> last_change_time;

  bool operator==(const StoredSource&) const = default;
};

// One published state of a release directory (universe-format §18).
struct ReleaseRevision {
  std::string directory;
  // Nothing when the commit removes it.
  std::optional<ObjectId> tree;
  std::string commit;
  // The committer's.
  absl::Time time;
};

// What one sync changes.
struct IndexChange {
  StoredSource source;
  std::vector<const IndexEntry*> put;
  // Directories.
  std::vector<std::string> erase;
  std::vector<PackedContent> contents;
  std::vector<ReleaseRevision> revisions;
};

// Thread-safe: one writer, readers beside it.
class IndexStore : public ContentReader {
 public:
  struct Options {
    // False gives up the fsync.
    bool durable = true;
  };

  // Opens or creates the database at `path`, ":memory:" is none. Errors as
  // SqliteDatabase::Open.
  static absl::StatusOr<std::unique_ptr<IndexStore>> Open(
      const std::string& path, const Options& options);

  absl::StatusOr<std::vector<StoredSource>> LoadSources();
  // kDataLoss when an entry is damaged.
  absl::StatusOr<std::vector<IndexEntry>> LoadEntries(
      const std::string& source);
  absl::StatusOr<std::vector<ReleaseRevision>> LoadRevisions(
      const std::string& source);

  // All of `change` or nothing.
  absl::Status Apply(const IndexChange& change);
  // Only the source's own line.
  absl::Status PutSource(const StoredSource& source);
  absl::Status EraseSource(const std::string& source);
  // Drops contents that no entry has.
  absl::Status DropContentsExcept(
      const std::function<bool(const signing::Digest&)>& used);

  absl::StatusOr<std::string> Read(const signing::Digest& digest) override;

 private:
  IndexStore(std::string path, std::unique_ptr<SqliteDatabase> writer);

  absl::StatusOr<std::unique_ptr<SqliteDatabase>> TakeReader();
  void GiveReaderBack(std::unique_ptr<SqliteDatabase> reader);

  const std::string path_;
  Mutex writer_mutex_;
  std::unique_ptr<SqliteDatabase> writer_ ABSL_GUARDED_BY(writer_mutex_);
  Mutex readers_mutex_;
  // Idle connections.
  std::vector<std::unique_ptr<SqliteDatabase>> readers_
      ABSL_GUARDED_BY(readers_mutex_);
};

}  // namespace orrery::registry

#endif  // REGISTRY_INDEX_STORE_H_
