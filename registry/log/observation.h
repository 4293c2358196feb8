// What is logged and served when a commit shows a release directory (spec:
// trust.md §10.3).

#ifndef REGISTRY_LOG_OBSERVATION_H_
#define REGISTRY_LOG_OBSERVATION_H_

#include <cstdint>
#include <optional>

#include "signing/record/record.h"
#include "signing/tree_hash.h"

namespace orrery::registry {

// What the log said last of a release of a source.
struct LoggedRelease {
  int64_t revision = 0;
  signing::TreeHash tree;
  // Its last record is `withdrawn`.
  bool has_left = false;
};

// A release directory as a commit has it.
struct Sight {
  enum class Kind : uint8_t {
    kGone,
    // It cannot be a release, or nothing unsigned of its source is logged.
    kRefused,
    kWhole,
  };
  Kind kind = Kind::kGone;
  // Of a whole one.
  signing::TreeHash tree = {};
};

struct ObservationVerdict {
  enum class Log : uint8_t { kNothing, kObserved, kWithdrawn, kRestored };
  enum class Serve : uint8_t {
    kNothing,
    // What the commit has.
    kSeen,
    // What is logged, although the commit has something else.
    kLogged,
  };

  Log log = Log::kNothing;
  Serve serve = Serve::kNothing;
  // Whether a whole release is refused because another one is logged
  // (git.immutable).
  bool is_other = false;
  // Whether a whole release is refused because no record of its maintainers has
  // it (record.evidence).
  bool is_unsigned = false;

  bool operator==(const ObservationVerdict&) const = default;
};

// `logged`: nothing when the log does not know the release.
ObservationVerdict JudgeSight(signing::RevisionMode mode,
                              const std::optional<LoggedRelease>& logged,
                              const Sight& sight);

// The same of a package whose maintainers sign: it is not observed any more,
// and only a yank ends its releases.
ObservationVerdict JudgeSignedSight(const std::optional<LoggedRelease>& logged,
                                    const Sight& sight);

}  // namespace orrery::registry

#endif  // REGISTRY_LOG_OBSERVATION_H_
