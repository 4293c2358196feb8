// Manual pages (roff, man macros), from the tree.

#ifndef CLI_PLUGIN_HELP_MAN_PAGE_H_
#define CLI_PLUGIN_HELP_MAN_PAGE_H_

#include <string>
#include <vector>

#include "cli-plugin/command/command.h"

namespace orrery::cli {

struct ManPage {
  // "orrery-source-add.1".
  std::string file_name;
  std::string text;
};

// A page for the program and for every visible command. The same tree gives
// the same bytes.
std::vector<ManPage> ManPages(const Command& root);

// Hidden: writes the pages into a directory.
Command ManCommand();

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_HELP_MAN_PAGE_H_
