#ifndef CATALOG_RESOLUTION_ANSWER_READER_H_
#define CATALOG_RESOLUTION_ANSWER_READER_H_

#include "absl/status/status.h"

#include "catalog/resolution/resolution.h"
#include "catalog/resolution/resolver_request.h"
#include "resolver/answer.h"

namespace orrery::catalog {

// Says what an answer means: who is there and why, which options are bound, and
// in which order services start. kFailedPrecondition with reason PLAN_CYCLE for
// services that wait for each other's outputs, and with OPTIONS_CONFLICT when
// two requirements set one option differently.
absl::Status ReadAnswer(const resolver::Answer& answer, PreparedQuery& prepared,
                        Resolution* out);

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_ANSWER_READER_H_
