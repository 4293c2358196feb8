// Network probes of the instances of the `local` target: sends them, and takes
// their outcomes to the checks that wait for them.

#ifndef CATALOG_ORCHESTRATOR_LOCAL_INSTANCE_PROBES_H_
#define CATALOG_ORCHESTRATOR_LOCAL_INSTANCE_PROBES_H_

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"

#include "catalog/orchestrator/local/local_state.h"
#include "catalog/orchestrator/task/instance_checks.h"
#include "catalog/orchestrator/task/local_config.h"
#include "catalog/orchestrator/task/network_prober.h"
#include "third_party/absl/mutex.h"

namespace orrery::catalog {

// Used by the loop alone.
class InstanceProbes {
 public:
  struct Target {
    std::string service;
    int slot = 0;
    std::string instance_id;
    // The port that is asked when it is the instance's own, else 0.
    int port = 0;
    // Above every process of the instance.
    pid_t root = 0;
  };
  struct Outcome {
    uint64_t key = 0;
    Target target;
    ProbeResult result;
    // Who else holds the port; empty when the instance itself does.
    std::string stranger;
  };

  // `config` must outlive this object; `wake` is called from a thread of its
  // own when there are outcomes.
  InstanceProbes(const LocalConfig* config, std::function<void()> wake);

  // What a check of the instance in `slot` acts through. Valid as long as that.
  CheckActions ActionsFor(const LocalApp& app, const LocalSlot& slot);

  // What has come since; looks at the host's sockets, so without a lock.
  std::vector<Outcome> Collect();
  // Gives the outcomes to the checks, which may order an instance to end.
  static void Give(const std::vector<Outcome>& outcomes, absl::Time now,
                   LocalState* state);

 private:
  const LocalConfig& config_;
  uint64_t next_key_ = 1;
  std::map<uint64_t, Target> targets_;

  Mutex mutex_;
  std::vector<std::pair<uint64_t, ProbeResult>> results_
      ABSL_GUARDED_BY(mutex_);

  // Last, so that its thread ends before what it uses.
  std::unique_ptr<NetworkProber> prober_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_LOCAL_INSTANCE_PROBES_H_
