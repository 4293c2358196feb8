#include "catalog/verify/bundle/dependencies.h"

#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "catalog/resolution/request_item.h"
#include "catalog/resolution/resolution.h"
#include "catalog/resolution/resolve_query.h"
#include "catalog/resolution/solve_basis.h"
#include "catalog/verify/verified_solve.h"
#include "resolver/answer.h"
#include "signing/refusal.h"
#include "signing/replay/log_state.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

absl::StatusOr<ResolveQuery> QueryFor(const VerifiedRelease& release) {
  const signing::RevisionKey& key = release.revision.key;
  std::string item = absl::StrCat(release.package, "@release=", key.release);
  if (release.revision.state != signing::RevisionState::kCurrent) {
    absl::StrAppend(&item, "#", key.revision);
  }
  ResolveQuery query;
  ORRERY_ASSIGN_OR_RETURN(query.items.emplace_back(), ParseRequestItem(item));
  return query;
}

absl::Status Gap(const VerifiedRelease& release, absl::string_view why) {
  return signing::At(
      {.check = 14,
       .registry = release.registry,
       .package = release.package,
       .release = release.revision.key.release,
       .revision = release.revision.key.revision},
      signing::Refuse(signing::RefusalCode::kBundleGap,
                      absl::StrCat("cannot go with what it requires: ", why,
                                   "; --no-deps leaves that out")));
}

}  // namespace

absl::StatusOr<std::vector<PackageRevision>> FindDependencies(
    Verifier& verifier, const VerifiedRelease& release) {
  ORRERY_ASSIGN_OR_RETURN(const ResolveQuery query, QueryFor(release));
  ORRERY_ASSIGN_OR_RETURN(const VerifiedCatalog catalog,
                          verifier.CatalogOf(release.package));
  ORRERY_ASSIGN_OR_RETURN(const Resolution answer,
                          SolveVerified(query, SolveBasis(), catalog));
  if (answer.status != resolver::Status::kSolved) {
    return Gap(
        release,
        absl::StrCat("the log has nothing that the policy admits for ",
                     release.content.requirements.empty()
                         ? "its relations"
                         : absl::StrJoin(release.content.requirements, ", ")));
  }
  std::vector<PackageRevision> found;
  for (const ResolvedNode& node : answer.nodes) {
    if (node.release == nullptr) continue;
    found.push_back({node.package,
                     {node.release->source, node.release->release,
                      static_cast<int64_t>(node.revision)}});
  }
  return found;
}

}  // namespace orrery::catalog
