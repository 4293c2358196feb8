#include "signing/log/tile_reader.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"

#include "signing/log/entry_bundle.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

absl::Status BadTile(const TileId& id, absl::string_view why) {
  return Refuse(RefusalCode::kLogTile,
                absl::StrCat(FormatTilePath(id), " ", why));
}

// Hashes that were read but tied to nothing yet.
class FetchedEdge final : public HashReader {
 public:
  explicit FetchedEdge(
      const std::map<std::pair<int, uint64_t>, std::string>& tiles)
      : tiles_(tiles) {}

  absl::StatusOr<Digest> Subtree(int level, uint64_t index) override {
    const int height = level % kTileHeight;
    const uint64_t first = index << height;
    const auto tile = tiles_.find({level / kTileHeight, first / kTileWidth});
    if (tile == tiles_.end()) {
      return absl::InternalError("a subtree is not on the edge of its tree");
    }
    return TileSubtree(tile->second, static_cast<int>(first % kTileWidth),
                       height);
  }

 private:
  const std::map<std::pair<int, uint64_t>, std::string>& tiles_;
};

}  // namespace

absl::StatusOr<TileReader> TileReader::Open(uint64_t size, const Digest& root,
                                            TileSource& source) {
  TileReader reader(size, source);
  ORRERY_RETURN_IF_ERROR(reader.ReadEdge(root));
  return reader;
}

TileId TileReader::IdAt(int level, uint64_t index) const {
  const uint64_t left =
      TileLevelSize(size_, std::max(level, 0)) - index * kTileWidth;
  return {level, index, static_cast<int>(std::min<uint64_t>(left, kTileWidth))};
}

absl::StatusOr<TileReader::File> TileReader::Read(const TileId& id) {
  TileId read = id;
  absl::StatusOr<std::string> bytes = source_->ReadTile(id);
  if (!id.is_full() && absl::IsNotFound(bytes.status())) {
    read = FullTile(id);
    bytes = source_->ReadTile(read);
  }
  if (!bytes.ok()) return bytes.status();
  return File{read, *std::move(bytes)};
}

absl::StatusOr<std::string> TileReader::Fetch(const TileId& id) {
  ORRERY_ASSIGN_OR_RETURN(File file, Read(id));
  const size_t size = file.id.width * Digest::kSize;
  if (file.bytes.size() != size) {
    return BadTile(
        file.id, absl::StrCat("has ", file.bytes.size(), " bytes, not ", size));
  }
  file.bytes.resize(id.width * Digest::kSize);
  return std::move(file.bytes);
}

absl::Status TileReader::ReadEdge(const Digest& root) {
  std::map<std::pair<int, uint64_t>, std::string> edge;
  for (int level = 0; TileLevelSize(size_, level) != 0; ++level) {
    const uint64_t end = TileLevelSize(size_, level);
    if (end % kTileWidth == 0) continue;
    const TileId id = IdAt(level, end / kTileWidth);
    ORRERY_ASSIGN_OR_RETURN(edge[std::make_pair(level, id.index)], Fetch(id));
  }
  FetchedEdge hashes(edge);
  ORRERY_ASSIGN_OR_RETURN(const Digest found, TreeRoot(size_, hashes));
  if (found != root) {
    return Refuse(RefusalCode::kLogTile,
                  absl::StrCat("the tiles at the edge of size ", size_,
                               " do not lead to the signed root"));
  }
  tiles_ = std::move(edge);
  return absl::OkStatus();
}

absl::StatusOr<absl::string_view> TileReader::Load(int level, uint64_t index) {
  const auto known = tiles_.find({level, index});
  if (known != tiles_.end()) return absl::string_view(known->second);
  // The partial tiles are known: this one is full, and its root is a hash of
  // the tile above.
  const TileId id{level, index, kTileWidth};
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view above,
                          Load(level + 1, index / kTileWidth));
  const Digest expected = TileHash(above, static_cast<int>(index % kTileWidth));
  ORRERY_ASSIGN_OR_RETURN(std::string bytes, Fetch(id));
  if (TileSubtree(bytes, 0, kTileHeight) != expected) {
    return BadTile(id, "does not lead to the signed root");
  }
  return absl::string_view(
      tiles_.emplace(std::make_pair(level, index), std::move(bytes))
          .first->second);
}

absl::StatusOr<Digest> TileReader::Subtree(int level, uint64_t index) {
  if (index >= size_ >> level) {
    return absl::InvalidArgumentError(absl::StrCat("a tree of size ", size_,
                                                   " has no subtree ", index,
                                                   " of height ", level));
  }
  const int height = level % kTileHeight;
  const uint64_t first = index << height;
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view bytes,
                          Load(level / kTileHeight, first / kTileWidth));
  return TileSubtree(bytes, static_cast<int>(first % kTileWidth), height);
}

absl::StatusOr<std::vector<std::string>> TileReader::Entries(uint64_t index) {
  if (index > size_ / kTileWidth || index * kTileWidth >= size_) {
    return absl::InvalidArgumentError(
        absl::StrCat("a log of size ", size_, " has no bundle ", index));
  }
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view hashes, Load(0, index));
  const TileId id = IdAt(TileId::kEntries, index);
  ORRERY_ASSIGN_OR_RETURN(const File file, Read(id));
  ORRERY_ASSIGN_OR_RETURN(const std::vector<absl::string_view> entries,
                          SplitEntries(file.bytes, file.id.width));
  std::vector<std::string> authentic;
  authentic.reserve(entries.size());
  for (int i = 0; i < id.width; ++i) {
    if (LeafHash(entries[i]) != TileHash(hashes, i)) {
      return BadTile(file.id,
                     absl::StrCat("has another entry ", i, " than the tree"));
    }
    authentic.emplace_back(entries[i]);
  }
  return authentic;
}

absl::StatusOr<std::string> TileReader::Entry(uint64_t index) {
  const uint64_t bundle = index / kTileWidth;
  if (entries_.empty() || bundle_ != bundle) {
    ORRERY_ASSIGN_OR_RETURN(entries_, Entries(bundle));
    bundle_ = bundle;
  }
  const uint64_t place = index % kTileWidth;
  if (place < entries_.size()) return entries_[place];
  return absl::InvalidArgumentError(
      absl::StrCat("a log of size ", size_, " has no entry ", index));
}

}  // namespace orrery::signing
