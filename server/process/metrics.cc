#include "server/process/metrics.h"

#include <functional>
#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "third_party/absl/mutex.h"

namespace orrery::server {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using prometheus::Labels;

constexpr const char* kOperationStates[] = {"running", "succeeded", "failed"};

// Seconds, from a cached answer to an upload.
Histogram::BucketBoundaries RequestBuckets() {
  return {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
          0.1,    0.25,  0.5,    1,     2.5,  5,     10};
}

// Seconds, from a look that finds nothing new to a first fetch.
Histogram::BucketBoundaries SyncBuckets() {
  return {0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300};
}

Labels RequestLabels(absl::string_view method, absl::string_view route,
                     int code) {
  return {{"method", std::string(method)},
          {"route", std::string(route)},
          {"code", absl::StrCat(code)}};
}

Labels GrpcLabels(absl::string_view service, absl::string_view method,
                  absl::string_view code) {
  return {{"grpc_service", std::string(service)},
          {"grpc_method", std::string(method)},
          {"grpc_code", std::string(code)}};
}

template <typename Builder>
auto& Make(prometheus::Registry& registry, Builder builder, const char* name,
           const char* help) {
  return builder.Name(name).Help(help).Register(registry);
}

template <typename Known, typename Key, typename Add>
auto* FindOrAdd(Known* known, const Key& key, const Add& add) {
  const auto found = known->find(key);
  if (found != known->end()) return found->second;
  return known->emplace(key, add()).first->second;
}

}  // namespace

struct Metrics::Families {
  prometheus::Registry registry;
  Family<Histogram>& requests =
      Make(registry, prometheus::BuildHistogram(),
           "orrery_http_request_duration_seconds",
           "Time from the head of a request to the end of its answer.");
  Family<Counter>& grpc_handled =
      Make(registry, prometheus::BuildCounter(),
           "orrery_grpc_server_handled_total", "Calls that gRPC answered.");
  Family<Histogram>& sync_duration =
      Make(registry, prometheus::BuildHistogram(),
           "orrery_source_sync_duration_seconds",
           "Time that looks at the remote of a source took.");
  Family<Gauge>& sync_success = Make(
      registry, prometheus::BuildGauge(),
      "orrery_source_sync_last_success_timestamp_seconds",
      "When the last look at the remote of a source succeeded, in Unix time.");
  Family<Gauge>& operations =
      Make(registry, prometheus::BuildGauge(), "orrery_operations",
           "Operations of the catalog by state.");
  Gauge& snapshot_packages =
      Make(registry, prometheus::BuildGauge(), "orrery_snapshot_packages",
           "Packages in the served snapshot with a visible release.")
          .Add({});

  // Found by what labels them: the library's own look-up costs more than a
  // request that is answered from what is kept.
  template <typename Series, typename Last>
  using Known = std::map<std::tuple<std::string, std::string, Last>, Series*,
                         std::less<>>;

  Mutex mutex;
  std::function<Sampled()> sampler ABSL_GUARDED_BY(mutex);
  Known<Histogram, int> known_requests ABSL_GUARDED_BY(mutex);
  Known<Counter, std::string> known_handled ABSL_GUARDED_BY(mutex);
};

Metrics::Metrics(absl::string_view version, absl::string_view commit)
    : families_(std::make_unique<Families>()) {
  Make(families_->registry, prometheus::BuildGauge(), "orrery_build_info",
       "Always 1; the labels say what runs.")
      .Add({{"version", std::string(version)}, {"commit", std::string(commit)}})
      .Set(1);
  families_->sync_duration.Add({{"result", "ok"}}, SyncBuckets());
  families_->sync_duration.Add({{"result", "error"}}, SyncBuckets());
  for (const char* state : kOperationStates) {
    families_->operations.Add({{"state", state}});
  }
}

Metrics::~Metrics() = default;

void Metrics::DeclareRoute(absl::string_view method, absl::string_view route) {
  families_->requests.Add(RequestLabels(method, route, 200), RequestBuckets());
}

void Metrics::DeclareGrpcMethod(absl::string_view service,
                                absl::string_view method) {
  families_->grpc_handled.Add(GrpcLabels(service, method, "OK"));
}

void Metrics::ObserveRequest(absl::string_view method, absl::string_view route,
                             int code, absl::Duration duration) {
  Histogram* const series = [&] {
    const MutexLock lock(&families_->mutex);
    return FindOrAdd(
        &families_->known_requests, std::tuple(method, route, code), [&] {
          return &families_->requests.Add(RequestLabels(method, route, code),
                                          RequestBuckets());
        });
  }();
  series->Observe(absl::ToDoubleSeconds(duration));
}

void Metrics::CountGrpc(absl::string_view service, absl::string_view method,
                        absl::string_view code) {
  Counter* const series = [&] {
    const MutexLock lock(&families_->mutex);
    return FindOrAdd(&families_->known_handled,
                     std::tuple(service, method, code), [&] {
                       return &families_->grpc_handled.Add(
                           GrpcLabels(service, method, code));
                     });
  }();
  series->Increment();
}

void Metrics::ObserveSync(absl::string_view source, absl::Duration duration,
                          bool ok, absl::Time end) {
  families_->sync_duration.Add({{"result", ok ? "ok" : "error"}}, SyncBuckets())
      .Observe(absl::ToDoubleSeconds(duration));
  if (ok) {
    families_->sync_success.Add({{"source", std::string(source)}})
        .Set(absl::ToDoubleSeconds(end - absl::UnixEpoch()));
  }
}

void Metrics::SetSampler(std::function<Sampled()> sampler) {
  MutexLock lock(&families_->mutex);
  families_->sampler = std::move(sampler);
}

std::string Metrics::Text() {
  std::function<Sampled()> sampler;
  {
    MutexLock lock(&families_->mutex);
    sampler = families_->sampler;
  }
  if (sampler) {
    const Sampled sampled = sampler();
    families_->snapshot_packages.Set(static_cast<double>(sampled.packages));
    for (const char* state : kOperationStates) {
      const auto found = sampled.operations.find(state);
      const int64_t count =
          found == sampled.operations.end() ? 0 : found->second;
      families_->operations.Add({{"state", state}})
          .Set(static_cast<double>(count));
    }
  }
  return prometheus::TextSerializer().Serialize(families_->registry.Collect());
}

}  // namespace orrery::server
