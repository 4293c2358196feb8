// A server that gives some tiles otherwise than they are: the reader gives the
// log's own hashes and entries, or refuses. An input is the size of the log
// and then changes: a tile, a place in it, and what to do there.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "signing/log/entry_bundle.h"
#include "signing/log/merkle.h"
#include "signing/log/tile.h"
#include "signing/log/tile_cutter.h"
#include "signing/log/tile_reader.h"

namespace {

namespace signing = orrery::signing;

void Require(bool holds) {
  if (!holds) std::abort();
}

std::string Leaf(uint64_t i) { return absl::StrCat("leaf ", i); }

class ChangedTiles final : public signing::TileSource {
 public:
  explicit ChangedTiles(uint64_t size) {
    signing::TileCutter cutter;
    std::string bundle;
    for (uint64_t i = 0; i < size; ++i) {
      cutter.Append(signing::LeafHash(Leaf(i)));
      signing::AppendEntry(Leaf(i), bundle);
      const int width = static_cast<int>(i % signing::kTileWidth) + 1;
      if (width < signing::kTileWidth && i + 1 < size) continue;
      Add({signing::TileId::kEntries, i / signing::kTileWidth, width}, bundle);
      bundle.clear();
    }
    for (const signing::Tile& t : cutter.TakeFull()) Add(t.id, t.bytes);
    for (const signing::Tile& t : cutter.Edge()) Add(t.id, t.bytes);
    root = cutter.Root();
  }

  absl::StatusOr<std::string> ReadTile(const signing::TileId& id) override {
    const auto tile = tiles_.find(id);
    if (tile == tiles_.end()) return absl::NotFoundError("no such tile");
    return tile->second;
  }

  void Change(const uint8_t* change) {
    auto tile = tiles_.begin();
    std::advance(tile, change[0] % tiles_.size());
    std::string& bytes = tile->second;
    const size_t place =
        bytes.empty() ? 0 : (change[1] << 8 | change[2]) % bytes.size();
    switch (change[3] % 4) {
      case 0:
        if (!bytes.empty()) bytes[place] ^= static_cast<char>(change[4] | 1);
        break;
      case 1:
        bytes.resize(place);
        break;
      case 2:
        bytes.insert(place, 1 + change[4] % 64, static_cast<char>(change[4]));
        break;
      case 3:
        tiles_.erase(tile);
        break;
    }
  }

  bool empty() const { return tiles_.empty(); }

  signing::Digest root;

 private:
  void Add(const signing::TileId& id, const std::string& bytes) {
    tiles_[id] = bytes;
  }

  std::map<signing::TileId, std::string> tiles_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kSizeBytes = 2;
  constexpr size_t kChangeBytes = 5;
  if (size < kSizeBytes) return 0;
  const uint64_t leaves = (data[0] << 8 | data[1]) % 1'100;
  ChangedTiles tiles(leaves);
  for (size_t i = kSizeBytes; i + kChangeBytes <= size && !tiles.empty();
       i += kChangeBytes) {
    tiles.Change(data + i);
  }
  auto reader = signing::TileReader::Open(leaves, tiles.root, tiles);
  if (!reader.ok()) return 0;
  for (uint64_t i = 0; i < leaves; ++i) {
    const auto hash = reader->Subtree(0, i);
    if (hash.ok()) Require(*hash == signing::LeafHash(Leaf(i)));
  }
  for (uint64_t i = 0; i * signing::kTileWidth < leaves; ++i) {
    const auto entries = reader->Entries(i);
    if (!entries.ok()) continue;
    Require(entries->back() ==
            Leaf(i * signing::kTileWidth + entries->size() - 1));
  }
  return 0;
}
