#ifndef CATALOG_OPERATION_OPERATION_RUNNER_H_
#define CATALOG_OPERATION_OPERATION_RUNNER_H_

#include <functional>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "catalog/orchestrator/clusters.h"
#include "catalog/resolution/release_admission.h"
#include "catalog/store/catalog_store.h"
#include "catalog/store/operation.h"
#include "third_party/absl/mutex.h"

namespace orrery::catalog {

// Brings operations to their end, also those that an earlier run of the server
// has left under way. Every step can be repeated, so that a kill between two
// commits loses nothing. Thread-safe.
class OperationRunner {
 public:
  // `store` and `clusters` must outlive this; `admission` gives what the policy
  // says now; with null everything may start.
  OperationRunner(CatalogStore* store, const Clusters* clusters,
                  std::function<absl::Time()> now,
                  std::function<ReleaseAdmissionPtr()> admission);
  // Stops.
  ~OperationRunner();

  // Takes up the stored operations that have not ended.
  absl::Status Recover();
  // Works in a thread of its own until Stop. Requires: Recover was called.
  void Start();
  void Stop();

  // Takes up an operation that was just stored.
  void Accept(Operation operation);

  // Ends an operation where it stands, in one commit (install-plan.md §11):
  // what the cluster was told stays, and the record of the service says what
  // that is; a service of which the cluster has nothing yet is gone. The error
  // of the operation lists what is left. kNotFound when there is none;
  // kFailedPrecondition with reason OPERATION_ENDED when it has ended; the
  // error of the cluster when that cannot say what is there.
  absl::StatusOr<Operation> Abort(absl::string_view name);

  // The operation as it is now. kNotFound when there is none.
  absl::StatusOr<Operation> Get(absl::string_view name) const;
  // Operations under way.
  int running() const;
  // kAborted with reason OPERATION_RUNNING: which operation has the service,
  // since when, and what it waits for. Requires: the record names one.
  absl::Status BusyError(const ServiceRecord& record) const;

  // Moves every operation as far as it goes without waiting, those of different
  // services at the same time. Start calls it; tests do so themselves.
  void Tick();

 private:
  // Whether one of them ended.
  bool AdvanceInOrder(std::vector<Operation> operations);
  void Advance(Operation* operation);
  // Whether the service's record has passed to another operation; this one is
  // then ended.
  bool Superseded(Operation* operation);
  void AdvanceInstall(Orchestrator& cluster, Operation* operation);
  // Whether everything that must run before it does; ends it when something
  // never will.
  bool IsDue(Operation* operation);
  // Whether the policy still lets in what the cluster is about to be told; a
  // plan may have waited long. Ends it when the release is refused, and waits
  // where nobody can say.
  bool IsAdmitted(Operation* operation);
  // Puts what other services say now into the manifest; whether it is whole.
  bool FillManifest(Orchestrator& cluster, Operation* operation);
  void AdvanceRollback(Orchestrator& cluster, Operation* operation);
  void AdvanceUninstall(Orchestrator& cluster, Operation* operation);
  // operation_upgrade.cc: to another release, and back when it does not come
  // up.
  void AdvanceUpgrade(Orchestrator& cluster, Operation* operation);
  void AdvanceReturn(Orchestrator& cluster, Operation* operation);
  // Whether the app is being made what is asked for, durably.
  bool Submit(Orchestrator& cluster, const AppRequest& request,
              Operation* operation);
  void Establish(Operation* operation);
  void RollBack(Orchestrator& cluster, const absl::Status& why,
                Operation* operation);
  // operation_abort.cc: ends it in the store, and says what is left.
  absl::Status EndAborted(Operation* operation);
  // Writes what has become of the service as well: it is gone after an
  // uninstall and after an installation that failed, else as it was. It goes on
  // running when another operation has the service meanwhile.
  void End(OperationState state, Operation* operation);
  absl::Status PutEnded(const Operation& ended);
  // operation_leftovers.cc: what an installation that failed brought with it,
  // and nobody else uses, each before what it uses.
  std::vector<StoredServicePtr> CameAlong(const Operation& failed) const;
  // Services whose installations came before the operation.
  std::set<std::string> InstalledBefore(const Operation& operation) const;
  // Begins to uninstall them. A kill before leaves services that are unused.
  void RemoveAll(const std::vector<StoredServicePtr>& going);

  CatalogStore* store_;
  const Clusters* clusters_;
  std::function<absl::Time()> now_;
  std::function<ReleaseAdmissionPtr()> admission_;

  // Held while operations move: who holds it knows that none does.
  Mutex moving_;
  mutable Mutex mutex_;
  Condition wake_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::string, Operation, std::less<>> live_ ABSL_GUARDED_BY(mutex_);
  std::jthread thread_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_OPERATION_OPERATION_RUNNER_H_
