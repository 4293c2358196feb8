#ifndef CLI_PLUGIN_TEXT_COUNTED_H_
#define CLI_PLUGIN_TEXT_COUNTED_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace orrery::cli {

// "1 release", "2 releases": `noun` is one that takes an s.
inline std::string Counted(const absl::AlphaNum& number,
                           absl::string_view noun) {
  return absl::StrCat(number, " ", noun, number.Piece() == "1" ? "" : "s");
}

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_TEXT_COUNTED_H_
