#include "registry/format/artifact_uri.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace orrery::registry {
namespace {

constexpr absl::string_view kPrefix = "artifact:sha256:";

bool IsFileName(absl::string_view name) {
  return !name.empty() && name != "." && name != ".." &&
         std::none_of(name.begin(), name.end(), [](char c) {
           return c == '/' ||
                  absl::ascii_iscntrl(static_cast<unsigned char>(c));
         });
}

}  // namespace

bool IsArtifactUri(absl::string_view uri) {
  return absl::StartsWithIgnoreCase(uri, "artifact:");
}

absl::StatusOr<ArtifactUri> ParseArtifactUri(absl::string_view uri) {
  const auto malformed = [uri](absl::string_view reason) {
    return absl::InvalidArgumentError(absl::StrCat(
        "'", uri, "' is not artifact:sha256:<hex>/<file name>: ", reason));
  };
  absl::string_view rest = uri;
  if (!absl::ConsumePrefix(&rest, kPrefix)) {
    return malformed("it does not begin with 'artifact:sha256:'");
  }
  const size_t slash = rest.find('/');
  absl::StatusOr<signing::Digest> digest =
      signing::Digest::ParseHex(rest.substr(0, slash));
  if (!digest.ok()) return malformed(digest.status().message());
  if (slash == absl::string_view::npos) return ArtifactUri{*digest, ""};
  const absl::string_view name = rest.substr(slash + 1);
  if (!IsFileName(name)) return malformed("the file name is none");
  return ArtifactUri{*digest, std::string(name)};
}

std::string FormatArtifactUri(const signing::Digest& digest,
                              absl::string_view name) {
  return absl::StrCat(kPrefix, digest.Hex(), "/", name);
}

}  // namespace orrery::registry
