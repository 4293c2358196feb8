#include "resolver/version_key.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"

namespace orrery::resolver {
namespace {

bool IsDigit(char c) {
  return absl::ascii_isdigit(static_cast<unsigned char>(c));
}
bool IsLetter(char c) {
  return absl::ascii_isalpha(static_cast<unsigned char>(c));
}

// Removes the longest prefix of `text` whose characters `belong`.
template <typename Predicate>
absl::string_view TakeRun(absl::string_view* text, Predicate belong) {
  const auto end = std::find_if_not(text->begin(), text->end(), belong);
  const absl::string_view run = text->substr(0, end - text->begin());
  text->remove_prefix(run.size());
  return run;
}

// Step 5: `1.0a1`, `2b3`, `1.0.0m2` abbreviate a pre-release word.
bool IsAbbreviated(absl::string_view part) {
  do {
    if (TakeRun(&part, IsDigit).empty()) return false;
  } while (absl::ConsumePrefix(&part, "."));
  if (part.empty() ||
      absl::string_view("abm").find(part.front()) == absl::string_view::npos) {
    return false;
  }
  part.remove_prefix(1);
  return !TakeRun(&part, IsDigit).empty() && part.empty();
}

absl::string_view LongWord(absl::string_view letter) {
  if (letter == "a") return "alpha";
  if (letter == "b") return "beta";
  return "milestone";
}

// Step 6: `1.0.0` is `1`, but `0.0` stays a number.
void DropZerosOfLeadingRun(std::vector<VersionToken>* list) {
  const auto is_number = [](const VersionToken& token) {
    return token.step == VersionToken::kNumber;
  };
  const auto run_end = std::find_if_not(list->begin(), list->end(), is_number);
  auto keep_end = run_end;
  while (keep_end - list->begin() > 1 && std::prev(keep_end)->text.empty()) {
    --keep_end;
  }
  list->erase(keep_end, run_end);
}

// Steps 4 to 6 for one part.
std::vector<VersionToken> TokensOfPart(absl::string_view part) {
  const bool abbreviated = IsAbbreviated(part);
  std::vector<VersionToken> list;
  while (!part.empty()) {
    if (IsDigit(part.front())) {
      list.push_back(VersionToken::OfNumber(TakeRun(&part, IsDigit)));
    } else if (IsLetter(part.front())) {
      const absl::string_view word = TakeRun(&part, IsLetter);
      list.push_back(VersionToken::OfWord(abbreviated ? LongWord(word) : word));
    } else {
      part.remove_prefix(1);
    }
  }
  DropZerosOfLeadingRun(&list);
  return list;
}

}  // namespace

VersionToken VersionToken::OfWord(absl::string_view word) {
  static constexpr struct {
    absl::string_view word;
    uint8_t step;
  } kPrerelease[] = {
      {"dev", kDev},
      {"snapshot", kDev},
      {"alpha", kAlpha},
      {"beta", kBeta},
      {"pre", kMilestone},
      {"milestone", kMilestone},
      {"rc", kReleaseCandidate},
      {"preview", kMilestone},
      {"cr", kReleaseCandidate},
  };
  static constexpr absl::string_view kNeutral[] = {
      "ga", "final", "release", "lts", "stable", "patch",
      "p",  "sp",    "post",    "r",   "rev"};
  for (const auto& known : kPrerelease) {
    if (word == known.word) return {known.step};
  }
  const auto* neutral =
      std::find(std::begin(kNeutral), std::end(kNeutral), word);
  if (neutral != std::end(kNeutral)) {
    return {
        static_cast<uint8_t>(kFirstNeutral + (neutral - std::begin(kNeutral)))};
  }
  return {kOtherWord, std::string(word)};
}

VersionToken VersionToken::OfNumber(absl::string_view digits) {
  TakeRun(&digits, [](char c) { return c == '0'; });
  return {kNumber, std::string(digits)};
}

std::strong_ordering VersionToken::operator<=>(
    const VersionToken& other) const {
  if (step != other.step) return step <=> other.step;
  if (step == kNumber && text.size() != other.text.size()) {
    return text.size() <=> other.text.size();
  }
  return text.compare(other.text) <=> 0;
}

VersionKey::VersionKey(VersionToken epoch, std::vector<VersionToken> tokens)
    : epoch_(std::move(epoch)), tokens_(std::move(tokens)) {
  while (!tokens_.empty() && tokens_.back().step == VersionToken::kEnd) {
    tokens_.pop_back();
  }
}

VersionKey VersionKey::OfLabel(absl::string_view label) {
  absl::string_view rest = label;
  absl::string_view epoch = TakeRun(&rest, IsDigit);
  if (epoch.empty() || !absl::ConsumePrefix(&rest, ":")) {
    epoch = {};
    rest = label;
  }
  if (rest.size() > 1 && (rest[0] == 'v' || rest[0] == 'V') &&
      IsDigit(rest[1])) {
    rest.remove_prefix(1);
  }
  const std::string lower =
      absl::AsciiStrToLower(rest.substr(0, rest.find('+')));
  std::vector<VersionToken> tokens;
  rest = lower;
  while (true) {
    const size_t end = rest.find_first_of("-_~");
    for (VersionToken& token : TokensOfPart(rest.substr(0, end))) {
      tokens.push_back(std::move(token));
    }
    if (end == absl::string_view::npos) break;
    tokens.push_back({VersionToken::kEnd});
    rest.remove_prefix(end + 1);
  }
  return VersionKey(VersionToken::OfNumber(epoch), std::move(tokens));
}

bool VersionKey::HasPrereleaseWord() const {
  return std::any_of(
      tokens_.begin(), tokens_.end(),
      [](const VersionToken& token) { return token.is_prerelease_word(); });
}

VersionKey VersionKey::Stem() const {
  const auto end = std::find_if(
      tokens_.begin(), tokens_.end(),
      [](const VersionToken& token) { return token.is_prerelease_word(); });
  return VersionKey(epoch_, {tokens_.begin(), end});
}

const VersionToken& VersionKey::token(size_t i) const {
  static const auto& end = *new VersionToken{VersionToken::kEnd};
  return i < tokens_.size() ? tokens_[i] : end;
}

std::strong_ordering VersionKey::operator<=>(const VersionKey& other) const {
  if (epoch_ != other.epoch_) return epoch_ <=> other.epoch_;
  const size_t length = std::max(tokens_.size(), other.tokens_.size());
  for (size_t i = 0; i < length; ++i) {
    if (token(i) != other.token(i)) return token(i) <=> other.token(i);
  }
  return std::strong_ordering::equal;
}

}  // namespace orrery::resolver
