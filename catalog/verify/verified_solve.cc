#include "catalog/verify/verified_solve.h"

#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "catalog/resolution/package_facts.h"
#include "catalog/resolution/resolver_request.h"
#include "catalog/resolution/solve.h"
#include "signing/refusal.h"

namespace orrery::catalog {
namespace {

// That a service or a content is not there, or a lock does not hold, is said
// by the code of the step.
absl::Status Refusal(const absl::Status& status) {
  if (signing::RefusalOf(status).has_value() || absl::IsCancelled(status)) {
    return status;
  }
  return signing::At(
      {.check = 14},
      signing::Refuse(signing::RefusalCode::kPlanDeps,
                      absl::StrCat("solving again from verified releases: ",
                                   status.message())));
}

}  // namespace

absl::StatusOr<Resolution> SolveVerified(const ResolveQuery& query,
                                         const SolveBasis& basis,
                                         const VerifiedCatalog& catalog) {
  QueryInputs inputs;
  inputs.snapshot = catalog.snapshot;
  inputs.cache = std::make_shared<PackageFactsCache>();
  inputs.facts = basis.facts;
  inputs.services = basis.services;
  inputs.admission = catalog.admission;
  ResolveQuery timeless = query;
  timeless.is_out_of_time = [] { return false; };
  const absl::Status named = AddNamed(timeless, &inputs);
  if (!named.ok()) return Refusal(named);
  absl::StatusOr<PreparedQuery> prepared = PrepareQuery(timeless, inputs);
  if (!prepared.ok()) return Refusal(prepared.status());
  Resolution own;
  const absl::Status solved = Solve(timeless, *prepared, &own);
  if (!solved.ok()) return Refusal(solved);
  return own;
}

}  // namespace orrery::catalog
