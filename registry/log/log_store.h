// The stored log, `log.db`. Unlike the index it cannot be made again: it is
// never set aside, and nothing in it is ever changed.

#ifndef REGISTRY_LOG_LOG_STORE_H_
#define REGISTRY_LOG_LOG_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/index/reader_pool.h"
#include "registry/index/sqlite_database.h"
#include "registry/index/sqlite_writer.h"
#include "registry/judge/content_packer.h"
#include "registry/judge/content_reader.h"
#include "registry/judge/release_judge.h"
#include "registry/log/catalog_table.h"
#include "registry/log/leaf_lookup.h"
#include "signing/digest.h"

namespace orrery::registry {

// In the data directory.
inline constexpr char kLogFile[] = "log.db";

// What the log gave, but is not what was put into it: kDataLoss.
absl::Status LogDamage(absl::string_view what);

// kInternal, with what to do, for damage of the log; every other status as it
// is. For who also reads what others may have damaged.
absl::Status AsLogDamage(const absl::Status& status);

// Root of a complete subtree of 256^level leaves; level 0 is the leaf's hash.
struct TreeNode {
  int level = 0;
  int64_t index = 0;
  signing::Digest hash;
};

// How far a source was read when the log took in what it held.
struct ReadMark {
  std::string source;
  // Empty: nothing of it was read yet. Nothing: it is no source any more.
  std::optional<std::string> commit;
};

// What one batch adds.
struct LogBatch {
  // Index of its first leaf.
  int64_t first = 0;
  // None, or at least two: the last is an index leaf.
  std::vector<std::string> leaves;
  std::vector<TreeNode> nodes;
  // Of the catalog that the index leaf names, and its digest.
  CatalogUpdate catalog;
  signing::Digest catalog_digest;
  std::optional<ReadMark> mark;
};

// By which replay its leaves are found and its catalogs are printed.
struct LogReading {
  // Its version of the rules.
  int rules = 0;
  // No leaf is void.
  bool is_sound = true;

  bool operator==(const LogReading&) const = default;
};

// Leaves, the hashes over them, catalogs, checkpoint, and the bytes of the
// files that leaves name. Thread-safe; readers wait for nobody.
class LogStore : public ContentReader {
 public:
  using Options = SqliteWriter::Options;

  // kDataLoss when the file is damaged, which only a backup mends.
  static absl::StatusOr<std::unique_ptr<LogStore>> Open(const std::string& path,
                                                        const Options& options);

  // One transaction, synced to the disk when it adds leaves.
  absl::Status Append(const LogBatch& batch);
  // Of the newest catalog with the update.
  absl::StatusOr<CatalogName> NameCatalog(const CatalogUpdate& update);
  // Nothing when the leaves are not read yet.
  absl::StatusOr<std::optional<LogReading>> Reading();
  // Makes what is made of the leaves anew. `catalog`: of the newest index leaf,
  // whole; nothing for a log without leaves.
  absl::Status Reread(const LogReading& reading,
                      const std::optional<CatalogUpdate>& catalog);
  // Bytes for leaves that come; what is there already stays. A crash may lose
  // them until the next Append with leaves has returned.
  absl::Status PutContents(const std::vector<PackedContent>& contents);
  // `note` is the checkpoint of `size`, and in force from now on.
  absl::Status PutCheckpoint(int64_t size, absl::string_view note);

  // Leaves, published or not.
  absl::StatusOr<int64_t> Size();
  struct Checkpoint {
    int64_t size = 0;
    std::string note;
  };
  // Nothing before the first.
  absl::StatusOr<std::optional<Checkpoint>> ReadCheckpoint();
  // Empty when nothing of it was read.
  absl::StatusOr<std::string> ReadMarkOf(absl::string_view source);
  // Sources that have a mark.
  absl::StatusOr<std::vector<std::string>> MarkedSources();
  // Those of them of which something was read.
  absl::StatusOr<std::vector<std::string>> ReadSources();
  // Whether the bytes of a file are there.
  absl::StatusOr<bool> Has(const signing::Digest& digest);
  // From `first` on, in order, at most `count`.
  absl::Status VisitLeaves(int64_t first, int64_t count,
                           const LeafVisitor& visit);
  // As the function of this name. Requires: the reading is sound.
  absl::Status VisitLeavesOf(absl::string_view package, int64_t size,
                             const LeafVisitor& visit);
  absl::StatusOr<LogOutline> ReadOutline(int64_t size);
  // `count` hashes of a level from `first` on, 32 bytes each; fewer where there
  // are no more.
  absl::StatusOr<std::string> Hashes(int level, int64_t first, int64_t count);
  // Whether some published size lies in [first, last].
  absl::StatusOr<bool> IsPublished(int64_t first, int64_t last);
  // Index and bytes. kNotFound.
  struct Leaf {
    int64_t index = 0;
    std::string bytes;
  };
  absl::StatusOr<Leaf> ReadLeaf(const signing::Digest& hash);
  // kNotFound, also for one that is no longer kept.
  absl::StatusOr<std::string> ReadCatalog(const signing::Digest& digest);
  // Of the catalog that an index leaf names: its head, and the lines of the
  // package, if it has it. kNotFound.
  absl::StatusOr<std::string> ReadCatalogAt(int64_t leaf,
                                            absl::string_view package);
  absl::StatusOr<std::string> Read(const signing::Digest& digest) override;
  // As it is stored. kNotFound.
  absl::StatusOr<PackedContent> ReadPacked(const signing::Digest& digest);

 private:
  LogStore(const std::string& path, std::unique_ptr<SqliteWriter> writer);

  absl::StatusOr<std::vector<std::string>> SourcesWhere(
      absl::string_view condition);
  // What `body` reads is one state of the log.
  absl::Status ReadWith(
      const std::function<absl::Status(SqliteDatabase&)>& body);

  const std::unique_ptr<SqliteWriter> writer_;
  ReaderPool readers_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_LOG_LOG_STORE_H_
