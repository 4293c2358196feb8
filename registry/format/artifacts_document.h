// artifacts.json: digests of what resource.json only names (universe-format
// §2).

#ifndef REGISTRY_FORMAT_ARTIFACTS_DOCUMENT_H_
#define REGISTRY_FORMAT_ARTIFACTS_DOCUMENT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "registry/format/document_reader.h"
#include "registry/format/json_value.h"
#include "registry/format/resource_document.h"
#include "signing/digest.h"

namespace orrery::registry {

struct AssetPin {
  std::string alias;
  signing::Digest sha256;
  // Bytes.
  int64_t size = 0;
};

struct ImagePin {
  std::string alias;
  // Of the image's manifest.
  signing::Digest digest;
};

struct ArtifactsDocument {
  // In the order of the file.
  std::vector<AssetPin> assets;
  std::vector<ImagePin> images;

  // Null when the alias is not pinned.
  const AssetPin* FindAsset(absl::string_view alias) const;
};

// Reads artifacts.json. An alias that `resource` does not have is a fault, and
// so is a digest other than the one an `artifact:` URI names.
Parsed<ArtifactsDocument> ParseArtifactsDocument(
    const JsonValue& root, const ResourceDocument& resource);

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_ARTIFACTS_DOCUMENT_H_
