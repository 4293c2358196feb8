#ifndef CATALOG_PLANNING_PLAN_CHECK_H_
#define CATALOG_PLANNING_PLAN_CHECK_H_

#include <string>
#include <vector>

#include "absl/status/status.h"

#include "catalog/planning/plan_steps.h"
#include "catalog/planning/trust_view.h"
#include "catalog/resolution/resolution.h"
#include "catalog/resolution/resolve_query.h"

namespace orrery::catalog {

// What is checked of a plan before anything of it runs: steps 9 to 17 of
// trust.md §14.1 for every release that it starts, from the log's own files.
class PlanCheck {
 public:
  // All must outlive it.
  PlanCheck(const TrustView* trust, const ResolveQuery* query,
            const Resolution* resolution, const StepWishes* wishes);

  // Fills in the revisions of the steps. The refusal, with reason NOT_TRUSTED,
  // of the first release that may not run, or is not what the log says. A
  // service that keeps its content, and that nobody asked for, is refused only
  // for another job than its release's; anything else is a warning.
  absl::Status Check(std::vector<PlannedService>& services);

  // The evidence block of what was checked.
  std::string Evidence() const;
  // Of neighbours that the policy would not let in any more.
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  absl::Status CheckStep(PlannedService& planned);
  void WarnOfYank(const PlannedService& planned,
                  const signing::RevisionKey& key);
  absl::Status CheckService(PlannedService& planned);
  bool Stays(const PlannedService& planned) const;
  signing::RevisionUse UseOf(const PlannedService& planned,
                             const signing::RevisionKey& key) const;
  absl::Status CheckAdmitted(const PlannedService& planned,
                             const signing::RevisionKey& key);
  absl::Status CheckRelations(const PlannedService& planned,
                              const VerifiedRelease& release);
  absl::Status CheckJobOf(const PlannedService& planned,
                          const VerifiedRelease& release);
  void WarnOfNeighbours(const std::vector<PlannedService>& services);

  const TrustView& trust_;
  const ResolveQuery& query_;
  const Resolution& resolution_;
  const StepWishes& wishes_;
  signing::EvidenceBlock evidence_;
  std::vector<std::string> warnings_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_PLANNING_PLAN_CHECK_H_
