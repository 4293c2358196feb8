#ifndef CATALOG_VERIFY_PINS_CHECK_H_
#define CATALOG_VERIFY_PINS_CHECK_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "catalog/verify/verified_release.h"
#include "registry/format/json_value.h"

namespace orrery::catalog {

// The SHA-256, in hex, of each URI of the release that artifacts.json or the
// record pins. plan.unpinned when they contradict one another.
absl::StatusOr<std::map<std::string, std::string>> PinnedUris(
    const VerifiedRelease& release);

// The images and URIs of the job whose bytes no pin of the release fixes,
// sorted, each once: `image docker.io/x/kafka:2.2.1`, `uri https://…`. A pinned
// image that is named by its tag is one of them. plan.unpinned for an image
// that has another digest than it is pinned to, and for any of them if
// `requires_pins`.
absl::StatusOr<std::vector<std::string>> CheckPins(
    const VerifiedRelease& release, const registry::JsonValue& manifest,
    bool requires_pins);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_PINS_CHECK_H_
