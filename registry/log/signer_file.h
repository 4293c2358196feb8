#ifndef REGISTRY_LOG_SIGNER_FILE_H_
#define REGISTRY_LOG_SIGNER_FILE_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/log/consistency_guard.h"
#include "third_party/absl/mutex.h"

namespace orrery::registry {

// What a key has signed last, in a file that begins as that text alone. From
// the first Replace on it has two places of fixed size, each with a number and
// a checksum: the higher number is in force, and a write goes to the other
// place, so that one that is cut short leaves the state before. Since neither
// the size nor the name of the file changes, a write waits once for the disk.
// Thread-safe within one process, which holds the data directory.
class SignerFile : public signing::SignerStore {
 public:
  explicit SignerFile(std::string path) : path_(std::move(path)) {}

  // A file where neither place is whole is returned as it is.
  absl::StatusOr<std::string> Read() override;
  // kInvalidArgument for more than fits in a place, about 4,000 bytes.
  absl::Status Replace(absl::string_view expected,
                       absl::string_view desired) override;

 private:
  const std::string path_;
  Mutex mutex_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_LOG_SIGNER_FILE_H_
