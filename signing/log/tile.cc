#include "signing/log/tile.h"

#include <limits>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "signing/encoding.h"
#include "signing/log/merkle.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

constexpr uint64_t kMaxIndex =
    std::numeric_limits<int64_t>::max() >> kTileHeight;

// Groups of three digits, all but the last with an x before them.
std::string FormatIndex(uint64_t index) {
  std::string text = absl::StrFormat("%03d", index % 1000);
  for (index /= 1000; index != 0; index /= 1000) {
    text = absl::StrFormat("x%03d/%s", index % 1000, text);
  }
  return text;
}

absl::StatusOr<TileId> ParseParts(absl::string_view path) {
  std::vector<absl::string_view> parts = absl::StrSplit(path, '/');
  if (parts.size() < 3 || parts[0] != "tile") {
    return absl::InvalidArgumentError("its form is another");
  }
  TileId id;
  if (parts[1] == "entries") {
    id.level = TileId::kEntries;
  } else {
    ORRERY_ASSIGN_OR_RETURN(id.level,
                            ParseDecimal(parts[1], TileId::kMaxLevel));
  }
  size_t end = parts.size();
  if (absl::ConsumeSuffix(&parts[end - 2], ".p")) {
    --end;
    ORRERY_ASSIGN_OR_RETURN(id.width, ParseDecimal(parts[end], kTileWidth - 1));
  }
  // More groups than the largest index has would not fit.
  if (end > 2 + 6) return absl::InvalidArgumentError("it is too long");
  std::string digits;
  for (size_t i = 2; i < end; ++i) {
    absl::ConsumePrefix(&parts[i], "x");
    absl::StrAppend(&digits, parts[i]);
  }
  const size_t zeros = digits.find_first_not_of('0');
  ORRERY_ASSIGN_OR_RETURN(
      id.index, ParseDecimal(zeros == std::string::npos
                                 ? "0"
                                 : absl::string_view(digits).substr(zeros),
                             kMaxIndex));
  return id;
}

}  // namespace

std::string FormatTilePath(const TileId& id) {
  return absl::StrCat(
      "tile/",
      id.level == TileId::kEntries ? "entries" : absl::StrCat(id.level), "/",
      FormatIndex(id.index), id.is_full() ? "" : absl::StrCat(".p/", id.width));
}

absl::StatusOr<TileId> ParseTilePath(absl::string_view path) {
  absl::StatusOr<TileId> id = ParseParts(path);
  // Each tile has one path: what was read is to be what would be written.
  if (!id.ok() || id->width == 0 || FormatTilePath(*id) != path) {
    return Refuse(RefusalCode::kLogTile,
                  absl::StrCat("'", absl::CHexEscape(path.substr(0, 80)),
                               "' is no path of a tile"));
  }
  return id;
}

uint64_t TileLevelSize(uint64_t size, int level) {
  const int shift = level * kTileHeight;
  return shift < 64 ? size >> shift : 0;
}

Digest TileHash(absl::string_view bytes, int i) {
  return *Digest::FromBytes(
      bytes.substr(static_cast<size_t>(i) * Digest::kSize, Digest::kSize));
}

Digest TileSubtree(absl::string_view bytes, int first, int height) {
  if (height == 0) return TileHash(bytes, first);
  const int half = 1 << (height - 1);
  return NodeHash(TileSubtree(bytes, first, height - 1),
                  TileSubtree(bytes, first + half, height - 1));
}

}  // namespace orrery::signing
