#include "registry/format/config_pattern.h"

#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"

#include "re2/re2.h"

namespace orrery::registry {
namespace {

constexpr size_t kMaxPatternBytes = 4096;

// The bracket expression that begins at `i` ends at the result.
size_t SkipClass(absl::string_view pattern, size_t i) {
  ++i;
  if (i < pattern.size() && pattern[i] == '^') ++i;
  // A bracket in the first place is a member.
  if (i < pattern.size() && pattern[i] == ']') ++i;
  while (i < pattern.size() && pattern[i] != ']') {
    i += pattern[i] == '\\' ? 2 : 1;
  }
  return i;
}

enum class Repeat { kNo, kBounded, kUnbounded };

// What the quantifier at `i` does, if there is one; `{3}` and `?` are harmless.
Repeat RepeatAt(absl::string_view pattern, size_t i) {
  if (i >= pattern.size()) return Repeat::kNo;
  if (pattern[i] == '*' || pattern[i] == '+') return Repeat::kUnbounded;
  if (pattern[i] != '{') return Repeat::kNo;
  const absl::string_view body = pattern.substr(i, pattern.find('}', i) - i);
  const size_t comma = body.find(',');
  if (comma == absl::string_view::npos || body == "{0,1") return Repeat::kNo;
  return comma + 1 == body.size() ? Repeat::kUnbounded : Repeat::kBounded;
}

bool NestsQuantifiers(absl::string_view pattern) {
  // Whether something repeats in each open group; the first is the whole.
  std::vector<uint8_t> repeats = {0};
  for (size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\') {
      ++i;
    } else if (c == '[') {
      i = SkipClass(pattern, i);
    } else if (c == '(') {
      repeats.push_back(0);
    } else if (c == ')' && repeats.size() > 1) {
      const bool inside = repeats.back() != 0;
      repeats.pop_back();
      if (inside && RepeatAt(pattern, i + 1) == Repeat::kUnbounded) return true;
      if (inside) repeats.back() = 1;
    } else if (RepeatAt(pattern, i) != Repeat::kNo) {
      repeats.back() = 1;
    }
  }
  return false;
}

}  // namespace

std::string PatternFault(absl::string_view pattern) {
  if (pattern.size() > kMaxPatternBytes) {
    return absl::StrCat("a pattern of ", pattern.size(),
                        " bytes; the limit is ", kMaxPatternBytes);
  }
  if (NestsQuantifiers(pattern)) {
    return "the pattern repeats a group that repeats: exponential time in "
           "backtracking engines";
  }
  RE2::Options options(RE2::Quiet);
  options.set_never_capture(true);
  constexpr int64_t kMaxMemory = int64_t{1} << 20;
  options.set_max_mem(kMaxMemory);
  const RE2 compiled(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (compiled.ok()) return "";
  return absl::StrCat("RE2 cannot read the pattern: ", compiled.error());
}

}  // namespace orrery::registry
