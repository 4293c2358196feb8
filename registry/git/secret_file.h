#ifndef REGISTRY_GIT_SECRET_FILE_H_
#define REGISTRY_GIT_SECRET_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orrery::registry {

// The one line that a file holds, without white space around it.
// kFailedPrecondition, naming `what` and the file and nothing of its contents,
// when it cannot be read, is no regular file, is empty, has several lines or
// more than 4 KiB.
absl::StatusOr<std::string> ReadSecretFile(const std::string& file,
                                           absl::string_view what);

}  // namespace orrery::registry

#endif  // REGISTRY_GIT_SECRET_FILE_H_
