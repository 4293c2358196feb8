#ifndef CLI_PLUGIN_COMMAND_FILE_WRITER_H_
#define CLI_PLUGIN_COMMAND_FILE_WRITER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace orrery::cli {

// Puts a file of these bytes in the place of `path`: who reads it sees the old
// bytes or the new ones. The message of a failure begins with the path.
absl::Status ReplaceFile(const std::string& path, absl::string_view bytes);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_COMMAND_FILE_WRITER_H_
