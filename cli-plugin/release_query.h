#ifndef CLI_PLUGIN_RELEASE_QUERY_H_
#define CLI_PLUGIN_RELEASE_QUERY_H_

#include <string>

#include "absl/status/statusor.h"

#include "catalog/verify/verifier.h"

namespace orrery::cli {

// What `NAME`, `NAME@release=57` or `NAME@release=57#2` asks for; a usage error
// for anything else.
absl::StatusOr<catalog::ReleaseQuery> ReadReleaseQuery(const std::string& text);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_RELEASE_QUERY_H_
