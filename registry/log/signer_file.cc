#include "registry/log/signer_file.h"

#include "absl/strings/str_cat.h"

#include "registry/store/durable_file.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {

absl::StatusOr<std::string> SignerFile::Read() {
  const MutexLock lock(&mutex_);
  return ReadWholeFile(path_);
}

absl::Status SignerFile::Replace(absl::string_view expected,
                                 absl::string_view desired) {
  const MutexLock lock(&mutex_);
  ORRERY_ASSIGN_OR_RETURN(const std::string stored, ReadWholeFile(path_));
  if (stored != expected) {
    return absl::AbortedError(
        absl::StrCat(path_, " was changed by somebody else"));
  }
  return WriteDurably(path_, desired);
}

}  // namespace orrery::registry
