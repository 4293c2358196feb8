#include "registry/format/artifact_uri.h"

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "registry/format/release_path.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

constexpr absl::string_view kScheme = "artifact:";
constexpr absl::string_view kDigestPrefix = "artifact:sha256:";

}  // namespace

std::string ArtifactUri::Text() const {
  return absl::StrCat(kDigestPrefix, digest.Hex(), "/", file_name);
}

bool IsArtifactUri(absl::string_view uri) {
  return absl::StartsWith(uri, kScheme);
}

absl::StatusOr<ArtifactUri> ParseArtifactUri(absl::string_view uri) {
  absl::string_view rest = uri;
  const size_t slash = uri.find('/');
  if (!absl::ConsumePrefix(&rest, kDigestPrefix) ||
      slash == absl::string_view::npos) {
    return absl::InvalidArgumentError(
        "an artifact URI has the form artifact:sha256:<64 hex digits>/<file "
        "name>");
  }
  ArtifactUri result;
  ORRERY_ASSIGN_OR_RETURN(
      result.digest, signing::Digest::ParseHex(rest.substr(0, rest.find('/'))));
  ORRERY_RETURN_IF_ERROR(CheckFileName(uri.substr(slash + 1)));
  result.file_name = std::string(uri.substr(slash + 1));
  return result;
}

}  // namespace orrery::registry
