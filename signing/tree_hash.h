#ifndef SIGNING_TREE_HASH_H_
#define SIGNING_TREE_HASH_H_

#include <compare>
#include <cstdint>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/digest.h"

namespace orrery::signing {

// The identity of the content of a release (spec: trust.md §3; Go's
// dirhash.Hash1): a SHA-256 over the names and digests of its files. Modes,
// times and empty directories do not enter.
class TreeHash {
 public:
  struct File {
    absl::string_view path;  // below the release directory
    Digest digest;
  };

  // Of nothing: equal to no hash of files.
  TreeHash() = default;

  // In any order.
  static TreeHash Of(absl::string_view package, int64_t release,
                     std::span<const File> files);
  // `h1:` and 44 characters of base64; kInvalidArgument otherwise.
  static absl::StatusOr<TreeHash> Parse(absl::string_view text);

  // `h1:…`.
  std::string Text() const;

  bool operator==(const TreeHash&) const = default;
  auto operator<=>(const TreeHash&) const = default;

 private:
  explicit TreeHash(const Digest& digest) : digest_(digest) {}

  Digest digest_;
};

}  // namespace orrery::signing

#endif  // SIGNING_TREE_HASH_H_
