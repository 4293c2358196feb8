#include "cli-plugin/plan_query.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "cli-plugin/json_member.h"

#include "catalog/resolution/change_query.h"
#include "catalog/resolution/written_query.h"
#include "registry/format/json_value.h"
#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using catalog::ResolveQuery;
using catalog::WrittenQuery;
using registry::JsonValue;

// The choices of a request; members of it that no command writes count, too.
absl::StatusOr<ResolveQuery> ChoicesOf(const AskedChange& change) {
  const JsonValue* choices = change.request.Find("resolution");
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
    for (const auto& [name, texts] : lists) {
      *texts = MemberTexts(*choices, name);
    }
    const std::pair<const char*, bool*> switches[] = {
        {"allow_prereleases", &written.allow_prereleases},
        {"allow_removal", &written.allow_removal},
        {"allow_downgrade", &written.allow_downgrade},
        {"allow_source_change", &written.allow_source_change},
        {"oldest_first", &written.oldest_first},
        {"locked", &written.locked}};
    for (const auto& [name, is_on] : switches) {
      *is_on = MemberText(*choices, name) == "true";
    }
    if (const JsonValue* options = choices->Find("options")) {
      written.options = registry::WriteJson(*options);
    }
    if (const JsonValue* steps = choices->Find("steps")) {
      written.steps = steps->AsInteger().value_or(0);
    }
    written.lock = MemberText(*choices, "lock");
  }
  ORRERY_ASSIGN_OR_RETURN(ResolveQuery query, catalog::ReadQuery(written));
  query.cluster = change.cluster;
  return query;
}

JsonValue OptionsOf(const AskedChange& change) {
  const JsonValue* options = change.request.Find("options");
  return options == nullptr ? JsonValue::Object() : *options;
}

}  // namespace

absl::StatusOr<ResolveQuery> QueryOf(const AskedChange& change,
                                     const catalog::SolveBasis& basis) {
  ORRERY_ASSIGN_OR_RETURN(ResolveQuery query, ChoicesOf(change));
  const std::string range = MemberText(change.request, "range");
  const std::vector<std::string> features =
      MemberTexts(change.request, "features");
  const std::string package = MemberText(change.request, "package");
  if (!package.empty()) {
    ORRERY_ASSIGN_OR_RETURN(
        const catalog::RequestItem item,
        catalog::ServiceItem(package, change.service, range, features));
    catalog::AskToInstall(item, OptionsOf(change), &query);
    return query;
  }
  const auto service = std::find_if(
      basis.services.begin(), basis.services.end(),
      [&](const auto& running) { return running.name == change.service; });
  if (service == basis.services.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the server does not say what service ", change.service,
                     " runs, which it upgrades"));
  }
  if (MemberText(change.request, "rollback") == "true") {
    if (service->earlier.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the server does not say what service ", change.service, " was"));
    }
    ORRERY_RETURN_IF_ERROR(
        catalog::AskToRollBack(service->package, service->name,
                               service->earlier.back(), &query)
            .status());
    return query;
  }
  ORRERY_ASSIGN_OR_RETURN(
      const catalog::RequestItem item,
      catalog::ServiceItem(service->package, service->name, range, features));
  ORRERY_RETURN_IF_ERROR(
      catalog::AskToUpgrade(item, OptionsOf(change), service->options, &query));
  return query;
}

}  // namespace orrery::cli
