#ifndef REGISTRY_FORMAT_RELEASE_PATH_H_
#define REGISTRY_FORMAT_RELEASE_PATH_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace orrery::registry {

// kInvalidArgument unless `name` is one component of a path in a release:
// `[A-Za-z0-9._+@=,~-]+`, at most 200 bytes, not `.`, `..` or `.git` in any
// case, and not ending in a dot (trust §5).
absl::Status CheckFileName(absl::string_view name);

// `path` for a report: bytes that are no printable UTF-8 are escaped.
std::string PrintablePath(absl::string_view path);

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_RELEASE_PATH_H_
