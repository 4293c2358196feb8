#include "cli-plugin/http/trust_fetcher.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

// Whoever is slower than this keeps the next mirror from being asked.
constexpr absl::Duration kTimeout = absl::Seconds(30);
constexpr int64_t kSlowestBytesPerSecond = int64_t{16} << 10;
// Of what is larger than any file of a release.
constexpr absl::Duration kLargeTimeout = absl::Hours(6);
constexpr absl::Duration kIdleTimeout = absl::Seconds(20);

}  // namespace

absl::StatusOr<std::string> TrustFetcher::Fetch(const std::string& url,
                                                int64_t max_bytes) {
  HttpRequest request;
  request.timeout =
      kTimeout + absl::Seconds(max_bytes / kSlowestBytesPerSecond);
  request.max_body = static_cast<size_t>(max_bytes);
  ORRERY_ASSIGN_OR_RETURN(HttpResponse response, Get(url, std::move(request)));
  return std::move(response.body);
}

absl::Status TrustFetcher::FetchPieces(const std::string& url,
                                       int64_t max_bytes,
                                       catalog::TakePiece take) {
  HttpRequest request;
  request.timeout = kLargeTimeout;
  absl::Status taken;
  int64_t left = max_bytes;
  request.on_body = [&](absl::string_view piece) {
    left -= static_cast<int64_t>(piece.size());
    taken = left < 0 ? absl::ResourceExhaustedError(absl::StrCat(
                           url, " has more than ", max_bytes, " bytes"))
                     : take(piece);
    return taken.ok();
  };
  ORRERY_RETURN_IF_ERROR(Get(url, std::move(request)).status());
  return taken;
}

absl::StatusOr<HttpResponse> TrustFetcher::Get(const std::string& url,
                                               HttpRequest request) {
  if (is_offline_) {
    return absl::UnavailableError(
        absl::StrCat(url, " is not asked: --offline is given"));
  }
  request.url = url;
  request.idle_timeout = kIdleTimeout;
  auto response = http_->Send(request);
  if (!response.ok()) {
    const absl::StatusCode code = response.status().code();
    const bool is_known = code == absl::StatusCode::kCancelled ||
                          code == absl::StatusCode::kResourceExhausted;
    return absl::Status(is_known ? code : absl::StatusCode::kUnavailable,
                        absl::StrCat(url, ": ", response.status().message()));
  }
  if (response->status == 200) return response;
  const std::string answer = absl::StrCat(url, " answered ", response->status);
  if (response->status == 404 || response->status == 410) {
    return absl::NotFoundError(answer);
  }
  return absl::UnavailableError(answer);
}

}  // namespace orrery::cli
