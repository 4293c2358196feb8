#ifndef CATALOG_VERIFY_PLAN_QUESTION_H_
#define CATALOG_VERIFY_PLAN_QUESTION_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "catalog/resolution/resolve_query.h"
#include "catalog/resolution/running_service.h"
#include "catalog/resolution/solve_basis.h"
#include "catalog/verify/plan_document.h"
#include "catalog/verify/verified_snapshot.h"
#include "registry/format/json_value.h"

namespace orrery::catalog {

// A change of services as a client posts it.
struct AskedPlan {
  std::string cluster;
  std::string service;
  // Without validate_only and plan_id.
  registry::JsonValue request;
};

// The question that a plan answers, as the server makes it of the request, to
// be asked again (spec: trust.md §14.1, step 14).
class PlanQuestion {
 public:
  // `told` is what the server says that its plan rests on; of an upgrade,
  // package and options of the service are its word. The refusal plan.deps for
  // what is none; kInvalidArgument for a request that cannot be read.
  static absl::StatusOr<PlanQuestion> Read(const AskedPlan& asked,
                                           const registry::JsonValue& told);

  // Of what was asked for first.
  const std::string& package() const { return query_.items.front().name; }
  // What a service runs is the server's to say; null for no such service.
  const RunningService* FindRunning(absl::string_view service) const;
  // Whether the step's content or revision itself is asked for.
  bool NamesTreeOf(const ClaimedStep& step) const;
  bool NamesRevisionOf(const ClaimedStep& step) const;

  // Asks it of verified releases. plan.deps unless the answer has the nodes of
  // the plan, and the steps do what it says.
  absl::Status CheckAnswer(const std::vector<ClaimedStep>& steps,
                           const VerifiedCatalog& verified) const;

 private:
  PlanQuestion(SolveBasis basis, ResolveQuery query)
      : basis_(std::move(basis)), query_(std::move(query)) {}

  SolveBasis basis_;
  ResolveQuery query_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_PLAN_QUESTION_H_
