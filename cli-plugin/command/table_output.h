#ifndef CLI_PLUGIN_COMMAND_TABLE_OUTPUT_H_
#define CLI_PLUGIN_COMMAND_TABLE_OUTPUT_H_

#include <string>
#include <vector>

#include "cli-plugin/command/terminal.h"

namespace orrery::cli {

struct Column {
  std::string title = {};
  // Only with -o wide.
  bool wide = false;
};

struct Cell {
  // Foreign text; made printable when written.
  std::string text = {};
  Colour colour = Colour::kNone;
};

struct Table {
  std::vector<Column> columns = {};
  // A cell for each column, wide ones included.
  std::vector<std::vector<Cell>> rows = {};
};

// Aligned columns two spaces apart under upper-case titles; nothing at all
// without rows. On a terminal the last column is cut to fit, in a file nothing
// is.
std::string WriteTable(const Table& table, bool wide, const Terminal& terminal);

// Colour of a state word ("running", "failed", ...).
Colour StateColour(absl::string_view state);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_COMMAND_TABLE_OUTPUT_H_
