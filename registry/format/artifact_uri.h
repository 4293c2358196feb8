#ifndef REGISTRY_FORMAT_ARTIFACT_URI_H_
#define REGISTRY_FORMAT_ARTIFACT_URI_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/digest.h"

namespace orrery::registry {

// `artifact:sha256:<hex>/<file name>`: bytes of that digest in the artifact
// store of orreryd. It names no host and pins itself (universe-format §2).
struct ArtifactUri {
  signing::Digest digest;
  // One path component without control characters; empty when the URI has none.
  std::string name;
};

// Whether `uri` has the scheme `artifact:`, well-formed or not.
bool IsArtifactUri(absl::string_view uri);
// kInvalidArgument when it is not of that form.
absl::StatusOr<ArtifactUri> ParseArtifactUri(absl::string_view uri);
std::string FormatArtifactUri(const signing::Digest& digest,
                              absl::string_view name);

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_ARTIFACT_URI_H_
