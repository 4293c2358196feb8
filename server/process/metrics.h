// What Prometheus scrapes at /metrics. Names and labels: conventions of the
// project, base units, routes as templates; no label without a bound.

#ifndef SERVER_PROCESS_METRICS_H_
#define SERVER_PROCESS_METRICS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace orrery::server {

// Thread-safe.
class Metrics {
 public:
  Metrics(absl::string_view version, absl::string_view commit);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // Exports zeros for a route or method before anyone calls it.
  void DeclareRoute(absl::string_view method, absl::string_view route);
  void DeclareGrpcMethod(absl::string_view service, absl::string_view method);

  // orrery_http_request_duration_seconds{method,route,code}
  void ObserveRequest(absl::string_view method, absl::string_view route,
                      int code, absl::Duration duration);
  // orrery_grpc_server_handled_total{grpc_service,grpc_method,grpc_code}
  void CountGrpc(absl::string_view service, absl::string_view method,
                 absl::string_view code);
  // orrery_source_sync_duration_seconds, and on success
  // orrery_source_sync_last_success_timestamp_seconds{source}
  void ObserveSync(absl::string_view source, absl::Duration duration, bool ok,
                   absl::Time end);

  // Values that live elsewhere, asked for at each scrape.
  struct Sampled {
    // orrery_snapshot_packages
    int64_t packages = 0;
    // orrery_operations{state}, by state; states that are absent are 0.
    std::map<std::string, int64_t> operations;
  };
  void SetSampler(std::function<Sampled()> sampler);

  // In the text format of Prometheus.
  std::string Text();

 private:
  struct Families;

  std::unique_ptr<Families> families_;
};

}  // namespace orrery::server

#endif  // SERVER_PROCESS_METRICS_H_
