#ifndef REGISTRY_JUDGE_OBSERVABLE_H_
#define REGISTRY_JUDGE_OBSERVABLE_H_

#include <optional>
#include <string>
#include <vector>

#include "registry/format/finding.h"
#include "registry/judge/release.h"
#include "signing/record/record.h"

namespace orrery::registry {

// The content of a release as records have it, of revision 1. Requires: all its
// files have digests.
signing::RevisionContent ContentOf(
    const Release& release, const std::vector<std::string>& requirements);

// Why no record can say what the release is, whatever its revision; nothing
// when one can.
std::optional<Finding> CheckObservable(
    const Release& release, const std::vector<std::string>& requirements);

}  // namespace orrery::registry

#endif  // REGISTRY_JUDGE_OBSERVABLE_H_
