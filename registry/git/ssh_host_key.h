// What an ssh server offered as its host key, so that a refusal can say it.

#ifndef REGISTRY_GIT_SSH_HOST_KEY_H_
#define REGISTRY_GIT_SSH_HOST_KEY_H_

#include <string>

#include "absl/strings/string_view.h"

namespace orrery::registry {

// A line of ssh_config(5) that has ssh print the key that a server offers on
// its error stream. It makes no key known.
std::string ReportHostKeyOption();

// Whether `line` of ssh's error stream is such a report.
bool IsHostKeyReport(absl::string_view line);

// What to know when ssh refused the host key, from its error stream: the key
// offered with its fingerprint, and either the file and line that expect
// another, or the line that would make it known in `known_hosts`. Empty when
// ssh reported no key.
std::string ExplainHostKey(absl::string_view errors,
                           absl::string_view known_hosts);

}  // namespace orrery::registry

#endif  // REGISTRY_GIT_SSH_HOST_KEY_H_
