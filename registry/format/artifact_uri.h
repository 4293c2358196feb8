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
  // One path component of `[A-Za-z0-9._+@=,~-]`, at most 200 bytes, not `.`,
  // `..` or `.git`.
  std::string file_name;

  std::string Text() const;
  bool operator==(const ArtifactUri&) const = default;
};

// Whether `uri` has the scheme, well-formed or not.
bool IsArtifactUri(absl::string_view uri);

// kInvalidArgument says what is wrong.
absl::StatusOr<ArtifactUri> ParseArtifactUri(absl::string_view uri);

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_ARTIFACT_URI_H_
