#ifndef SERVER_API_HTTP_API_H_
#define SERVER_API_HTTP_API_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "server/api/hot_answers.h"
#include "server/api/routing_table.h"
#include "server/http/body_file.h"
#include "server/http/browser_guard.h"
#include "server/http/http_handler.h"
#include "server/http/representation.h"
#include "server/process/log.h"
#include "server/process/metrics.h"
#include "server/process/readiness.h"

namespace orrery::server {

// Serves a routing table, with what every answer has: the request id, entity
// tags and 304, compression, a log line and a measurement.
class HttpApi : public HttpHandler {
 public:
  struct Options {
    // See HotAnswers.
    std::function<uint64_t(absl::string_view)> epoch_of =
        [](absl::string_view) { return uint64_t{0}; };
    // Of answers that are kept.
    size_t max_hot_bytes = size_t{32} << 20;
    // Where those that are large lie: see BodyFile.
    std::string body_directory = {};
  };

  // All must outlive this; the table is complete.
  HttpApi(const RoutingTable* table, const BrowserGuard* guard, const Log* log,
          Metrics* metrics, Options options);

  Admission Admit(HttpRequest& request) override;
  HttpResponse Reject(int status, absl::string_view detail,
                      HttpRequest& request) override;
  void Finished(const HttpRequest& request,
                const ExchangeRecord& record) override;
  void Warn(absl::string_view text) override { log_->Warn("http", text); }
  void Tick() override { log_->Flush(); }

 private:
  // An answer that what is served decides, of a route that outlives it.
  struct HotAnswer {
    Representation representation;
    absl::string_view route;

    size_t size() const { return representation.size(); }
  };

  std::string MakeRequestId();
  // What is kept for that request, if anything is: only what a GET answered
  // with 200, so what the routing table would say is known.
  std::optional<Admission> AdmitHot(const HttpRequest& request);
  // The same answer from what is kept, or kept from now on; of the package, or
  // for an empty name of all that is served.
  Admission Heat(const HttpRequest& request, std::string package,
                 Admission admission);
  // Large ones lie in `bodies_`.
  std::shared_ptr<const HotAnswer> Keep(Representation representation,
                                        absl::string_view route);

  const RoutingTable* table_;
  const BrowserGuard* guard_;
  const Log* log_;
  Metrics* metrics_;
  HotAnswers<HotAnswer> hot_;
  BodyFile bodies_;
  // Tells the ids of one run from those of another.
  std::string run_id_;
  std::atomic<uint64_t> next_request_{1};
};

// Adds the fields that every answer has, and for a representation also the
// entity tag, 304 and compression. A response that is `no-store` is left as it
// is.
HttpResponse FinishResponse(const HttpRequest& request, HttpResponse response);

// /healthz, /readyz and /metrics. All must outlive the table.
void AddProbeRoutes(const Readiness* readiness, Metrics* metrics,
                    RoutingTable* table);

}  // namespace orrery::server

#endif  // SERVER_API_HTTP_API_H_
