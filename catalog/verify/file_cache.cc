#include "catalog/verify/file_cache.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

#include "catalog/verify/stored_file.h"

namespace orrery::catalog {
namespace {

// Entries of 64 KiB each, as many as a bundle has.
constexpr int64_t kMaxTileBytes = int64_t{17} << 20;

}  // namespace

std::string FileCache::BlobPath(const signing::Digest& digest) const {
  const std::string hex = digest.Hex();
  return absl::StrCat(directory_, "/blob/", hex.substr(0, 2), "/",
                      hex.substr(2));
}

// By a digest: an origin has slashes.
std::string FileCache::TilePath(absl::string_view origin,
                                const signing::TileId& id) const {
  return absl::StrCat(directory_, "/log/",
                      signing::Digest::Of(origin).Hex().substr(0, 16), "/",
                      signing::FormatTilePath(id));
}

std::optional<std::string> FileCache::ReadBlob(const signing::Digest& digest,
                                               int64_t bytes) const {
  if (directory_.empty()) return std::nullopt;
  auto blob = ReadStoredFile(BlobPath(digest), bytes);
  if (!blob.ok() || signing::Digest::Of(*blob) != digest) return std::nullopt;
  return *std::move(blob);
}

void FileCache::KeepBlob(const signing::Digest& digest,
                         absl::string_view bytes) const {
  Keep(BlobPath(digest), bytes);
}

std::optional<std::string> FileCache::ReadTile(
    absl::string_view origin, const signing::TileId& id) const {
  if (directory_.empty()) return std::nullopt;
  auto tile = ReadStoredFile(TilePath(origin, id), kMaxTileBytes);
  if (!tile.ok()) return std::nullopt;
  return *std::move(tile);
}

bool FileCache::HasTile(absl::string_view origin,
                        const signing::TileId& id) const {
  return !directory_.empty() && access(TilePath(origin, id).c_str(), R_OK) == 0;
}

void FileCache::KeepTile(absl::string_view origin, const signing::TileId& id,
                         absl::string_view bytes) const {
  if (directory_.empty()) return;
  std::error_code ignored;
  const std::string partial =
      absl::StrCat(TilePath(origin, signing::FullTile(id)), ".p");
  std::filesystem::remove_all(partial, ignored);
  Keep(TilePath(origin, id), bytes);
}

void FileCache::Keep(const std::string& path, absl::string_view bytes) const {
  if (directory_.empty() || !MakeDirectories(ParentOf(path)).ok()) return;
  std::string draft = absl::StrCat(path, ".XXXXXX");
  const Descriptor file(mkostemp(draft.data(), O_CLOEXEC));
  if (!file.is_open()) return;
  while (!bytes.empty()) {
    const ssize_t written = write(file.number(), bytes.data(), bytes.size());
    if (written <= 0) break;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  if (!bytes.empty() || std::rename(draft.c_str(), path.c_str()) != 0) {
    unlink(draft.c_str());
  }
}

}  // namespace orrery::catalog
