// One answer in the format the user asked for.

#ifndef CLI_PLUGIN_COMMAND_OUTPUT_H_
#define CLI_PLUGIN_COMMAND_OUTPUT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "cli-plugin/command/settings.h"
#include "cli-plugin/command/table_output.h"
#include "cli-plugin/command/terminal.h"

#include "registry/format/json_value.h"

namespace orrery::cli {

// A command's answer in all its forms.
struct Answer {
  // For json and yaml, whole.
  registry::JsonValue document;
  // Member of `document` whose items are the lines of jsonl; empty: the
  // document is the one line.
  std::string lines_member;
  // For name.
  std::vector<std::string> names;
  // For table and wide: `page` if it is not empty, else `table`.
  Table table;
  std::string page;
};

void PrintAnswer(const Answer& answer, OutputFormat format, Terminal& terminal);

// A text for people. For json, yaml and jsonl it is the member `text` of an
// object, so that these are what they say for every command.
void PrintText(std::string text, OutputFormat format, Terminal& terminal);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_COMMAND_OUTPUT_H_
