#include "resolver/sentences.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "third_party/absl/status_macros.h"

namespace orrery::resolver {
namespace {

using Kind = Fact::Kind;

std::string IntervalText(std::span<const Candidate> candidates,
                         const RankInterval& interval) {
  const std::string first = LabelText(candidates, interval.first);
  if (interval.first == interval.last) return first;
  if (interval.last + 1 == candidates.size()) {
    return absl::StrCat(first, " and newer");
  }
  const std::string last = LabelText(candidates, interval.last);
  if (interval.first == 0) return absl::StrCat(last, " and older");
  return absl::StrCat(first, " to ", last);
}

std::string WithRange(absl::string_view text, absl::string_view range) {
  if (range == "*" || range.empty()) return std::string(text);
  return absl::StrCat(text, " ", range);
}

class Speaker {
 public:
  Speaker(absl::string_view cluster, MetadataSource& source)
      : cluster_(cluster), source_(source) {}

  absl::StatusOr<std::string> Say(const Fact& fact) {
    switch (fact.kind) {
      case Kind::kRequest:
        return Request(fact);
      case Kind::kNeeds: {
        ORRERY_ASSIGN_OR_RETURN(const std::string subject, Subject(fact));
        ORRERY_ASSIGN_OR_RETURN(const std::string needs, Needs(fact));
        return absl::StrCat(subject, " ", needs);
      }
      case Kind::kConflict:
        return WithTargets(fact, " conflicts with ");
      case Kind::kBound:
        return WithTargets(fact, " works only with ");
      case Kind::kClaim:
        return Claim(fact);
      case Kind::kKeep:
        return Keep(fact);
      case Kind::kLocked: {
        ORRERY_ASSIGN_OR_RETURN(const std::string releases,
                                Releases(fact.package, fact.releases));
        return absl::StrCat(fact.subject, " is locked to ", releases);
      }
      case Kind::kEdge: {
        ORRERY_ASSIGN_OR_RETURN(const std::string releases,
                                Releases(fact.package, fact.releases));
        return absl::StrCat(fact.subject, " runs ", fact.text,
                            ", from where only ", releases, " can be reached");
      }
      case Kind::kLimit: {
        ORRERY_ASSIGN_OR_RETURN(const std::string releases,
                                Releases(fact.package, fact.releases));
        return absl::StrCat(fact.subject, " must be ", releases,
                            " if it is there");
      }
      case Kind::kExcluded: {
        ORRERY_ASSIGN_OR_RETURN(const std::string subject, Subject(fact));
        return absl::StrCat(subject, " cannot be chosen: ", fact.text);
      }
      case Kind::kFact: {
        if (fact.releases.empty()) {
          return absl::StrCat("cluster ", cluster_, " has no ", fact.subject);
        }
        ORRERY_ASSIGN_OR_RETURN(const std::string value,
                                Releases(fact.package, fact.releases));
        return absl::StrCat("cluster ", cluster_, " has ", fact.subject, " ",
                            value);
      }
    }
    return std::string();
  }

  // `needs B 2`.
  absl::StatusOr<std::string> Needs(const Fact& fact) {
    ORRERY_ASSIGN_OR_RETURN(const std::string targets, Targets(fact));
    return absl::StrCat("needs ", targets);
  }

 private:
  absl::StatusOr<std::string> Releases(PackageId package,
                                       const RankSet& ranks) {
    ORRERY_ASSIGN_OR_RETURN(const auto candidates, source_.Candidates(package));
    if (ranks.empty()) return std::string("(no release)");
    return ReleasesText(candidates, ranks);
  }

  absl::StatusOr<std::string> Subject(const Fact& fact) {
    ORRERY_ASSIGN_OR_RETURN(const std::string releases,
                            Releases(fact.package, fact.releases));
    return absl::StrCat(fact.subject, " ", releases);
  }

  absl::StatusOr<std::string> WithTargets(const Fact& fact,
                                          absl::string_view verb) {
    ORRERY_ASSIGN_OR_RETURN(const std::string subject, Subject(fact));
    ORRERY_ASSIGN_OR_RETURN(const std::string targets, Targets(fact));
    return absl::StrCat(subject, verb, targets);
  }

  absl::StatusOr<std::string> Targets(const Fact& fact) {
    std::vector<std::string> texts;
    for (const Fact::Targeted& target : fact.targets) {
      ORRERY_ASSIGN_OR_RETURN(std::string text, Target(target));
      texts.push_back(std::move(text));
    }
    return absl::StrJoin(texts, " or ");
  }

  // Who provides it at another version is not said.
  static absl::string_view Unprovided(const Fact::Targeted& capability) {
    return capability.range == "*" ? ", and nobody provides it"
                                   : ", and no release fits";
  }

