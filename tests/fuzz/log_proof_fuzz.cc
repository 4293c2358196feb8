// Any bytes as a proof file and as lines of hashes, and the hashes then as
// proofs in a small log: only the log's own proofs hold.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "signing/digest.h"
#include "signing/log/merkle.h"
#include "signing/log/tlog_proof.h"

namespace {

namespace signing = orrery::signing;

void Require(bool holds) {
  if (!holds) std::abort();
}

// Leaves "0", "1" ….
class SmallLog final : public signing::HashReader {
 public:
  absl::StatusOr<signing::Digest> Subtree(int level, uint64_t index) override {
    signing::MerkleFrontier frontier;
    for (uint64_t i = index << level; i < (index + 1) << level; ++i) {
      frontier.Append(signing::LeafHash(absl::StrCat(i)));
    }
    return frontier.Root();
  }
};

void CheckProofs(const std::vector<signing::Digest>& hashes, uint64_t index) {
  constexpr uint64_t kSize = 7;
  SmallLog log;
  const signing::Digest root = *signing::TreeRoot(kSize, log);
  const bool is_included =
      signing::CheckInclusion(hashes, index, kSize,
                              signing::LeafHash(absl::StrCat(index)), root)
          .ok();
  const auto inclusion = signing::ProveInclusion(index, kSize, log);
  Require(is_included == (inclusion.ok() && *inclusion == hashes));
  for (uint64_t old_size = 0; old_size <= kSize; ++old_size) {
    const bool is_consistent =
        signing::CheckConsistency(
            hashes, old_size, *signing::TreeRoot(old_size, log), kSize, root)
            .ok();
    Require(is_consistent ==
            (*signing::ProveConsistency(old_size, kSize, log) == hashes));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto hashes = signing::ParseHashLines(bytes);
  if (hashes.ok()) {
    Require(signing::FormatHashLines(*hashes) == bytes);
    CheckProofs(*hashes, 0);
  }
  const auto proof = signing::ParseTlogProof(bytes);
  if (!proof.ok()) return 0;
  Require(signing::FormatTlogProof(*proof) == bytes);
  CheckProofs(proof->hashes, proof->index);
  // Whatever the size, a proof is judged at once.
  constexpr uint64_t kHuge = (uint64_t{1} << 63) - 1;
  Require(!signing::CheckInclusion(proof->hashes, proof->index, kHuge,
                                   signing::Digest(), signing::Digest())
               .ok());
  return 0;
}
