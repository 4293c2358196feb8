#include "resolver/comparator.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace orrery::resolver {
namespace {

bool IsDigit(char c) {
  return absl::ascii_isdigit(static_cast<unsigned char>(c));
}

std::optional<Version> ParseLabel(absl::string_view text) {
  const bool named = std::any_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c));
  });
  if (!named || text.front() == '~') return std::nullopt;
  auto version = Version::Parse(text);
  if (!version.ok()) return std::nullopt;
  return *std::move(version);
}

// Cuts `7:` off; empty if there is none.
absl::string_view TakeEpoch(absl::string_view* label) {
  const auto end = std::find_if_not(label->begin(), label->end(), IsDigit);
  const size_t digits = end - label->begin();
  if (digits == 0 || end == label->end() || *end != ':') return {};
  const absl::string_view epoch = label->substr(0, digits + 1);
  label->remove_prefix(epoch.size());
  return epoch;
}

// The numbers before the first character that is neither digit nor dot.
std::vector<std::string> LeadingNumbers(absl::string_view label) {
  const auto end = std::find_if_not(label.begin(), label.end(), [](char c) {
    return IsDigit(c) || c == '.';
  });
  return absl::StrSplit(label.substr(0, end - label.begin()), '.',
                        absl::SkipEmpty());
}

// The number after `digits`, of any length.
std::string Successor(std::string digits) {
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
    if (*digit != '9') {
      ++*digit;
      return digits;
    }
    *digit = '0';
  }
  return "1" + digits;
}

bool IsZero(absl::string_view digits) {
  return digits.find_first_not_of('0') == absl::string_view::npos;
}

// What `^` allows to be below: the first number that is not 0 raised, or the
// last if all are.
void RaiseForCaret(std::vector<std::string>* numbers) {
  auto raised = std::find_if_not(numbers->begin(), numbers->end(), IsZero);
  if (raised == numbers->end()) --raised;
  *raised = Successor(*raised);
  numbers->erase(raised + 1, numbers->end());
}

// What `~` allows to be below: the last number but one raised, or the only one.
void RaiseForTilde(std::vector<std::string>* numbers) {
  if (numbers->size() > 1) numbers->pop_back();
  numbers->back() = Successor(numbers->back());
}

bool BeginsWithNumbers(const VersionKey& key,
                       const std::vector<std::string>& numbers) {
  const VersionToken zero = VersionToken::OfNumber("0");
  size_t run = 0;
  while (key.token(run).step == VersionToken::kNumber) ++run;
  if (run == 0) return false;
  for (size_t i = 0; i < numbers.size(); ++i) {
    const VersionToken& token = i < run ? key.token(i) : zero;
    if (token != VersionToken::OfNumber(numbers[i])) return false;
  }
  return true;
}

bool BeginsWithLists(const VersionKey& key, const VersionKey& first) {
  const size_t length = first.tokens().size();
  for (size_t i = 0; i < length; ++i) {
    if (key.token(i) != first.token(i)) return false;
  }
  return length == 0 || key.token(length).step == VersionToken::kEnd;
}

}  // namespace

std::optional<Comparator::Operator> Comparator::TakeOperator(
    absl::string_view* text) {
  static constexpr struct {
    absl::string_view sign;
    Operator op;
  } kOperators[] = {
      {"!=", Operator::kNotEqual},
      {"<=", Operator::kLessOrEqual},
      {">=", Operator::kGreaterOrEqual},
      {"=", Operator::kEqual},
      {"<", Operator::kLess},
      {">", Operator::kGreater},
  };
  for (const auto& [sign, op] : kOperators) {
    if (absl::ConsumePrefix(text, sign)) return op;
  }
  return std::nullopt;
}

std::optional<Comparator> Comparator::ParseRelease(absl::string_view text) {
  absl::string_view rest = absl::StripPrefix(text, "release");
  const std::optional<Operator> op = TakeOperator(&rest);
  const bool decimal = !rest.empty() &&
                       std::all_of(rest.begin(), rest.end(), IsDigit) &&
                       (rest.size() == 1 || rest.front() != '0');
  int64_t number = 0;
  if (!op.has_value() || !decimal || !absl::SimpleAtoi(rest, &number)) {
    return std::nullopt;
  }
  Comparator comparator(text, *op);
  comparator.release_ = static_cast<uint64_t>(number);
  return comparator;
}

