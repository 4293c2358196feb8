#include "registry/log/observation.h"

namespace orrery::registry {
namespace {

using Log = ObservationVerdict::Log;
using Serve = ObservationVerdict::Serve;

}  // namespace

ObservationVerdict JudgeSight(signing::RevisionMode mode,
                              const std::optional<LoggedRelease>& logged,
                              const Sight& sight) {
  const bool is_whole = sight.kind == Sight::Kind::kWhole;
  if (!logged.has_value()) {
    return is_whole ? ObservationVerdict{Log::kObserved, Serve::kSeen}
                    : ObservationVerdict{};
  }
  if (is_whole && sight.tree == logged->tree) {
    return {logged->has_left ? Log::kRestored : Log::kNothing, Serve::kSeen};
  }
  const bool is_gone = sight.kind == Sight::Kind::kGone;
  if (mode == signing::RevisionMode::kImmutable && !is_gone) {
    return {Log::kNothing, logged->has_left ? Serve::kNothing : Serve::kLogged,
            is_whole};
  }
  if (is_whole) return {Log::kObserved, Serve::kSeen};
  return {logged->has_left ? Log::kNothing : Log::kWithdrawn, Serve::kNothing};
}

ObservationVerdict JudgeSignedSight(const std::optional<LoggedRelease>& logged,
                                    const Sight& sight) {
  const bool is_there = logged.has_value() && !logged->has_left;
  const bool is_whole = sight.kind == Sight::Kind::kWhole;
  ObservationVerdict verdict;
  if (is_there) verdict.serve = Serve::kLogged;
  if (is_there && is_whole && sight.tree == logged->tree) {
    verdict.serve = Serve::kSeen;
  } else {
    verdict.is_unsigned = is_whole;
  }
  return verdict;
}

}  // namespace orrery::registry
