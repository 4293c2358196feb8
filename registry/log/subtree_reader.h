#ifndef REGISTRY_LOG_SUBTREE_READER_H_
#define REGISTRY_LOG_SUBTREE_READER_H_

#include <cstdint>
#include <map>
#include <utility>

#include "absl/status/statusor.h"

#include "registry/log/log_store.h"
#include "signing/digest.h"
#include "signing/log/merkle.h"

namespace orrery::registry {

// Roots of subtrees of the stored log. Keeps some, since the proofs of two
// checkpoints share most of theirs, and what is stored never changes. Not
// thread-safe.
class SubtreeReader : public signing::HashReader {
 public:
  // `store` must outlive this.
  explicit SubtreeReader(LogStore* store) : store_(*store) {}

  // kDataLoss for a subtree that the log does not have.
  absl::StatusOr<signing::Digest> Subtree(int level, uint64_t index) override;

 private:
  LogStore& store_;
  // By level and index.
  std::map<std::pair<int, uint64_t>, signing::Digest> known_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_LOG_SUBTREE_READER_H_