  absl::StatusOr<std::string> Target(const Fact::Targeted& target) {
    if (target.is_capability) {
      return absl::StrCat(WithRange(target.text, target.range),
                          target.releases.empty() ? Unprovided(target) : "");
    }
    if (target.is_fact) return WithRange(target.text, target.range);
    if (target.text.find('[') != std::string::npos) return target.text;
    ORRERY_ASSIGN_OR_RETURN(const auto candidates,
                            source_.Candidates(target.package));
    if (candidates.empty()) {
      return absl::StrCat(target.text, ", and there is no such package");
    }
    if (target.releases.empty()) {
      return absl::StrCat(WithRange(target.text, target.range),
                          ", and no release fits");
    }
    return absl::StrCat(target.text, " ",
                        ReleasesText(candidates, target.releases));
  }

  absl::StatusOr<std::string> Request(const Fact& fact) {
    std::vector<std::string> texts;
    for (const Fact::Targeted& target : fact.targets) {
      texts.push_back(WithRange(target.text, target.range));
    }
    std::string text =
        absl::StrCat("you ask for ", absl::StrJoin(texts, " or "));
    if (fact.targets.size() != 1 || !fact.targets[0].releases.empty()) {
      return text;
    }
    const Fact::Targeted& target = fact.targets[0];
    // It stands for no package.
    if (target.is_capability) return absl::StrCat(text, Unprovided(target));
    ORRERY_ASSIGN_OR_RETURN(const auto candidates,
                            source_.Candidates(target.package));
    const absl::string_view name = source_.Name(target.package);
    if (candidates.empty()) {
      return absl::StrCat(text, ", but there is no package ", name);
    }
    return absl::StrCat(text, ", but no release of ", name, " fits ",
                        target.range);
  }

  static std::string Claim(const Fact& fact) {
    std::string holders = fact.subject;
    for (const Fact::Targeted& other : fact.targets) {
      const bool is_last = &other == &fact.targets.back();
      absl::StrAppend(&holders, is_last ? " and " : ", ", other.text);
    }
    return absl::StrCat("only one service can hold ", fact.text, ": ", holders,
                        " want it");
  }

  static std::string Keep(const Fact& fact) {
    return absl::StrCat(WithRange(fact.targets.front().text, fact.text),
                        " is installed and stays");
  }

  absl::string_view cluster_;
  MetadataSource& source_;
};

// Whether `next` goes on where `fact` ends: its subject is the only target of
// `fact`, and no other fact speaks of that.
bool Continues(const Fact& fact, const Fact& next, std::span<const Fact> all) {
  if (fact.kind != Kind::kNeeds || next.kind != Kind::kNeeds ||
      fact.targets.size() != 1 || fact.targets[0].text != next.subject) {
    return false;
  }
  for (const Fact& other : all) {
    if (&other == &fact || &other == &next) continue;
    if (other.subject == next.subject) return false;
    for (const Fact::Targeted& target : other.targets) {
      if (target.text == next.subject) return false;
    }
  }
  return true;
}

}  // namespace

std::string LabelText(std::span<const Candidate> candidates, Rank rank) {
  const std::string& label = candidates[rank].label;
  const auto bearers = std::count_if(
      candidates.begin(), candidates.end(),
      [&label](const Candidate& other) { return other.label == label; });
  if (bearers == 1) return label;
  return absl::StrCat(label, " (release ", candidates[rank].release, ")");
}

std::string ReleasesText(std::span<const Candidate> candidates,
                         const RankSet& ranks) {
  constexpr size_t kMaxRuns = 3;
  const std::span<const RankInterval> runs = ranks.intervals();
  const size_t count = ranks.size();
  if (count == candidates.size()) {
    return count == 1 ? LabelText(candidates, 0) : "(every release)";
  }
  if (runs.size() > kMaxRuns) {
    return absl::StrCat(count, " of ", candidates.size(), " releases from ",
                        LabelText(candidates, runs.front().first), " to ",
                        LabelText(candidates, runs.back().last));
  }
  std::vector<std::string> texts;
  for (const RankInterval& run : runs) {
    texts.push_back(IntervalText(candidates, run));
  }
  return absl::StrJoin(texts, ", ");
}

absl::StatusOr<std::string> Sentence(const Fact& fact,
                                     absl::string_view cluster,
                                     MetadataSource& source) {
  return Speaker(cluster, source).Say(fact);
}

absl::StatusOr<std::vector<std::string>> Sentences(std::span<const Fact> facts,
                                                   absl::string_view cluster,
                                                   MetadataSource& source) {
  constexpr size_t kMaxSentences = 12;
  Speaker speaker(cluster, source);
  std::vector<std::string> sentences;
  size_t i = 0;
  while (i < facts.size() && sentences.size() < kMaxSentences) {
    ORRERY_ASSIGN_OR_RETURN(std::string sentence, speaker.Say(facts[i]));
    ++i;
    while (i < facts.size() && Continues(facts[i - 1], facts[i], facts)) {
      ORRERY_ASSIGN_OR_RETURN(const std::string needs, speaker.Needs(facts[i]));
      absl::StrAppend(&sentence, ", which ", needs);
      ++i;
    }
    sentences.push_back(std::move(sentence));
  }
  if (i < facts.size()) {
    sentences.push_back(absl::StrCat("and ", facts.size() - i, " more facts"));
  }
  return sentences;
}

}  // namespace orrery::resolver
