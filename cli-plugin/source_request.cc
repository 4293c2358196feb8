#include "cli-plugin/source_request.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli-plugin/api_client.h"
#include "cli-plugin/problem.h"

namespace orrery::cli {
namespace {

// Of the source itself, not of one look at it (trust.md §14.2, group 17).
constexpr absl::string_view kRefusals[] = {
    "LOCAL_SOURCE_REFUSED", "OBJECT_REFUSED", "SOURCE_FROZEN", "URL_REFUSED"};

}  // namespace

std::string SourcePath(absl::string_view name) {
  return absl::StrCat("/v1/sources/", PercentEncoded(name));
}

absl::Status SourceFailure(absl::Status status) {
  const std::string reason = ReasonOf(status);
  if (std::find(std::begin(kRefusals), std::end(kRefusals), reason) !=
      std::end(kRefusals)) {
    return WithExitCode(std::move(status), ExitCode::kSourceRefused);
  }
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
      if (reason == "SOURCE_NOT_FOUND") return status;
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
