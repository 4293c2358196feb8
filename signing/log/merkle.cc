#include "signing/log/merkle.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string>

#include "absl/strings/str_cat.h"

#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

// The largest power of two below `count`, which is at least 2.
uint64_t Split(uint64_t count) { return std::bit_floor(count - 1); }

// The root over the leaves [begin, end), where `begin` is a multiple of the
// least power of two that is no smaller than their number.
absl::StatusOr<Digest> RangeRoot(uint64_t begin, uint64_t end,
                                 HashReader& hashes) {
  const uint64_t count = end - begin;
  if (std::has_single_bit(count)) {
    const int level = std::countr_zero(count);
    return hashes.Subtree(level, begin >> level);
  }
  const uint64_t middle = begin + Split(count);
  ORRERY_ASSIGN_OR_RETURN(const Digest left, RangeRoot(begin, middle, hashes));
  ORRERY_ASSIGN_OR_RETURN(const Digest right, RangeRoot(middle, end, hashes));
  return NodeHash(left, right);
}

absl::Status NotIncluded(absl::string_view why) {
  return Refuse(RefusalCode::kLogInclusion,
                absl::StrCat("the inclusion proof does not hold: ", why));
}

absl::Status NotConsistent(absl::string_view why) {
  return Refuse(RefusalCode::kLogFork,
                absl::StrCat("the consistency proof does not hold: ", why));
}

// A node on the way from a leaf to the root: its index in its level, and that
// of the level's last node.
struct Climb {
  uint64_t node;
  uint64_t last;

  bool IsAtRoot() const { return last == 0; }
  // Whether its sibling stands to the left, levels without sibling passed over.
  bool HasLeftSibling() const { return (node & 1) != 0 || node == last; }
  void Up() {
    node >>= 1;
    last >>= 1;
  }
  // After a left sibling: past the levels in which the node has no sibling.
  void SkipLonely() {
    while ((node & 1) == 0 && node != 0) Up();
  }
};

}  // namespace

Digest LeafHash(absl::string_view leaf) {
  return Digest::Of(absl::StrCat(absl::string_view("\0", 1), leaf));
}

Digest NodeHash(const Digest& left, const Digest& right) {
  std::array<char, 1 + 2 * Digest::kSize> bytes;
  bytes[0] = '\x01';
  const auto rest =
      std::copy(left.bytes().begin(), left.bytes().end(), bytes.begin() + 1);
  std::copy(right.bytes().begin(), right.bytes().end(), rest);
  return Digest::Of({bytes.data(), bytes.size()});
}

void MerkleFrontier::Append(const Digest& leaf_hash) {
  subtrees_.push_back(leaf_hash);
  for (uint64_t bits = size_; (bits & 1) != 0; bits >>= 1) {
    const Digest right = subtrees_.back();
    subtrees_.pop_back();
    subtrees_.back() = NodeHash(subtrees_.back(), right);
  }
  ++size_;
}

Digest MerkleFrontier::Root() const {
  if (subtrees_.empty()) return Digest::Of("");
  Digest root = subtrees_.back();
  for (auto left = subtrees_.rbegin() + 1; left != subtrees_.rend(); ++left) {
    root = NodeHash(*left, root);
  }
  return root;
}

absl::StatusOr<Digest> TreeRoot(uint64_t size, HashReader& hashes) {
  if (size == 0) return Digest::Of("");
  return RangeRoot(0, size, hashes);
}

