#include "registry/format/version_label.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

namespace orrery::registry {
namespace {

bool IsDigit(char c) {
  return absl::ascii_isdigit(static_cast<unsigned char>(c));
}

bool IsNumber(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsDigit);
}

bool IsCanonicalNumber(absl::string_view text) {
  return IsNumber(text) && (text.size() == 1 || text[0] != '0');
}

// Dot-separated identifiers of a pre-release or build part (SemVer §9, §10).
bool AreIdentifiers(absl::string_view text, bool numbers_are_canonical) {
  for (const absl::string_view part : absl::StrSplit(text, '.')) {
    const bool allowed =
        !part.empty() && std::all_of(part.begin(), part.end(), [](char c) {
          return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-';
        });
    if (!allowed) return false;
    if (numbers_are_canonical && IsNumber(part) && !IsCanonicalNumber(part)) {
      return false;
    }
  }
  return true;
}

enum class RunKind { kNumber, kWord, kOther };

RunKind KindOf(char c) {
  if (IsDigit(c)) return RunKind::kNumber;
  if (absl::ascii_islower(static_cast<unsigned char>(c))) return RunKind::kWord;
  return RunKind::kOther;
}

std::vector<absl::string_view> SplitLoosely(absl::string_view label) {
  std::vector<absl::string_view> runs;
  for (size_t i = 0; i < label.size();) {
    if (label[i] == '.') {
      ++i;
      continue;
    }
    size_t end = i + 1;
    while (end < label.size() && label[end] != '.' &&
           KindOf(label[end]) == KindOf(label[i])) {
      ++end;
    }
    runs.push_back(label.substr(i, end - i));
    i = end;
  }
  return runs;
}

std::partial_ordering CompareRuns(absl::string_view a, absl::string_view b) {
  if (IsDigit(a[0]) != IsDigit(b[0])) return std::partial_ordering::unordered;
  if (IsDigit(a[0])) {
    a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
    b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
    if (a.size() != b.size()) return a.size() <=> b.size();
  }
  return a.compare(b) <=> 0;
}

}  // namespace

bool IsSemVer(absl::string_view label) {
  const size_t plus = label.find('+');
  if (plus != absl::string_view::npos) {
    if (!AreIdentifiers(label.substr(plus + 1), false)) return false;
    label = label.substr(0, plus);
  }
  const size_t dash = label.find('-');
  if (dash != absl::string_view::npos) {
    if (!AreIdentifiers(label.substr(dash + 1), true)) return false;
    label = label.substr(0, dash);
  }
  const std::vector<absl::string_view> numbers = absl::StrSplit(label, '.');
  return numbers.size() == 3 &&
         std::all_of(numbers.begin(), numbers.end(), IsCanonicalNumber);
}

bool IsMovingLabel(absl::string_view label) {
  for (const absl::string_view part :
       absl::StrSplit(label, absl::ByAnyChar(".-"))) {
    if (absl::EqualsIgnoreCase(part, "latest") ||
        absl::EqualsIgnoreCase(part, "x")) {
      return true;
    }
  }
  return false;
}

std::partial_ordering CompareLoosely(absl::string_view a, absl::string_view b) {
  const std::vector<absl::string_view> runs_a = SplitLoosely(a);
  const std::vector<absl::string_view> runs_b = SplitLoosely(b);
  for (size_t i = 0; i < std::min(runs_a.size(), runs_b.size()); ++i) {
    const std::partial_ordering order = CompareRuns(runs_a[i], runs_b[i]);
    if (order != 0) return order;
  }
  return runs_a.size() <=> runs_b.size();
}

}  // namespace orrery::registry
