#ifndef CLI_PLUGIN_COMMAND_FILE_READER_H_
#define CLI_PLUGIN_COMMAND_FILE_READER_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

namespace orrery::cli {

// The first `max_bytes` of a file. kNotFound or kInvalidArgument; the message
// begins with the path: "opts.json is a directory".
absl::StatusOr<std::string> ReadFileUpTo(const std::string& path,
                                         size_t max_bytes);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_COMMAND_FILE_READER_H_