absl::StatusOr<std::vector<Digest>> ProveInclusion(uint64_t index,
                                                   uint64_t size,
                                                   HashReader& hashes) {
  if (index >= size) {
    return absl::InvalidArgumentError(
        absl::StrCat("a tree of size ", size, " has no leaf ", index));
  }
  std::vector<Digest> proof;
  uint64_t begin = 0;
  uint64_t end = size;
  while (end - begin > 1) {
    const uint64_t middle = begin + Split(end - begin);
    const bool is_left = index < middle;
    ORRERY_ASSIGN_OR_RETURN(const Digest sibling,
                            is_left ? RangeRoot(middle, end, hashes)
                                    : RangeRoot(begin, middle, hashes));
    proof.push_back(sibling);
    (is_left ? end : begin) = middle;
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

absl::StatusOr<std::vector<Digest>> ProveConsistency(uint64_t old_size,
                                                     uint64_t new_size,
                                                     HashReader& hashes) {
  if (old_size > new_size) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a tree of size ", new_size, " does not begin with ", old_size));
  }
  std::vector<Digest> proof;
  if (old_size == 0 || old_size == new_size) return proof;
  uint64_t begin = 0;
  uint64_t end = new_size;
  while (end != old_size) {
    const uint64_t middle = begin + Split(end - begin);
    const bool is_left = old_size <= middle;
    ORRERY_ASSIGN_OR_RETURN(const Digest sibling,
                            is_left ? RangeRoot(middle, end, hashes)
                                    : RangeRoot(begin, middle, hashes));
    proof.push_back(sibling);
    (is_left ? end : begin) = middle;
  }
  // The old root itself need not be told when it is a subtree.
  if (begin != 0) {
    ORRERY_ASSIGN_OR_RETURN(const Digest common, RangeRoot(begin, end, hashes));
    proof.push_back(common);
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

absl::Status CheckInclusion(std::span<const Digest> proof, uint64_t index,
                            uint64_t size, const Digest& leaf_hash,
                            const Digest& root) {
  if (index >= size) return NotIncluded("the tree is too small for the leaf");
  Climb climb{index, size - 1};
  Digest hash = leaf_hash;
  for (const Digest& sibling : proof) {
    if (climb.IsAtRoot()) return NotIncluded("it is too long");
    if (climb.HasLeftSibling()) {
      hash = NodeHash(sibling, hash);
      climb.SkipLonely();
    } else {
      hash = NodeHash(hash, sibling);
    }
    climb.Up();
  }
  if (!climb.IsAtRoot()) return NotIncluded("it is too short");
  if (hash != root) return NotIncluded("it leads to another root");
  return absl::OkStatus();
}

absl::Status CheckConsistency(std::span<const Digest> proof, uint64_t old_size,
                              const Digest& old_root, uint64_t new_size,
                              const Digest& new_root) {
  if (old_size > new_size) {
    return Refuse(RefusalCode::kLogRollback,
                  absl::StrCat("the log of size ", new_size,
                               " is older than one of size ", old_size));
  }
  if (old_size == new_size && old_root != new_root) {
    return Refuse(RefusalCode::kLogFork,
                  absl::StrCat("two logs of size ", old_size, " differ"));
  }
  if (old_size == 0 && old_root != Digest::Of("")) {
    return NotConsistent("the empty tree has another root");
  }
  if (old_size == 0 || old_size == new_size) {
    if (proof.empty()) return absl::OkStatus();
    return NotConsistent("it should be empty");
  }
  // An old tree that is complete is a subtree of the new one.
  const bool is_complete = std::has_single_bit(old_size);
  if (!is_complete && proof.empty()) return NotConsistent("it is too short");
  Climb climb{old_size - 1, new_size - 1};
  while ((climb.node & 1) != 0) climb.Up();
  Digest old_hash = is_complete ? old_root : proof[0];
  Digest new_hash = old_hash;
  for (const Digest& sibling : proof.subspan(is_complete ? 0 : 1)) {
    if (climb.IsAtRoot()) return NotConsistent("it is too long");
    if (climb.HasLeftSibling()) {
      old_hash = NodeHash(sibling, old_hash);
      new_hash = NodeHash(sibling, new_hash);
      climb.SkipLonely();
    } else {
      new_hash = NodeHash(new_hash, sibling);
    }
    climb.Up();
  }
  if (!climb.IsAtRoot()) return NotConsistent("it is too short");
  if (old_hash != old_root) return NotConsistent("the old root is another");
  if (new_hash != new_root) return NotConsistent("the new root is another");
  return absl::OkStatus();
}

}  // namespace orrery::signing
