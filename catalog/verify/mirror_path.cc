#include "catalog/verify/mirror_path.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using signing::Digest;

constexpr char kBlobs[] = "blob/sha256/";
constexpr char kCatalogs[] = "catalog/";
constexpr char kLeaves[] = "leaf/";
constexpr char kLog[] = "log/";
// Of a digest, which name a folder of blobs.
constexpr size_t kFolderDigits = 2;

absl::StatusOr<MirrorPath> ByDigest(MirrorPath::Kind kind,
                                    absl::string_view hex) {
  MirrorPath path{.kind = kind};
  ORRERY_ASSIGN_OR_RETURN(path.digest, Digest::ParseHex(hex));
  return path;
}

absl::StatusOr<MirrorPath> ParseBlob(absl::string_view rest) {
  if (rest.size() <= kFolderDigits || rest[kFolderDigits] != '/') {
    return absl::InvalidArgumentError("a blob has two digits before the rest");
  }
  return ByDigest(MirrorPath::Kind::kBlob,
                  absl::StrCat(rest.substr(0, kFolderDigits),
                               rest.substr(kFolderDigits + 1)));
}

}  // namespace

std::string BlobPath(const Digest& digest) {
  const std::string hex = digest.Hex();
  return absl::StrCat(kBlobs, hex.substr(0, kFolderDigits), "/",
                      hex.substr(kFolderDigits));
}

std::string CatalogPath(const Digest& digest) {
  return absl::StrCat(kCatalogs, digest.Hex());
}

std::string TilePath(const signing::TileId& id) {
  return absl::StrCat(kLog, signing::FormatTilePath(id));
}

absl::StatusOr<MirrorPath> ParseMirrorPath(absl::string_view path) {
  absl::string_view rest = path;
  if (path == kCheckpointPath) return MirrorPath{};
  if (absl::ConsumePrefix(&rest, kBlobs)) return ParseBlob(rest);
  if (absl::ConsumePrefix(&rest, kCatalogs)) {
    return ByDigest(MirrorPath::Kind::kCatalog, rest);
  }
  if (absl::ConsumePrefix(&rest, kLeaves)) {
    return ByDigest(MirrorPath::Kind::kLeaf, rest);
  }
  if (!absl::ConsumePrefix(&rest, kLog)) {
    return absl::InvalidArgumentError("is no file of a mirror");
  }
  const auto tile = signing::ParseTilePath(rest);
  if (!tile.ok()) return absl::InvalidArgumentError("is no tile of a log");
  return MirrorPath{.kind = MirrorPath::Kind::kTile, .tile = *tile};
}

}  // namespace orrery::catalog
