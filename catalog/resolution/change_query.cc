#include "catalog/resolution/change_query.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "catalog/options/merge_options.h"
#include "registry/format/json_parse.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {

absl::StatusOr<RequestItem> ServiceItem(
    absl::string_view package, absl::string_view service,
    absl::string_view range, const std::vector<std::string>& features) {
  RequestItem item;
  item.name = std::string(package);
  item.features = features;
  if (service != package) item.instance = std::string(service);
  if (!range.empty()) ORRERY_RETURN_IF_ERROR(ParseItemRange(range, &item));
  return item;
}

void AskToInstall(const RequestItem& item, registry::JsonValue options,
                  ResolveQuery* query) {
  query->verb = "install";
  query->installed = true;
  query->items.insert(query->items.begin(), item);
  // A question without options is the same whether they were left out or empty.
  if (!options.members().empty()) {
    query->options[item.NodeText()] = std::move(options);
  }
}

absl::Status AskToUpgrade(const RequestItem& item, registry::JsonValue given,
                          const std::string& options, ResolveQuery* query) {
  query->verb = "upgrade";
  query->installed = true;
  query->items.insert(query->items.begin(), item);
  query->update.insert(query->update.begin(), {item.name, item.instance});
  if (given.members().empty()) return absl::OkStatus();
  ORRERY_ASSIGN_OR_RETURN(registry::JsonDocument kept,
                          registry::ParseJson(options));
  query->options[item.NodeText()] =
      DropNulls(MergeOptions(std::move(kept.root), std::move(given)));
  return absl::OkStatus();
}

absl::StatusOr<RequestItem> AskToRollBack(absl::string_view package,
                                          absl::string_view service,
                                          const EarlierGeneration& earlier,
                                          ResolveQuery* query) {
  ORRERY_ASSIGN_OR_RETURN(
      RequestItem item,
      ServiceItem(package, service, absl::StrCat("release=", earlier.release),
                  earlier.features));
  ORRERY_ASSIGN_OR_RETURN(registry::JsonDocument options,
                          registry::ParseJson(earlier.options));
  query->verb = "rollback";
  query->installed = true;
  query->allow_downgrade = true;
  query->items.insert(query->items.begin(), item);
  query->update.insert(query->update.begin(), {item.name, item.instance});
  query->options[item.NodeText()] = std::move(options.root);
  if (!earlier.tree.empty()) query->trees.push_back({item.name, earlier.tree});
  return item;
}

}  // namespace orrery::catalog
