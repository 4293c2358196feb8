#include "cli-plugin/source/source_request.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "cli-plugin/http/api_client.h"
#include "cli-plugin/text/problem.h"

namespace orrery::cli {

std::string SourcePath(absl::string_view name) {
  return absl::StrCat("/v1/sources/", PercentEncoded(name));
}

absl::Status SourceFailure(absl::Status status) {
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
      if (ReasonOf(status) == "SOURCE_NOT_FOUND") return status;
      [[fallthrough]];
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kOutOfRange:
      return WithExitCode(std::move(status), ExitCode::kFailure);
    default:
      return status;
  }
}

}  // namespace orrery::cli
