#ifndef CLI_PLUGIN_TEXT_SHELL_WORD_H_
#define CLI_PLUGIN_TEXT_SHELL_WORD_H_

#include <string>

#include "absl/strings/string_view.h"

namespace orrery::cli {

// `text` as one word of a POSIX shell, quoted only when it has to be.
std::string ShellWord(absl::string_view text);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_TEXT_SHELL_WORD_H_
