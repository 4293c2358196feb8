// Asks services whether they answer, many at once, on one thread.

#ifndef CATALOG_ORCHESTRATOR_TASK_NETWORK_PROBER_H_
#define CATALOG_ORCHESTRATOR_TASK_NETWORK_PROBER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"

#include "catalog/orchestrator/task/health_check.h"
#include "third_party/absl/mutex.h"

namespace orrery::catalog {

enum class ProbeKind : uint8_t { kHttp, kHttps, kTcp };

struct NetworkProbe {
  // The caller's; comes back with the result.
  uint64_t key = 0;
  ProbeKind kind = ProbeKind::kTcp;
  // A name or an address; IPv6 without brackets.
  std::string host;
  int port = 0;
  // Of HTTP; begins with a slash.
  std::string path = "/";
  absl::Duration timeout = absl::Seconds(20);
  bool ignore_1xx = false;
  // Answers that pass; empty means 200 to 399.
  std::vector<int> status_codes;
};

// Thread-safe. Certificates are not verified: a check asks whether the service
// answers, not who it is.
class NetworkProber {
 public:
  using Sink = std::function<void(uint64_t key, const ProbeResult& result)>;

  // `sink` is called on the prober's thread, once for each probe that ended
  // before the destruction.
  explicit NetworkProber(Sink sink);
  ~NetworkProber();

  void Start(NetworkProbe probe);

 private:
  struct Multi;

  void Run();
  std::vector<NetworkProbe> TakeStarted(bool* stopping);

  const Sink sink_;
  const std::unique_ptr<Multi> multi_;
  Mutex mutex_;
  std::vector<NetworkProbe> started_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

// "HTTP GET http://127.0.0.1:31000/health", for people.
std::string DescribeProbe(const NetworkProbe& probe);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_TASK_NETWORK_PROBER_H_
