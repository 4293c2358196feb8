#include "signing/log/merkle.h"

#include <bit>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "signing/refusal_matchers.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::signing {
namespace {

// MTH of RFC 6962 §2.1, as it is written there.
Digest Mth(std::span<const Digest> leaves) {
  if (leaves.empty()) return Digest::Of("");
  if (leaves.size() == 1) return leaves[0];
  const size_t k = std::bit_floor(leaves.size() - 1);
  return NodeHash(Mth(leaves.first(k)), Mth(leaves.subspan(k)));
}

class Leaves final : public HashReader {
 public:
  explicit Leaves(std::vector<Digest> hashes) : hashes_(std::move(hashes)) {}
  explicit Leaves(int count) {
    for (int i = 0; i < count; ++i) {
      hashes_.push_back(LeafHash(absl::StrCat("leaf ", i)));
    }
  }

  absl::StatusOr<Digest> Subtree(int level, uint64_t index) override {
    return Mth(
        std::span(hashes_).subspan(index << level, uint64_t{1} << level));
  }

  const Digest& operator[](size_t i) const { return hashes_[i]; }
  Digest Root(size_t size) const { return Mth(std::span(hashes_).first(size)); }

 private:
  std::vector<Digest> hashes_;
};

// The tree of certificate-transparency's tests (trust.md §23).
constexpr const char* kCtLeaves[] = {"",
                                     "00",
                                     "10",
                                     "2021",
                                     "3031",
                                     "40414243",
                                     "5051525354555657",
                                     "606162636465666768696a6b6c6d6e6f"};
constexpr const char* kCtRoots[] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

TEST(MerkleTest, RootsAreThoseOfTheCtTree) {
  MerkleFrontier frontier;
  EXPECT_EQ(frontier.Root().Hex(), kCtRoots[0]);
  std::vector<Digest> hashes;
  for (size_t i = 0; i < std::size(kCtLeaves); ++i) {
    hashes.push_back(LeafHash(absl::HexStringToBytes(kCtLeaves[i])));
    frontier.Append(hashes.back());
    EXPECT_EQ(frontier.size(), i + 1);
    EXPECT_EQ(frontier.Root().Hex(), kCtRoots[i + 1]);
  }
  Leaves leaves(hashes);
  for (size_t size = 0; size <= hashes.size(); ++size) {
    EXPECT_EQ(TreeRoot(size, leaves)->Hex(), kCtRoots[size]);
  }
}

// RFC 6962 §2.1.3 draws the proofs for a tree of seven leaves.
TEST(MerkleTest, ProofsAreThoseOfTheRfc) {
  Leaves d(7);
  const Digest g = NodeHash(d[0], d[1]);
  const Digest h = NodeHash(d[2], d[3]);
  const Digest i = NodeHash(d[4], d[5]);
  const Digest k = NodeHash(g, h);
  const Digest l = NodeHash(i, d[6]);
  using Proof = std::vector<Digest>;
  EXPECT_THAT(ProveInclusion(0, 7, d), IsOkAndHolds(Proof{d[1], h, l}));
  EXPECT_THAT(ProveInclusion(3, 7, d), IsOkAndHolds(Proof{d[2], g, l}));
  EXPECT_THAT(ProveInclusion(4, 7, d), IsOkAndHolds(Proof{d[5], d[6], k}));
  EXPECT_THAT(ProveInclusion(6, 7, d), IsOkAndHolds(Proof{i, k}));
  EXPECT_THAT(ProveConsistency(3, 7, d), IsOkAndHolds(Proof{d[2], d[3], g, l}));
  EXPECT_THAT(ProveConsistency(4, 7, d), IsOkAndHolds(Proof{l}));
  EXPECT_THAT(ProveConsistency(6, 7, d), IsOkAndHolds(Proof{i, d[6], k}));
}

constexpr int kSizes = 40;

TEST(MerkleTest, EveryInclusionIsProvedAndNoOtherProofHolds) {
  Leaves leaves(kSizes);
  for (uint64_t size = 1; size <= kSizes; ++size) {
    const Digest root = leaves.Root(size);
    for (uint64_t index = 0; index < size; ++index) {
      const std::vector<Digest> proof = *ProveInclusion(index, size, leaves);
      const Digest& leaf = leaves[index];
      ASSERT_THAT(CheckInclusion(proof, index, size, leaf, root), IsOk());
      const auto refused = Refused(RefusalCode::kLogInclusion);
      std::vector<Digest> longer = proof;
      longer.push_back(root);
      EXPECT_THAT(CheckInclusion(longer, index, size, leaf, root), refused);
      EXPECT_THAT(CheckInclusion(proof, index + 1, size, leaf, root), refused);
      if (proof.empty()) continue;
      const std::span<const Digest> shorter =
          std::span(proof).first(proof.size() - 1);
      EXPECT_THAT(CheckInclusion(shorter, index, size, leaf, root), refused);
      EXPECT_THAT(CheckInclusion({}, index, size, leaf, root), refused);
      std::vector<Digest> other = proof;
      other[0] = root;
      EXPECT_THAT(CheckInclusion(other, index, size, leaf, root), refused);
    }
    EXPECT_THAT(ProveInclusion(size, size, leaves),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST(MerkleTest, EveryConsistencyIsProvedAndNoOtherProofHolds) {
  Leaves leaves(kSizes);
  const Digest wrong = Digest::Of("wrong");
  const auto refused = Refused(RefusalCode::kLogFork);
  for (uint64_t new_size = 0; new_size <= kSizes; ++new_size) {
    const Digest new_root = leaves.Root(new_size);
    for (uint64_t old_size = 0; old_size <= new_size; ++old_size) {
      const Digest old_root = leaves.Root(old_size);
      std::vector<Digest> proof = *ProveConsistency(old_size, new_size, leaves);
      const auto check = [&](const Digest& old_hash, const Digest& new_hash) {
        return CheckConsistency(proof, old_size, old_hash, new_size, new_hash);
      };
      ASSERT_THAT(check(old_root, new_root), IsOk());
      EXPECT_THAT(check(wrong, new_root), refused);
      if (old_size != 0) {
        EXPECT_THAT(check(old_root, wrong), refused);
      }
      proof.push_back(wrong);
      EXPECT_THAT(check(old_root, new_root), refused);
      proof.pop_back();
      if (proof.empty()) continue;
      const Digest last = proof.back();
      proof.back() = wrong;
      EXPECT_THAT(check(old_root, new_root), refused);
      proof.back() = last;
      proof.pop_back();
      EXPECT_THAT(check(old_root, new_root), refused);
    }
  }
}

TEST(MerkleTest, ASmallerTreeIsARollback) {
  Leaves leaves(4);
  EXPECT_THAT(CheckConsistency({}, 4, leaves.Root(4), 3, leaves.Root(3)),
              Refused(RefusalCode::kLogRollback));
  EXPECT_THAT(ProveConsistency(4, 3, leaves),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(MerkleTest, TwoRootsOfOneSizeAreAFork) {
  Leaves leaves(4);
  EXPECT_THAT(CheckConsistency({}, 4, leaves.Root(4), 4, leaves.Root(3)),
              Refused(RefusalCode::kLogFork));
}

// 65 bytes that begin with 0x01 are no leaf: the prefixes part them.
TEST(MerkleTest, AnInteriorNodeIsNoLeaf) {
  Leaves leaves(4);
  const Digest left = NodeHash(leaves[0], leaves[1]);
  const Digest right = NodeHash(leaves[2], leaves[3]);
  const std::string node =
      absl::StrCat("\x01", leaves[0].bytes(), leaves[1].bytes());
  EXPECT_EQ(Digest::Of(node), left);
  EXPECT_THAT(
      CheckInclusion(std::vector{right}, 0, 2, LeafHash(node), leaves.Root(4)),
      Refused(RefusalCode::kLogInclusion));
}

// The root here is one that the wrong length would lead to.
TEST(MerkleTest, AProofHasExactlyTheLengthOfItsTree) {
  Leaves leaves(4);
  const Digest parent = NodeHash(leaves[1], leaves[0]);
  EXPECT_THAT(CheckInclusion(std::vector{leaves[1]}, 0, 1, leaves[0], parent),
              Refused(RefusalCode::kLogInclusion));
  EXPECT_THAT(CheckInclusion({}, 1, 2, leaves[1], leaves[1]),
              Refused(RefusalCode::kLogInclusion));
  const Digest root = leaves.Root(2);
  EXPECT_THAT(CheckConsistency({}, 2, root, 4, root),
              Refused(RefusalCode::kLogFork));
  EXPECT_THAT(CheckConsistency(std::vector{root}, 3, root, 4, root),
              Refused(RefusalCode::kLogFork));
}

TEST(MerkleTest, HugeSizesAreChecked) {
  const uint64_t size = (uint64_t{1} << 63) - 1;
  const std::vector<Digest> proof(kMaxProofHashes);
  EXPECT_THAT(CheckInclusion(proof, size - 1, size, Digest(), Digest()),
              Refused(RefusalCode::kLogInclusion));
  EXPECT_THAT(CheckConsistency(proof, size - 1, Digest(), size, Digest()),
              Refused(RefusalCode::kLogFork));
}

}  // namespace
}  // namespace orrery::signing
