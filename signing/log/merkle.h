#ifndef SIGNING_LOG_MERKLE_H_
#define SIGNING_LOG_MERKLE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/digest.h"

namespace orrery::signing {

// The tree of RFC 6962 §2.1 with SHA-256 (spec: trust.md §11.1). Sizes and
// indexes are below 2^63.

// SHA-256(0x00 ‖ leaf): no leaf hashes like a node.
Digest LeafHash(absl::string_view leaf);
// SHA-256(0x01 ‖ left ‖ right).
Digest NodeHash(const Digest& left, const Digest& right);

// The root of a tree that only grows, by one hash for each bit that is set in
// its size.
class MerkleFrontier {
 public:
  void Append(const Digest& leaf_hash);

  uint64_t size() const { return size_; }
  // SHA-256("") when nothing was appended.
  Digest Root() const;

 private:
  uint64_t size_ = 0;
  // Roots of complete subtrees, the largest first.
  std::vector<Digest> subtrees_;
};

// Where a tree's hashes are kept.
class HashReader {
 public:
  virtual ~HashReader() = default;

  // The root of the complete subtree over the leaves [index·2^level,
  // (index + 1)·2^level).
  virtual absl::StatusOr<Digest> Subtree(int level, uint64_t index) = 0;
};

inline constexpr size_t kMaxProofHashes = 63;

// The root over the first `size` leaves.
absl::StatusOr<Digest> TreeRoot(uint64_t size, HashReader& hashes);

// From the leaf upwards. kInvalidArgument unless index < size.
absl::StatusOr<std::vector<Digest>> ProveInclusion(uint64_t index,
                                                   uint64_t size,
                                                   HashReader& hashes);
// In the order of RFC 6962 §2.1.2; empty where `old_size` is 0 or `new_size`.
// kInvalidArgument unless old_size <= new_size.
absl::StatusOr<std::vector<Digest>> ProveConsistency(uint64_t old_size,
                                                     uint64_t new_size,
                                                     HashReader& hashes);

// RFC 9162 §2.1.3.2: the refusal log.inclusion unless `proof` leads, to its
// last hash, from the leaf to `root`. Proves nothing unless somebody answers
// for the root: in a tree of one leaf any hash is a root.
absl::Status CheckInclusion(std::span<const Digest> proof, uint64_t index,
                            uint64_t size, const Digest& leaf_hash,
                            const Digest& root);

// RFC 9162 §2.1.4.2: the refusal log.fork unless `proof` shows that the tree
// of `new_size` begins with that of `old_size`; log.rollback if that is larger.
absl::Status CheckConsistency(std::span<const Digest> proof, uint64_t old_size,
                              const Digest& old_root, uint64_t new_size,
                              const Digest& new_root);

}  // namespace orrery::signing

#endif  // SIGNING_LOG_MERKLE_H_
