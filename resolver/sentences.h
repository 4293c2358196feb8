// Facts in words.

#ifndef RESOLVER_SENTENCES_H_
#define RESOLVER_SENTENCES_H_

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "resolver/fact.h"
#include "resolver/metadata_source.h"
#include "resolver/rank_set.h"

namespace orrery::resolver {

// The version label; if several releases bear it, with the release:
// `1.0 (release 7)`.
std::string LabelText(std::span<const Candidate> candidates, Rank rank);

// Existing releases in the fewest words (resolver.md §11.2): `2.0 and newer`,
// `1.0 to 1.4, 2.0`, `(every release)`. Requires: `ranks` is not empty.
std::string ReleasesText(std::span<const Candidate> candidates,
                         const RankSet& ranks);

// The fact as one sentence, without a period. `cluster` is the cluster's name.
absl::StatusOr<std::string> Sentence(const Fact& fact,
                                     absl::string_view cluster,
                                     MetadataSource& source);

// All of them, in order: neighbours that continue each other as one sentence,
// at most 12, then how many more there are (§11.3).
absl::StatusOr<std::vector<std::string>> Sentences(std::span<const Fact> facts,
                                                   absl::string_view cluster,
                                                   MetadataSource& source);

}  // namespace orrery::resolver

#endif  // RESOLVER_SENTENCES_H_
