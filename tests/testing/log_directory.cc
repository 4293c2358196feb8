#include "tests/testing/log_directory.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "signing/log/entry_bundle.h"
#include "signing/log/merkle.h"
#include "signing/log/tile_cutter.h"

namespace orrery::tests {
namespace {

std::string NameOf(const signing::TileId& id) {
  return absl::StrCat("log/", signing::FormatTilePath(id));
}

}  // namespace

void LogDirectory::Write(const std::string& name,
                         absl::string_view bytes) const {
  const std::filesystem::path path = path_ / name;
  std::filesystem::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!file.flush()) std::abort();
}

absl::StatusOr<std::string> LogDirectory::Read(const std::string& name) const {
  std::ifstream file(path_ / name, std::ios::binary);
  if (!file) return absl::NotFoundError(name);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

absl::StatusOr<std::string> LogDirectory::ReadTile(const signing::TileId& id) {
  return Read(NameOf(id));
}

void LogDirectory::WriteTile(const signing::TileId& id,
                             absl::string_view bytes) const {
  Write(NameOf(id), bytes);
}

signing::Digest LogDirectory::WriteTiles(
    uint64_t size, absl::FunctionRef<std::string(uint64_t)> leaf) const {
  signing::TileCutter cutter;
  std::string bundle;
  for (uint64_t i = 0; i < size; ++i) {
    const std::string bytes = leaf(i);
    cutter.Append(signing::LeafHash(bytes));
    signing::AppendEntry(bytes, bundle);
    const int width = static_cast<int>(i % signing::kTileWidth) + 1;
    if (width < signing::kTileWidth && i + 1 < size) continue;
    WriteTile({signing::TileId::kEntries, i / signing::kTileWidth, width},
              bundle);
    bundle.clear();
  }
  for (const signing::Tile& tile : cutter.TakeFull()) {
    WriteTile(tile.id, tile.bytes);
  }
  for (const signing::Tile& tile : cutter.Edge()) {
    WriteTile(tile.id, tile.bytes);
  }
  return cutter.Root();
}

}  // namespace orrery::tests
