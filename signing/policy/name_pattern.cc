#include "signing/policy/name_pattern.h"

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "signing/field.h"

namespace orrery::signing {

absl::StatusOr<NamePattern> NamePattern::Parse(absl::string_view text) {
  if (text == "*") return NamePattern(Kind::kAll, text);
  absl::string_view rest = text;
  // Parts of names: what follows makes them whole.
  if (absl::ConsumeSuffix(&rest, "/")) {
    if (CheckPackageName(absl::StrCat(rest, "/aa")).ok()) {
      return NamePattern(Kind::kScope, text);
    }
  } else if (absl::ConsumeSuffix(&rest, "-*")) {
    if (!absl::StrContains(rest, '/') &&
        CheckPackageName(absl::StrCat(rest, "-a")).ok()) {
      return NamePattern(Kind::kPrefix, text);
    }
  } else if (CheckPackageName(text).ok()) {
    return NamePattern(Kind::kExact, text);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'", absl::CHexEscape(text.substr(0, 80)),
                   "' is no pattern: a package name, SCOPE/, PREFIX-* or * is "
                   "wanted"));
}

std::vector<std::string> PatternsOf(absl::string_view name) {
  std::vector<std::string> patterns = {std::string(name)};
  const size_t slash = name.find('/');
  if (slash != absl::string_view::npos) {
    patterns.emplace_back(name.substr(0, slash + 1));
  } else {
    for (size_t dash = name.rfind('-');
         dash != absl::string_view::npos && dash > 0;
         dash = name.rfind('-', dash - 1)) {
      patterns.push_back(absl::StrCat(name.substr(0, dash + 1), "*"));
    }
  }
  patterns.push_back("*");
  return patterns;
}

}  // namespace orrery::signing
