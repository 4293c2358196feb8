#ifndef CLI_PLUGIN_HTTP_TRUST_FETCHER_H_
#define CLI_PLUGIN_HTTP_TRUST_FETCHER_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli-plugin/http/http_client.h"

#include "catalog/verify/file_tree.h"

namespace orrery::cli {

// Files of logs, which may come from anywhere, by the HTTP of this program.
class TrustFetcher final : public catalog::HttpFetcher {
 public:
  // `http` is borrowed. Offline nothing is sent: kUnavailable.
  TrustFetcher(HttpClient* http, bool is_offline)
      : http_(http), is_offline_(is_offline) {}

  absl::StatusOr<std::string> Fetch(const std::string& url,
                                    int64_t max_bytes) override;
  absl::Status FetchPieces(const std::string& url, int64_t max_bytes,
                           catalog::TakePiece take) override;

 private:
  // A 200 answer.
  absl::StatusOr<HttpResponse> Get(const std::string& url, HttpRequest request);

  HttpClient* http_;
  const bool is_offline_;
};

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_HTTP_TRUST_FETCHER_H_