std::optional<Comparator> Comparator::ParseWildcard(absl::string_view text) {
  absl::string_view label = text.substr(0, text.size() - 2);
  const bool lists = text[text.size() - 2] == '-';
  Comparator comparator(
      text, lists ? Operator::kFirstLists : Operator::kFirstNumbers);
  comparator.version_ = ParseLabel(label);
  if (!comparator.version_.has_value()) return std::nullopt;
  if (!lists) {
    TakeEpoch(&label);
    // Numbers with one dot between each two, nothing else.
    if (absl::StrJoin(LeadingNumbers(label), ".") != label) return std::nullopt;
  }
  return comparator;
}

std::optional<Comparator> Comparator::ParseSpan(absl::string_view text) {
  absl::string_view label = text.substr(1);
  Comparator comparator(text, Operator::kUpTo);
  comparator.version_ = ParseLabel(label);
  const absl::string_view epoch = TakeEpoch(&label);
  if (!comparator.version_.has_value() || label.empty() ||
      !IsDigit(label.front())) {
    return std::nullopt;
  }
  std::vector<std::string> numbers = LeadingNumbers(label);
  text.front() == '^' ? RaiseForCaret(&numbers) : RaiseForTilde(&numbers);
  comparator.end_ =
      VersionKey::OfLabel(absl::StrCat(epoch, absl::StrJoin(numbers, ".")));
  return comparator;
}

std::optional<Comparator> Comparator::Parse(absl::string_view text) {
  if (text == "*") return Comparator(text, Operator::kAny);
  if (text.empty()) return std::nullopt;
  const size_t sign = text.find_first_of("=!<>");
  if (sign != absl::string_view::npos && text.substr(0, sign) == "release") {
    return ParseRelease(text);
  }
  if (text.front() == '^' || text.front() == '~') return ParseSpan(text);
  absl::string_view label = text;
  const std::optional<Operator> op = TakeOperator(&label);
  if (!op.has_value() && text.size() > 2 &&
      (absl::EndsWith(text, ".*") || absl::EndsWith(text, "-*"))) {
    return ParseWildcard(text);
  }
  Comparator comparator(text, op.value_or(Operator::kEqual));
  comparator.version_ = ParseLabel(label);
  if (!comparator.version_.has_value()) return std::nullopt;
  return comparator;
}

bool Comparator::Contains(const Version& version,
                          std::optional<uint64_t> release) const {
  if (!release_.has_value()) return ContainsKey(version);
  if (!release.has_value()) return false;
  switch (op_) {
    case Operator::kEqual:
      return *release == *release_;
    case Operator::kNotEqual:
      return *release != *release_;
    case Operator::kLess:
      return *release < *release_;
    case Operator::kLessOrEqual:
      return *release <= *release_;
    case Operator::kGreater:
      return *release > *release_;
    default:
      return *release >= *release_;
  }
}

bool Comparator::ContainsKey(const Version& version) const {
  const VersionKey& key = version.key();
  // `<2.0` is not met by 2.0.0-rc1, which no one who wrote it wants.
  const auto below = [&](const VersionKey& bound) {
    return key < bound && (bound.HasPrereleaseWord() ||
                           !version.is_prerelease() || key.Stem() != bound);
  };
  switch (op_) {
    case Operator::kAny:
      return true;
    case Operator::kEqual:
      return version == *version_;
    case Operator::kNotEqual:
      return version != *version_;
    case Operator::kLess:
      return below(version_->key());
    case Operator::kLessOrEqual:
      return version <= *version_;
    case Operator::kGreater:
      return version > *version_;
    case Operator::kGreaterOrEqual:
      return version >= *version_;
    case Operator::kUpTo:
      return version >= *version_ && below(*end_);
    case Operator::kFirstLists:
      return key.epoch() == version_->key().epoch() &&
             BeginsWithLists(key, version_->key());
    case Operator::kFirstNumbers: {
      absl::string_view label = version_->label();
      TakeEpoch(&label);
      return key.epoch() == version_->key().epoch() &&
             BeginsWithNumbers(key, LeadingNumbers(label));
    }
  }
  return false;
}

bool Comparator::LetsPrereleaseIn(std::optional<uint64_t> release) const {
  if (version_.has_value()) return version_->is_prerelease();
  return release_.has_value() && op_ == Operator::kEqual && release == release_;
}

}  // namespace orrery::resolver
