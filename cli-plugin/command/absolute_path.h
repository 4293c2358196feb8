#ifndef CLI_PLUGIN_COMMAND_ABSOLUTE_PATH_H_
#define CLI_PLUGIN_COMMAND_ABSOLUTE_PATH_H_

#include <string>

#include "absl/strings/string_view.h"

namespace orrery::cli {

// `path` below `directory` unless it is absolute, without `.` and `..` steps
// and without a slash at the end. Looks at no file.
std::string AbsolutePath(absl::string_view path, absl::string_view directory);

// The same for what a source may be: a path and what follows `file://` are made
// absolute, other URLs and `user@host:path` stay.
std::string AbsoluteUrl(absl::string_view url, absl::string_view directory);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_COMMAND_ABSOLUTE_PATH_H_
