#include "catalog/verify/plan_question.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"

#include "catalog/resolution/change_query.h"
#include "catalog/resolution/named_snapshot.h"
#include "catalog/resolution/resolution.h"
#include "catalog/resolution/written_query.h"
#include "catalog/verify/solution_check.h"
#include "catalog/verify/verified_solve.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

std::string TextIn(const JsonValue& json, absl::string_view name) {
  return std::string(json.FindString(name));
}

std::vector<std::string> TextsIn(const JsonValue& json,
                                 absl::string_view name) {
  std::vector<std::string> texts;
  const JsonValue* const list = json.Find(name);
  if (list == nullptr) return texts;
  for (const JsonValue& item : list->items()) texts.push_back(item.text());
  return texts;
}

bool IsOn(const JsonValue& json, absl::string_view name) {
  const JsonValue* const value = json.Find(name);
  return value != nullptr && value->bool_value();
}

// The choices of a request; members of it that no command writes count, too.
absl::StatusOr<ResolveQuery> ChoicesOf(const AskedPlan& asked) {
  const JsonValue* const choices = asked.request.Find("resolution");
  WrittenQuery written;
  if (choices != nullptr) {
    const std::pair<const char*, std::vector<std::string>*> lists[] = {
        {"items", &written.items},
        {"update", &written.update},
        {"remove", &written.remove},
        {"exclude", &written.exclude},
        {"hold", &written.hold},
        {"bindings", &written.bindings},
        {"trees", &written.trees},
        {"prereleases_of", &written.prereleases_of}};
    for (const auto& [name, texts] : lists) *texts = TextsIn(*choices, name);
    const std::pair<const char*, bool*> switches[] = {
        {"allow_prereleases", &written.allow_prereleases},
        {"allow_removal", &written.allow_removal},
        {"allow_downgrade", &written.allow_downgrade},
        {"allow_source_change", &written.allow_source_change},
        {"oldest_first", &written.oldest_first},
        {"locked", &written.locked}};
    for (const auto& [name, is_on] : switches) *is_on = IsOn(*choices, name);
    if (const JsonValue* options = choices->Find("options")) {
      written.options = registry::WriteJson(*options);
    }
    if (const JsonValue* steps = choices->Find("steps")) {
      written.steps = steps->AsInteger().value_or(0);
    }
    written.lock = TextIn(*choices, "lock");
  }
  ORRERY_ASSIGN_OR_RETURN(ResolveQuery query, ReadQuery(written));
  query.cluster = asked.cluster;
  return query;
}

JsonValue OptionsOf(const AskedPlan& asked) {
  const JsonValue* const options = asked.request.Find("options");
  return options == nullptr ? JsonValue::Object() : *options;
}

const RunningService* Find(const SolveBasis& basis, absl::string_view name) {
  const auto found = std::find_if(
      basis.services.begin(), basis.services.end(),
      [name](const auto& service) { return service.name == name; });
  return found == basis.services.end() ? nullptr : &*found;
}

absl::StatusOr<ResolveQuery> QueryOf(const AskedPlan& asked,
                                     const SolveBasis& basis) {
  ORRERY_ASSIGN_OR_RETURN(ResolveQuery query, ChoicesOf(asked));
  const std::string range = TextIn(asked.request, "range");
  const std::vector<std::string> features = TextsIn(asked.request, "features");
  const std::string package = TextIn(asked.request, "package");
  if (!package.empty()) {
    ORRERY_ASSIGN_OR_RETURN(
        const RequestItem item,
        ServiceItem(package, asked.service, range, features));
    AskToInstall(item, OptionsOf(asked), &query);
    return query;
  }
  const RunningService* const service = Find(basis, asked.service);
  if (service == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("the server does not say what service ", asked.service,
                     " runs, which it upgrades"));
  }
  if (IsOn(asked.request, "rollback")) {
    if (service->earlier.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the server does not say what service ", asked.service, " was"));
    }
    ORRERY_RETURN_IF_ERROR(AskToRollBack(service->package, service->name,
                                         service->earlier.back(), &query)
                               .status());
    return query;
  }
  ORRERY_ASSIGN_OR_RETURN(
      const RequestItem item,
      ServiceItem(service->package, service->name, range, features));
  ORRERY_RETURN_IF_ERROR(
      AskToUpgrade(item, OptionsOf(asked), service->options, &query));
  return query;
}

}  // namespace

absl::StatusOr<PlanQuestion> PlanQuestion::Read(const AskedPlan& asked,
                                                const JsonValue& told) {
  absl::StatusOr<SolveBasis> basis = SolveBasisFromJson(told);
  if (!basis.ok()) {
    return signing::At(
        {.check = 14},
        signing::Refuse(signing::RefusalCode::kPlanDeps,
                        absl::StrCat("the server does not say what its plan "
                                     "rests on: ",
                                     basis.status().message())));
  }
  ORRERY_ASSIGN_OR_RETURN(ResolveQuery query, QueryOf(asked, *basis));
  return PlanQuestion(*std::move(basis), std::move(query));
}

const RunningService* PlanQuestion::FindRunning(
    absl::string_view service) const {
  return Find(basis_, service);
}

bool PlanQuestion::NamesTreeOf(const ClaimedStep& step) const {
  return NamesTree(query_, step.package, step.tree);
}

bool PlanQuestion::NamesRevisionOf(const ClaimedStep& step) const {
  return NamesRevision(query_, step.package, step.version, step.release,
                       step.revision);
}

absl::Status PlanQuestion::CheckAnswer(const std::vector<ClaimedStep>& steps,
                                       const VerifiedCatalog& verified) const {
  ORRERY_ASSIGN_OR_RETURN(const Resolution own,
                          SolveVerified(query_, basis_, verified));
  return CheckSolution(steps, basis_.nodes, own);
}

}  // namespace orrery::catalog
