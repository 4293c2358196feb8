#ifndef SERVER_PROCESS_CONFIG_FILE_H_
#define SERVER_PROCESS_CONFIG_FILE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orrery::server {

// Settings by name, each with its values; one for all but lists.
using Settings = std::map<std::string, std::vector<std::string>>;

// A TOML document whose keys are settings in snake_case and whose values are
// strings, booleans, integers or arrays of strings, for example
//   http_listen = "127.0.0.1:7070"
//   allowed_hosts = ["orrery.example"]
// kInvalidArgument with the line when it is anything else.
absl::StatusOr<Settings> ParseConfig(absl::string_view text);

}  // namespace orrery::server

#endif  // SERVER_PROCESS_CONFIG_FILE_H_
