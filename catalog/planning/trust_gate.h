#ifndef CATALOG_PLANNING_TRUST_GATE_H_
#define CATALOG_PLANNING_TRUST_GATE_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "catalog/planning/trust_view.h"
#include "catalog/resolution/release_admission.h"
#include "registry/git/source.h"
#include "registry/log/registry_log.h"

namespace orrery::catalog {

// What this server lets run: DIR/trust/policy over its own log. The files are
// read each time, so that a change counts from the next question on.
// Thread-safe.
class TrustGate {
 public:
  struct Options {
    // Whose `trust` has the files.
    std::string data_dir;
    // Of this program, x.y.z.
    std::string version;
    std::function<absl::Time()> now;
    // As Registry::UnreadSources.
    std::function<absl::StatusOr<std::vector<registry::Source>>()>
        unread_sources;
  };

  // `log` must outlive this.
  TrustGate(registry::RegistryLog* log, Options options);

  // Steps 1 to 5 of trust.md §14.1, with their refusals. A file that is not
  // there demands nothing less: policy.syntax, trust.syntax.
  absl::StatusOr<std::shared_ptr<const TrustView>> Open() const;

  // The same for who only asks what is let in: nothing, with the refusal, when
  // it cannot be opened.
  ReleaseAdmissionPtr Admission() const;

 private:
  absl::StatusOr<signing::RegistryTrust> OpenTrust(
      const signing::ClientPolicy& policy) const;

  registry::RegistryLog* log_;
  const Options options_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_PLANNING_TRUST_GATE_H_
