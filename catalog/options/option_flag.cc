#include "catalog/options/option_flag.h"

#include "absl/strings/str_cat.h"

#include "catalog/options/option_path.h"
#include "catalog/options/shell_word.h"

namespace orrery::catalog {
std::string SetFlag(absl::string_view pointer, absl::string_view value) {
  return absl::StrCat(
      "--set ", ShellWord(absl::StrCat(PathOfPointer(pointer), "=", value)));
}

std::string UnsetFlag(absl::string_view pointer) {
  return absl::StrCat("--unset ", ShellWord(PathOfPointer(pointer)));
}

}  // namespace orrery::catalog
