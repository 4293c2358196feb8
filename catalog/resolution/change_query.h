// What an installation, an upgrade or a rollback asks the resolver: the server,
// and who checks its answer, ask the same.

#ifndef CATALOG_RESOLUTION_CHANGE_QUERY_H_
#define CATALOG_RESOLUTION_CHANGE_QUERY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "catalog/resolution/request_item.h"
#include "catalog/resolution/resolve_query.h"
#include "catalog/resolution/running_service.h"
#include "registry/format/json_value.h"

namespace orrery::catalog {

// The item of `package`, as the service of that name, in a range that may be
// empty. kInvalidArgument says what of the range cannot be read.
absl::StatusOr<RequestItem> ServiceItem(
    absl::string_view package, absl::string_view service,
    absl::string_view range, const std::vector<std::string>& features);

// Adds to what else is chosen that a service is to be there, with the user's
// options.
void AskToInstall(const RequestItem& item, registry::JsonValue options,
                  ResolveQuery* query);

// The same, that it is to be as new as can be. `given` comes over the options
// that the service has, one JSON object as text.
absl::Status AskToUpgrade(const RequestItem& item, registry::JsonValue given,
                          const std::string& options, ResolveQuery* query);

// The same, that it is to be what it was, by its content where that is known.
// The item that this asks for.
absl::StatusOr<RequestItem> AskToRollBack(absl::string_view package,
                                          absl::string_view service,
                                          const EarlierGeneration& earlier,
                                          ResolveQuery* query);

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_CHANGE_QUERY_H_
