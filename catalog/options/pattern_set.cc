#include "catalog/options/pattern_set.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "re2/re2.h"

namespace orrery::catalog {
namespace {

re2::StringPiece Piece(absl::string_view text) {
  return {text.data(), text.size()};
}

// ECMA-262 writes a code point as \uXXXX where RE2 wants \x{XXXX}.
std::string ToRe2(absl::string_view pattern) {
  std::string out;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '\\' || i + 1 == pattern.size()) {
      out.push_back(pattern[i]);
      continue;
    }
    const absl::string_view digits = pattern.substr(i + 2).substr(0, 4);
    bool is_code = pattern[i + 1] == 'u' && digits.size() == 4;
    for (const char c : digits) {
      is_code &= absl::ascii_isxdigit(static_cast<unsigned char>(c)) != 0;
    }
    if (is_code) {
      absl::StrAppend(&out, "\\x{", digits, "}");
      i += 5;
    } else {
      out.append(pattern.data() + i, 2);
      i += 1;
    }
  }
  return out;
}

}  // namespace

PatternSet::PatternSet() = default;
PatternSet::~PatternSet() = default;
PatternSet::PatternSet(PatternSet&&) noexcept = default;
PatternSet& PatternSet::operator=(PatternSet&&) noexcept = default;

absl::Status PatternSet::Add(absl::string_view pattern) {
  if (pattern.size() > kMaxPatternBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("a pattern of ", pattern.size(), " bytes; the limit is ",
                     kMaxPatternBytes));
  }
  if (patterns_.contains(pattern)) return absl::OkStatus();
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto compiled = std::make_unique<re2::RE2>(ToRe2(pattern), options);
  if (!compiled->ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("this pattern cannot be used, ", compiled->error(),
                     " (look-around and back-references are not supported)"));
  }
  patterns_.emplace(pattern, std::move(compiled));
  return absl::OkStatus();
}

bool PatternSet::Matches(absl::string_view pattern,
                         absl::string_view text) const {
  if (text.size() > kMaxTextBytes) return false;
  const auto found = patterns_.find(pattern);
  return found != patterns_.end() &&
         re2::RE2::PartialMatch(Piece(text), *found->second);
}

}  // namespace orrery::catalog
