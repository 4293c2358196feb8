#include "catalog/options/option_flag.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "catalog/options/option_path.h"

namespace orrery::catalog {
namespace {

std::string ShellWord(const std::string& text) {
  const bool plain =
      !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
               absl::StrContains("_./:@%+,=-", c);
      });
  if (plain) return text;
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "'\\''"}}), "'");
}

}  // namespace

std::string SetFlag(absl::string_view pointer, absl::string_view value) {
  return absl::StrCat(
      "--set ", ShellWord(absl::StrCat(PathOfPointer(pointer), "=", value)));
}

std::string UnsetFlag(absl::string_view pointer) {
  return absl::StrCat("--unset ", ShellWord(PathOfPointer(pointer)));
}

}  // namespace orrery::catalog
