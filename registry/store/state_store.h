// The small mutable state: sources, services, operations. Keys are paths
// (`sources/universe`), values are bytes.

#ifndef REGISTRY_STORE_STATE_STORE_H_
#define REGISTRY_STORE_STATE_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orrery::registry {

struct StateEntry {
  std::string key;
  std::string value;
  // Revision of the write that made this value; grows with every commit.
  int64_t revision = 0;
};

// One change of a commit.
struct StateWrite {
  std::string key;
  // Nothing deletes the key.
  std::optional<std::string> value;
  // When set, the commit fails unless the key has this revision; 0 means that
  // it must not exist.
  std::optional<int64_t> expected_revision;
};

// Thread-safe. A commit is durable when it returns.
class StateStore {
 public:
  virtual ~StateStore() = default;

  // kNotFound when there is no such key.
  virtual absl::StatusOr<StateEntry> Get(absl::string_view key) = 0;
  // All entries whose key begins with `prefix`, by key.
  virtual absl::StatusOr<std::vector<StateEntry>> List(
      absl::string_view prefix) = 0;
  // All writes or none; the new revision. kAborted, naming the key, when an
  // expected revision does not hold; kResourceExhausted when the disk is full.
  virtual absl::StatusOr<int64_t> Commit(
      const std::vector<StateWrite>& writes) = 0;
};

}  // namespace orrery::registry

#endif  // REGISTRY_STORE_STATE_STORE_H_
