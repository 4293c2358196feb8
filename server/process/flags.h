// Settings of orreryd: each by flag, ORRERY_* variable or config file, in this
// order of precedence.

#ifndef SERVER_PROCESS_FLAGS_H_
#define SERVER_PROCESS_FLAGS_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "server/http/listen_address.h"
#include "server/process/log.h"

namespace orrery::server {

struct Flags {
  bool help = false;
  bool version = false;
  std::string data_dir;
  ListenAddress http_listen = {"127.0.0.1", 7070};
  ListenAddress grpc_listen = {"127.0.0.1", 7071};
  // Nothing: text on a terminal, else JSON.
  std::optional<LogFormat> log_format;
  // By default as long as only loopback is listened on.
  bool allow_local_sources = true;
  // Between two looks at a source that nobody asks for.
  absl::Duration poll_interval = absl::Minutes(5);
  // A remote from which nothing useful came for so long is given up.
  absl::Duration stall_limit = absl::Seconds(60);
  // Of a new log; empty: made from host name and key.
  std::string log_origin;
  // Empty: none.
  std::string checkpoint_witness;
  // Nothing is logged.
  bool read_only = false;
  std::vector<std::string> allowed_hosts;
  std::vector<std::string> allowed_origins;
};

// Where settings come from besides the arguments.
struct FlagSources {
  // Null when the variable is not set.
  std::function<const char*(const char* name)> environment;
  std::function<absl::StatusOr<std::string>(const std::string& path)> read_file;
};

// `arguments` are those after the program's name. kInvalidArgument, which is
// exit code 64, for an unknown or doubled flag, a value that does not fit, and
// a listen address other than loopback without --insecure. With --help and
// --version nothing else is looked at.
absl::StatusOr<Flags> ParseFlags(const std::vector<std::string>& arguments,
                                 const FlagSources& sources);

// What --help prints.
std::string FlagsHelp();

}  // namespace orrery::server

#endif  // SERVER_PROCESS_FLAGS_H_
