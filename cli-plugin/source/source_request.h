// Requests about one source, and how their failures end.

#ifndef CLI_PLUGIN_SOURCE_SOURCE_REQUEST_H_
#define CLI_PLUGIN_SOURCE_SOURCE_REQUEST_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace orrery::cli {

// "/v1/sources/universe".
std::string SourcePath(absl::string_view name);

// The server's own codes mean other things here: a source that cannot be read
// is a failure (exit 1), one that does not exist is not found.
absl::Status SourceFailure(absl::Status status);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_SOURCE_SOURCE_REQUEST_H_
