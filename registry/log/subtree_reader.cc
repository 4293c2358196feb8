#include "registry/log/subtree_reader.h"

#include <cstddef>
#include <string>

#include "absl/strings/str_cat.h"

#include "signing/log/tile.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

using signing::Digest;

// Some checkpoints need other ones.
constexpr size_t kMaxKnown = 256;

}  // namespace

absl::StatusOr<Digest> SubtreeReader::Subtree(int level, uint64_t index) {
  const std::pair<int, uint64_t> place(level, index);
  const auto known = known_.find(place);
  if (known != known_.end()) return known->second;
  const int height = level % signing::kTileHeight;
  const int64_t width = int64_t{1} << height;
  ORRERY_ASSIGN_OR_RETURN(
      const std::string hashes,
      store_.Hashes(level / signing::kTileHeight,
                    static_cast<int64_t>(index) * width, width));
  if (hashes.size() != static_cast<size_t>(width) * Digest::kSize) {
    return LogDamage(
        absl::StrCat("the log lacks hashes of level ", level, " at ", index));
  }
  const Digest root = signing::TileSubtree(hashes, 0, height);
  if (known_.size() == kMaxKnown) known_.clear();
  known_.emplace(place, root);
  return root;
}

}  // namespace orrery::registry
