#include "cli-plugin/trust_fetcher.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace orrery::cli {
namespace {

// Whoever is slower than this keeps the next mirror from being asked.
constexpr absl::Duration kTimeout = absl::Seconds(30);
constexpr int64_t kSlowestBytesPerSecond = int64_t{16} << 10;
constexpr absl::Duration kIdleTimeout = absl::Seconds(20);

}  // namespace

absl::StatusOr<std::string> TrustFetcher::Fetch(const std::string& url,
                                                int64_t max_bytes) {
  if (is_offline_) {
    return absl::UnavailableError(
        absl::StrCat(url, " is not asked: --offline is given"));
  }
  HttpRequest request;
  request.url = url;
  request.timeout =
      kTimeout + absl::Seconds(max_bytes / kSlowestBytesPerSecond);
  request.idle_timeout = kIdleTimeout;
  request.max_body = static_cast<size_t>(max_bytes);
  auto response = http_->Send(request);
  if (!response.ok()) {
    const absl::StatusCode code = response.status().code();
    const bool is_known = code == absl::StatusCode::kCancelled ||
                          code == absl::StatusCode::kResourceExhausted;
    return absl::Status(is_known ? code : absl::StatusCode::kUnavailable,
                        absl::StrCat(url, ": ", response.status().message()));
  }
  if (response->status == 200) return std::move(response->body);
  const std::string answer = absl::StrCat(url, " answered ", response->status);
  if (response->status == 404 || response->status == 410) {
    return absl::NotFoundError(answer);
  }
  return absl::UnavailableError(answer);
}

}  // namespace orrery::cli
