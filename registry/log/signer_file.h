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

// What a key has signed last, in a file. Thread-safe within one process, which
// holds the data directory.
class SignerFile : public signing::SignerStore {
 public:
  explicit SignerFile(std::string path) : path_(std::move(path)) {}

  absl::StatusOr<std::string> Read() override;
  absl::Status Replace(absl::string_view expected,
                       absl::string_view desired) override;

 private:
  const std::string path_;
  Mutex mutex_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_LOG_SIGNER_FILE_H_
