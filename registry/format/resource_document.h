// resource.json as typed values (universe-format §6).

#ifndef REGISTRY_FORMAT_RESOURCE_DOCUMENT_H_
#define REGISTRY_FORMAT_RESOURCE_DOCUMENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "registry/format/document_reader.h"
#include "registry/format/json_value.h"
#include "registry/format/packaging_version.h"

namespace orrery::registry {

// A URL or image reference under the alias that templates use.
struct Asset {
  std::string alias;
  std::string value;
  // Of the value in the parsed text.
  uint32_t offset = 0;
};

enum class CliPlatform : uint8_t { kLinux, kWindows, kDarwin };
enum class CliKind : uint8_t { kExecutable, kZip };

// A program for x86-64, the only architecture there is.
struct PlatformBinary {
  CliPlatform platform = CliPlatform::kLinux;
  CliKind kind = CliKind::kExecutable;
  std::string url;
  // As written; the data have 64 lower-case hex digits.
  std::string sha256;
  // Of the object `x86-64` in the parsed text.
  uint32_t offset = 0;
};

struct ResourceDocument {
  std::optional<std::string> icon_small;
  std::optional<std::string> icon_medium;
  std::optional<std::string> icon_large;
  std::vector<std::string> screenshots;
  // In the order of the file.
  std::vector<Asset> uris;
  std::vector<Asset> docker_images;
  std::vector<PlatformBinary> cli_binaries;
  bool has_cli = false;
};

// Reads resource.json by the schema of `version`. An `artifact:` URI that is
// not well-formed is a fault too: nothing could ever fetch it.
Parsed<ResourceDocument> ParseResourceDocument(const JsonValue& root,
                                               PackagingVersion version);

// "linux", "windows" or "darwin".
absl::string_view PlatformName(CliPlatform platform);

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_RESOURCE_DOCUMENT_H_
