#ifndef SIGNING_LOG_TILE_READER_H_
#define SIGNING_LOG_TILE_READER_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "signing/digest.h"
#include "signing/log/merkle.h"
#include "signing/log/tile.h"

namespace orrery::signing {

// Where tiles come from; nobody trusts it.
class TileSource {
 public:
  virtual ~TileSource() = default;

  // The bytes of the file that `id` names; kNotFound if there is none. Other
  // failures end the reading and come out as they are.
  virtual absl::StatusOr<std::string> ReadTile(const TileId& id) = 0;
};

// A log's hashes and entries, each tied to a signed root before it is given or
// kept (spec: trust.md §11.2). Keeps every tile that it has read. Not
// thread-safe.
class TileReader final : public HashReader {
 public:
  // `source` must outlive the reader. Reads the right edge; the refusal
  // log.tile unless it leads to `root`.
  static absl::StatusOr<TileReader> Open(uint64_t size, const Digest& root,
                                         TileSource& source);

  uint64_t size() const { return size_; }

  // The refusal log.tile if a tile has another length than its name says or
  // does not lead to the root. kInvalidArgument for a subtree that is not
  // wholly in the tree.
  absl::StatusOr<Digest> Subtree(int level, uint64_t index) override;

  // The entries of bundle `index`, as many as the tree has. kInvalidArgument
  // for a bundle that is not in the tree, else as above.
  absl::StatusOr<std::vector<std::string>> Entries(uint64_t index);
  // One entry of the tree. Neighbours are read together, and the last bundle is
  // kept.
  absl::StatusOr<std::string> Entry(uint64_t index);

 private:
  TileReader(uint64_t size, TileSource& source)
      : size_(size), source_(&source) {}

  // The tile `index` of a level at this size.
  TileId IdAt(int level, uint64_t index) const;
  struct File {
    TileId id;
    std::string bytes;
  };
  // The file of `id`, or of the full tile if the partial one is no longer
  // there. Not authentic.
  absl::StatusOr<File> Read(const TileId& id);
  // Bytes of exactly the hashes of `id`. Not authentic.
  absl::StatusOr<std::string> Fetch(const TileId& id);
  absl::Status ReadEdge(const Digest& root);
  // Authentic bytes.
  absl::StatusOr<absl::string_view> Load(int level, uint64_t index);

  uint64_t size_;
  TileSource* source_;
  std::map<std::pair<int, uint64_t>, std::string> tiles_;
  // Those that Entry read last, all of one bundle.
  uint64_t bundle_ = 0;
  std::vector<std::string> entries_;
};

}  // namespace orrery::signing

#endif  // SIGNING_LOG_TILE_READER_H_
