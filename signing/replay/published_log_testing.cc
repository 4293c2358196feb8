#include "signing/replay/published_log_testing.h"

#include <cstdlib>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "signing/ed25519.h"
#include "signing/log/checkpoint.h"
#include "signing/log/cosignature.h"
#include "signing/log/entry_bundle.h"
#include "signing/log/merkle.h"
#include "signing/log/note.h"
#include "signing/log/tile_cutter.h"
#include "signing/record/leaf.h"
#include "signing/record/record.h"
#include "signing/replay/catalog.h"

namespace orrery::signing {
namespace {

Ed25519PrivateKey ExampleKey(absl::string_view name) {
  auto key = Ed25519PrivateKey::FromSeed(
      Digest::Of(absl::StrCat("orrery example key: ", name)).bytes());
  if (!key.ok()) std::abort();
  return *key;
}

NoteSignature Signed(absl::StatusOr<NoteSignature> signature) {
  if (!signature.ok()) std::abort();
  return *signature;
}

}  // namespace

void PublishedLog::Append(absl::string_view leaf) {
  leaves_.emplace_back(leaf);
  (void)replay_.Append(leaf);
}

void PublishedLog::AppendIndex(int64_t unix_seconds) {
  const std::string catalog = PrintCatalog(replay_.state());
  Record record;
  record.kind = RecordKind::kIndex;
  record.logs = {replay_.state().origin};
  record.body =
      IndexRecord{replay_.state().size, unix_seconds, Digest::Of(catalog),
                  static_cast<int64_t>(catalog.size())};
  Append(JoinLeaf(PrintRecord(record), {}));
}

std::string PublishedLog::CheckpointNote(int64_t unix_seconds) const {
  MerkleFrontier tree;
  for (const std::string& leaf : leaves_) tree.Append(LeafHash(leaf));
  const std::string& origin = replay_.state().origin;
  const std::string text = FormatCheckpoint({origin, tree.size(), tree.Root()});
  return FormatNote(
      {text,
       {Signed(SignNote(text, origin, ExampleKey("log"))),
        Signed(CosignNote(
            text, static_cast<uint64_t>(unix_seconds),
            absl::StrCat(origin.substr(0, origin.find('/')), "/timestamper"),
            ExampleKey("timestamper")))}});
}

absl::StatusOr<std::string> PublishedLog::ReadTile(const TileId& id) {
  const uint64_t first = id.index * kTileWidth;
  if (id.level == TileId::kEntries) {
    std::string bundle;
    for (uint64_t i = first; i < first + id.width; ++i) {
      if (i >= leaves_.size()) return absl::NotFoundError(FormatTilePath(id));
      AppendEntry(leaves_[i], bundle);
    }
    return bundle;
  }
  // The tile is that of the first size that has it.
  const uint64_t size = (first + id.width) << (kTileHeight * id.level);
  if (size > leaves_.size()) return absl::NotFoundError(FormatTilePath(id));
  TileCutter cutter;
  for (uint64_t i = 0; i < size; ++i) cutter.Append(LeafHash(leaves_[i]));
  std::vector<Tile> tiles = cutter.TakeFull();
  for (Tile& tile : cutter.Edge()) tiles.push_back(std::move(tile));
  for (const Tile& tile : tiles) {
    if (tile.id == id) return tile.bytes;
  }
  return absl::NotFoundError(FormatTilePath(id));
}

}  // namespace orrery::signing
