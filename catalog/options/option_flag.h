#ifndef CATALOG_OPTIONS_OPTION_FLAG_H_
#define CATALOG_OPTIONS_OPTION_FLAG_H_

#include <string>

#include "absl/strings/string_view.h"

namespace orrery::catalog {

// Stands for what only the user knows.
inline constexpr char kUserValue[] = "VALUE";

// How the option at a JSON pointer is set on a command line, quoted for a
// POSIX shell where that must be: `--set service.mem=512`, `--unset name`.
std::string SetFlag(absl::string_view pointer, absl::string_view value);
std::string UnsetFlag(absl::string_view pointer);

}  // namespace orrery::catalog

#endif  // CATALOG_OPTIONS_OPTION_FLAG_H_
