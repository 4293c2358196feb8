// Whether a log that was read in another way says what its replay says.

#ifndef SIGNING_REPLAY_LOG_STATE_TESTING_H_
#define SIGNING_REPLAY_LOG_STATE_TESTING_H_

#include <string>

#include "signing/replay/log_state.h"

namespace orrery::signing {

void ExpectSamePackage(const LogState& read, const LogState& replayed,
                       const std::string& name);
void ExpectSameState(const LogState& read, const LogState& replayed);

}  // namespace orrery::signing

#endif  // SIGNING_REPLAY_LOG_STATE_TESTING_H_
