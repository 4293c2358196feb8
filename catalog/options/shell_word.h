#ifndef CATALOG_OPTIONS_SHELL_WORD_H_
#define CATALOG_OPTIONS_SHELL_WORD_H_

#include <string>

#include "absl/strings/string_view.h"

namespace orrery::catalog {

// `text` as one word of a POSIX shell, quoted only when it has to be.
std::string ShellWord(absl::string_view text);

}  // namespace orrery::catalog

#endif  // CATALOG_OPTIONS_SHELL_WORD_H_
