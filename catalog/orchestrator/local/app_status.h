// What a `local` app is doing, in words and states.

#ifndef CATALOG_ORCHESTRATOR_LOCAL_APP_STATUS_H_
#define CATALOG_ORCHESTRATOR_LOCAL_APP_STATUS_H_

#include <string>

#include "absl/time/time.h"

#include "catalog/orchestrator/local/local_app.h"
#include "catalog/orchestrator/orchestrator.h"

namespace orrery::catalog {

// Whether the instance serves: it runs, no check fails, and every check has
// passed. One that was adopted counts until a check says otherwise.
bool IsUp(const LocalInstance& instance, bool deployed);

// Whether the slot's instance is up in the app's present form, and to stay; of
// a job, whether it has ended well.
bool IsSettled(const LocalApp& app, const LocalSlot& slot);

// `host` is what endpoints are made with; an app that has not come up
// `deadline` after its creation, its last update, the start of orreryd and the
// end of its wait for other apps has failed.
AppStatus DescribeApp(const LocalApp& app, const std::string& host,
                      absl::Duration deadline, absl::Time now);

// "2026-01-31T12:00:00Z".
std::string FormatTimestamp(absl::Time time);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_LOCAL_APP_STATUS_H_
