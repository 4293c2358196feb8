// What holds for every command: flags before environment before default.

#ifndef CLI_PLUGIN_COMMAND_SETTINGS_H_
#define CLI_PLUGIN_COMMAND_SETTINGS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cli-plugin/command/command_tree.h"

namespace orrery::cli {

enum class OutputFormat : uint8_t {
  kTable,
  kWide,
  kJson,
  kYaml,
  kJsonl,
  kName
};

enum class ColourMode : uint8_t { kAuto, kAlways, kNever };

// The value of a variable, or empty when it is not set.
using Environment = std::function<std::string(absl::string_view)>;

struct Settings {
  // Without a slash at the end.
  std::string server = "http://127.0.0.1:7070";
  OutputFormat output = OutputFormat::kTable;
  ColourMode colour = ColourMode::kAuto;
  bool quiet = false;
  int verbosity = 0;
  bool no_input = false;
  bool assume_yes = false;
  // How long a command may wait; nothing when the user did not say.
  std::optional<absl::Duration> timeout;
  // Absolute; empty when there is no home.
  std::string cache_dir;
  std::string config_dir;
  std::string state_dir;
  // Of the environment, as it is; empty: none.
  std::string policy;
};

// The flags that every command takes.
std::vector<Flag> GlobalFlags();

// kInvalidArgument (exit 64) for a value that is none of its flag's.
absl::StatusOr<Settings> ReadSettings(const Invocation& invocation,
                                      const Environment& environment);

// Whether errors are to be written as JSON, from the raw words: also for a
// command line that does not parse.
bool WantsJson(std::span<const std::string> words);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_COMMAND_SETTINGS_H_
