#include "signing/policy/require_options.h"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "signing/encoding.h"
#include "signing/field.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

// Of a release, by different people: a keyset has no more signers.
constexpr uint64_t kMaxThreshold = 32;
constexpr int64_t kMaxDurationSeconds = int64_t{100} * 366 * 24 * 3600;

absl::Status Wrong(absl::string_view what) {
  return absl::InvalidArgumentError(what);
}

template <typename T>
absl::Status Set(PatternTable<T>& table, const NamePattern& pattern, T value,
                 int64_t line) {
  if (table.Add(pattern, std::move(value), line)) return absl::OkStatus();
  return Wrong(absl::StrCat("the option is set twice for ", pattern.text()));
}

// Sets the value that stands at the place of `text` among `words`.
template <typename T>
absl::Status SetWord(
    PatternTable<T>& table, const NamePattern& pattern, absl::string_view text,
    std::initializer_list<std::pair<absl::string_view, T>> words,
    int64_t line) {
  for (const auto& [word, value] : words) {
    if (word == text) return Set(table, pattern, value, line);
  }
  const auto append_word = [](std::string* out, const auto& word) {
    absl::StrAppend(out, word.first);
  };
  return Wrong(absl::StrCat(
      Quoted(text), " is none of: ", absl::StrJoin(words, ", ", append_word)));
}

template <typename T>
void Decide(const PatternTable<T>& table, absl::string_view package,
            Decided<T>& decided) {
  if (const auto* entry = table.Find(package)) {
    decided = {entry->value, entry->line};
  }
}

}  // namespace

absl::string_view EvidenceName(Evidence evidence) {
  return evidence == Evidence::kObserved ? "observed" : "sshsig";
}

absl::StatusOr<absl::Duration> ReadDuration(absl::string_view text) {
  constexpr std::pair<char, int64_t> kUnits[] = {
      {'s', 1}, {'m', 60}, {'h', 3600}, {'d', 24 * 3600}};
  for (const auto& [unit, seconds] : kUnits) {
    if (text.empty() || text.back() != unit) continue;
    ORRERY_ASSIGN_OR_RETURN(const uint64_t count,
                            ParseDecimal(text.substr(0, text.size() - 1),
                                         kMaxDurationSeconds / seconds));
    return absl::Seconds(seconds) * static_cast<int64_t>(count);
  }
  return Wrong(absl::StrCat(Quoted(text),
                            " is no duration: a number and s, m, h or d is "
                            "wanted"));
}

absl::Status RequireOptions::Take(const NamePattern& pattern,
                                  absl::string_view word,
                                  absl::string_view value, int64_t line) {
  if (word == "evidence") {
    return SetWord(
        evidence_, pattern, value,
        {{"observed", Evidence::kObserved}, {"sshsig", Evidence::kSshsig}},
        line);
  }
  if (word == "threshold") {
    ORRERY_ASSIGN_OR_RETURN(const uint64_t threshold,
                            ParseDecimal(value, kMaxThreshold));
    if (threshold == 0) return Wrong("a threshold is at least 1");
    return Set(threshold_, pattern, static_cast<int64_t>(threshold), line);
  }
  if (word == "names") {
    return SetWord(names_, pattern, value,
                   {{"curated", NameAnchor::kCurated},
                    {"claimed", NameAnchor::kClaimed},
                    {"open", NameAnchor::kOpen}},
                   line);
  }
  if (word == "keyset") {
    ORRERY_ASSIGN_OR_RETURN(const Digest keyset, ParseDigestField(value));
    if (!pattern.is_exact()) {
      return Wrong("a keyset is pinned for an exact name only");
    }
    return Set(keyset_, pattern, std::optional<Digest>(keyset), line);
  }
  if (word == "min-age") {
    ORRERY_ASSIGN_OR_RETURN(const absl::Duration age, ReadDuration(value));
    return Set(min_age_, pattern, age, line);
  }
  if (word == "import" || word == "yanked" || word == "revisions") {
    PatternTable<bool>& table = word == "import"   ? import_
                                : word == "yanked" ? yanked_
                                                   : revisions_;
    return SetWord(table, pattern, value, {{"accept", true}, {"refuse", false}},
                   line);
  }
  if (word == "pins") {
    return SetWord(pins_, pattern, value,
                   {{"required", true}, {"declared", false}}, line);
  }
  if (word == "overlays") {
    if (value == "replace") {
      return Wrong(
          "this version does not let overlays replace files: say add or none");
    }
    return SetWord(overlays_, pattern, value,
                   {{"none", OverlayUse::kNone}, {"add", OverlayUse::kAdd}},
                   line);
  }
  return Wrong(absl::StrCat(Quoted(word), " is no option of require"));
}

Demands RequireOptions::DemandsOn(absl::string_view package) const {
  Demands demands;
  Decide(evidence_, package, demands.evidence);
  if (demands.evidence.value == Evidence::kObserved) {
    demands.names.value = NameAnchor::kOpen;
    demands.requires_pins.value = false;
    demands.overlays.value = OverlayUse::kAdd;
  }
  Decide(threshold_, package, demands.threshold);
  Decide(names_, package, demands.names);
  Decide(keyset_, package, demands.keyset);
  Decide(min_age_, package, demands.min_age);
  Decide(import_, package, demands.accepts_import);
  Decide(yanked_, package, demands.accepts_yanked);
  Decide(revisions_, package, demands.accepts_revisions);
  Decide(pins_, package, demands.requires_pins);
  Decide(overlays_, package, demands.overlays);
  return demands;
}

}  // namespace orrery::signing
