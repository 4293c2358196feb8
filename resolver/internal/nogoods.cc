#include "resolver/internal/nogoods.h"

namespace orrery::resolver::internal {

Nogoods::Nogoods() {
  nogoods_.reserve(kRoom);
  terms_.reserve(2 * kRoom);
}

NogoodId Nogoods::AddGiven(std::span<const Term> terms, LeafId leaf) {
  nogoods_.push_back({static_cast<uint32_t>(terms_.size()),
                      static_cast<uint32_t>(terms.size()), leaf});
  terms_.insert(terms_.end(), terms.begin(), terms.end());
  return static_cast<NogoodId>(nogoods_.size() - 1);
}

NogoodId Nogoods::AddLearned(std::span<const Term> terms,
                             std::span<const int32_t> parents) {
  const NogoodId id = AddGiven(terms, kNoLeaf);
  nogoods_[id].parents = static_cast<uint32_t>(parents_.size());
  nogoods_[id].parent_count = static_cast<uint32_t>(parents.size());
  parents_.insert(parents_.end(), parents.begin(), parents.end());
  return id;
}

}  // namespace orrery::resolver::internal
