// The three standard streams and what each of them is.

#ifndef CLI_PLUGIN_COMMAND_TERMINAL_H_
#define CLI_PLUGIN_COMMAND_TERMINAL_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli-plugin/command/settings.h"

namespace orrery::cli {

// Borrowed streams.
struct Streams {
  std::ostream* out = nullptr;
  std::ostream* err = nullptr;
  // Standard input to its end, or one line of it without the line end (empty at
  // the end of input). kCancelled when the user interrupted.
  std::function<absl::StatusOr<std::string>()> read_all;
  std::function<absl::StatusOr<std::string>()> read_line;
  bool in_is_terminal = false;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  // Columns of the terminal.
  int width = 80;
};

enum class Colour : uint8_t { kNone, kBold, kDim, kGreen, kYellow, kRed };

// Where a command writes. Data goes to standard output; everything for people
// goes to standard error, and with JSON output only warnings and errors do, one
// JSON document a line.
class Terminal {
 public:
  // `streams` outlives this.
  Terminal(const Streams* streams, const Settings& settings);

  // Data, as it is.
  void Data(absl::string_view text);
  // Hands over what was written; false when the reader or the disk refused it.
  bool FlushData();

  // A line for people; silent with --quiet or JSON output.
  void Note(absl::string_view line);
  // A line for people, only with -v.
  void Detail(absl::string_view line);
  void Warn(absl::string_view text);
  // A state of something that takes time: on a terminal it replaces the one
  // before, else it is a line, and only when it differs.
  void Progress(absl::string_view text);
  void EndProgress();

  // Whether warnings and errors are JSON documents; a failure is one of them.
  bool writes_json() const { return writes_json_; }

  // Whether somebody can be asked.
  bool CanAsk() const;
  // Asks on standard error. OK for y or yes; else a status that says that
  // nothing was changed.
  absl::Status Confirm(absl::string_view question);

  // `text` in colour, for standard output or error.
  std::string OnOut(Colour colour, absl::string_view text) const;
  std::string OnErr(Colour colour, absl::string_view text) const;

  // Columns for data; nothing when standard output is no terminal.
  std::optional<int> DataWidth() const;
  const Streams& streams() const { return *streams_; }

 private:
  const Streams* streams_;
  bool writes_json_;
  bool quiet_;
  bool verbose_;
  bool may_ask_;
  bool colour_out_;
  bool colour_err_;
  std::string progress_;
};

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_COMMAND_TERMINAL_H_
