#ifndef REGISTRY_GIT_PACK_INDEX_H_
#define REGISTRY_GIT_PACK_INDEX_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

#include "registry/git/git_object.h"
#include "registry/git/regular_file.h"

namespace orrery::registry {

// Where the objects of a pack are: a file `.idx`, version 1 or 2
// (gitformat-pack(5)). Not thread-safe.
class PackIndex {
 public:
  // kNotFound; kDataLoss.
  static absl::StatusOr<PackIndex> Open(const std::string& path);

  // The offset of an object in the pack, which may be anything; nothing when
  // the object is not in the pack. kDataLoss when the file was cut off.
  absl::StatusOr<std::optional<uint64_t>> Find(const ObjectId& id);

 private:
  explicit PackIndex(RegularFile file) : file_(std::move(file)) {}
  absl::Status ReadFront();
  absl::StatusOr<uint64_t> OffsetOf(uint64_t entry);
  absl::StatusOr<uint64_t> Number(uint64_t offset, int bytes);

  RegularFile file_;
  bool first_version_ = false;
  // How many objects have a name whose first byte is that or less.
  std::array<uint32_t, 256> fanout_{};
};

}  // namespace orrery::registry

#endif  // REGISTRY_GIT_PACK_INDEX_H_
