#ifndef SIGNING_REPLAY_KNOWN_LOG_H_
#define SIGNING_REPLAY_KNOWN_LOG_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "signing/replay/log_state.h"

namespace orrery::signing {

// What the leaves of a log say that was replayed before, by these rules, and
// found without a void leaf: the same as Replay, but the leaves of a package
// are parsed and judged when somebody asks for it. One that turns out to be
// named by a void leaf after all is not there.
LogState ReadKnownLog(absl::string_view origin,
                      std::vector<std::string> leaves);

}  // namespace orrery::signing

#endif  // SIGNING_REPLAY_KNOWN_LOG_H_
