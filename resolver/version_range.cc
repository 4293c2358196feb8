#include "resolver/version_range.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

namespace orrery::resolver {
namespace {

constexpr size_t kMaxBytes = 256;
constexpr size_t kMaxConjunctions = 16;
constexpr size_t kMaxComparators = 16;

absl::Status CannotRead(absl::string_view text, absl::string_view rest) {
  return absl::InvalidArgumentError(absl::StrCat(
      "cannot read range \"", absl::CHexEscape(text.substr(0, kMaxBytes)),
      "\" at \"", absl::CHexEscape(rest.substr(0, kMaxBytes)), "\""));
}

absl::string_view TakeAnyOf(absl::string_view* rest, absl::string_view set) {
  const size_t end = std::min(rest->find_first_not_of(set), rest->size());
  const absl::string_view taken = rest->substr(0, end);
  rest->remove_prefix(end);
  return taken;
}

// Takes a conjunction off `rest`: up to the end, or to what cannot follow a
// comparator. Nothing if a comparator cannot be read; `rest` then begins there.
std::optional<std::vector<Comparator>> TakeConjunction(
    absl::string_view* rest) {
  std::vector<Comparator> comparators;
  while (comparators.size() < kMaxComparators) {
    const size_t end = std::min(rest->find_first_of(" ,|"), rest->size());
    auto comparator = Comparator::Parse(rest->substr(0, end));
    if (!comparator.has_value()) return std::nullopt;
    comparators.push_back(*std::move(comparator));
    rest->remove_prefix(end);
    // Spaces before `||` belong to it, not to the conjunction.
    absl::string_view next = *rest;
    const absl::string_view separator = TakeAnyOf(&next, " ,");
    const bool last = separator.empty() || next.empty() || next[0] == '|';
    if (last) return comparators;
    *rest = next;
  }
  return std::nullopt;
}

}  // namespace

VersionRange::VersionRange() : VersionRange({{*Comparator::Parse("*")}}) {}

VersionRange::VersionRange(std::vector<Conjunction> alternatives)
    : alternatives_(std::move(alternatives)) {
  const auto append_comparator = [](std::string* out, const Comparator& c) {
    out->append(c.text());
  };
  text_ = absl::StrJoin(
      alternatives_, " || ", [&](std::string* out, const Conjunction& all) {
        out->append(absl::StrJoin(all, " ", append_comparator));
      });
}

absl::StatusOr<VersionRange> VersionRange::Parse(absl::string_view text) {
  if (text.size() > kMaxBytes) {
    return CannotRead(text, text.substr(kMaxBytes));
  }
  std::vector<Conjunction> alternatives;
  absl::string_view rest = text;
  while (alternatives.size() < kMaxConjunctions) {
    auto conjunction = TakeConjunction(&rest);
    if (!conjunction.has_value()) return CannotRead(text, rest);
    alternatives.push_back(*std::move(conjunction));
    if (rest.empty()) return VersionRange(std::move(alternatives));
    const absl::string_view separator = rest;
    TakeAnyOf(&rest, " ");
    if (!absl::ConsumePrefix(&rest, "||")) return CannotRead(text, separator);
    TakeAnyOf(&rest, " ");
  }
  return CannotRead(text, rest);
}

bool VersionRange::Contains(const Version& version,
                            std::optional<uint64_t> release,
                            PrereleaseGate gate) const {
  const bool gated = gate == PrereleaseGate::kClosed && version.is_prerelease();
  const auto holds = [&](const Conjunction& all) {
    const auto lets_in = [&](const Comparator& comparator) {
      return comparator.LetsPrereleaseIn(release);
    };
    if (gated && std::none_of(all.begin(), all.end(), lets_in)) return false;
    return std::all_of(all.begin(), all.end(), [&](const Comparator& each) {
      return each.Contains(version, release);
    });
  };
  return std::any_of(alternatives_.begin(), alternatives_.end(), holds);
}

}  // namespace orrery::resolver
