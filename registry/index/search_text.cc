#include "registry/index/search_text.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"

namespace orrery::registry {
namespace {

bool IsWordByte(char c) {
  return absl::ascii_isalnum(c) || static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

std::vector<std::string> SearchWords(absl::string_view text) {
  std::vector<std::string> words;
  bool inside = false;
  for (const char c : text) {
    if (!IsWordByte(c)) {
      inside = false;
      continue;
    }
    if (!inside) words.emplace_back();
    inside = true;
    words.back().push_back(absl::ascii_tolower(c));
  }
  return words;
}

std::string Squash(absl::string_view text) {
  return absl::StrJoin(SearchWords(text), "");
}

}  // namespace orrery::registry
