// What git objects say. Bytes in, values out; anybody may have written the
// bytes.

#ifndef REGISTRY_GIT_GIT_OBJECT_H_
#define REGISTRY_GIT_GIT_OBJECT_H_

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace orrery::registry {

// The name of an object, a SHA-1.
struct ObjectId {
  std::array<uint8_t, 20> bytes{};

  // kInvalidArgument unless 40 hex digits.
  static absl::StatusOr<ObjectId> ParseHex(absl::string_view hex);
  std::string Hex() const;

  bool operator==(const ObjectId&) const = default;
  auto operator<=>(const ObjectId&) const = default;
};

struct TreeEntry {
  // Any bytes but NUL, at least one.
  std::string name;
  uint32_t mode = 0;
  ObjectId id;

  bool operator==(const TreeEntry&) const = default;
};

struct CommitFacts {
  ObjectId tree;
  std::optional<ObjectId> first_parent;
  // Behind the first.
  std::vector<ObjectId> other_parents;
  // The committer's, between the years 1970 and 9999.
  absl::Time time;
};

// The entries of a tree in its own order. kDataLoss when it is malformed.
absl::StatusOr<std::vector<TreeEntry>> ParseTree(absl::string_view bytes);

// The entry called `name`; nothing when there is none. Keeps nothing of the
// other entries. kDataLoss when the tree is malformed or has two.
absl::StatusOr<std::optional<TreeEntry>> FindTreeEntry(absl::string_view bytes,
                                                       absl::string_view name);

// kDataLoss when it is malformed.
absl::StatusOr<CommitFacts> ParseCommit(absl::string_view bytes);

// What an annotated tag names. kDataLoss when it is malformed.
absl::StatusOr<ObjectId> ParseTag(absl::string_view bytes);

}  // namespace orrery::registry

#endif  // REGISTRY_GIT_GIT_OBJECT_H_
