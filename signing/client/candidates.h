#ifndef SIGNING_CLIENT_CANDIDATES_H_
#define SIGNING_CLIENT_CANDIDATES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "signing/replay/log_state.h"
#include "signing/tree_hash.h"

namespace orrery::signing {

// One revision of a package in a log.
struct RevisionKey {
  std::string source;
  int64_t release = 0;
  int64_t revision = 0;

  bool operator==(const RevisionKey&) const = default;
};

// What of a package is asked for; nothing: the newest that will do.
struct WantedRevision {
  std::optional<int64_t> release = {};
  std::optional<int64_t> revision = {};
  std::optional<TreeHash> tree = {};
};

// The revisions of a package that are what is wanted, the first choice first:
// by the priority of their base source, then its id, then from the highest
// release on; of each release the latest revision that will do. `source`: that
// one alone, unless it is empty. Whether they may be used is CheckRevision's to
// say.
std::vector<RevisionKey> FindCandidates(const LogState& log,
                                        const PackageState& package,
                                        absl::string_view source,
                                        const WantedRevision& wanted);

// The overlay revisions that add files to a release, by priority and id of
// their sources: of each the latest of the release with its number, if that is
// current.
std::vector<RevisionKey> FindOverlays(const LogState& log,
                                      const PackageState& package,
                                      const RevisionKey& base);

// Those of all other releases of the package: a file in them may say that it is
// of this release, too (resolver.md §7).
std::vector<RevisionKey> FindOtherOverlays(const LogState& log,
                                           const PackageState& package,
                                           const RevisionKey& base);

}  // namespace orrery::signing

#endif  // SIGNING_CLIENT_CANDIDATES_H_
