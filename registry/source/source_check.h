#ifndef REGISTRY_SOURCE_SOURCE_CHECK_H_
#define REGISTRY_SOURCE_SOURCE_CHECK_H_

#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "registry/git/source.h"
#include "registry/source/repository_access.h"

namespace orrery::registry {

// What messages call the file.
inline constexpr char kWebhookSecretFile[] = "webhook secret file";

// Looks whether a source that is to be added can work, and writes the ref that
// is followed into it. Gives warnings about what can; errors, within 10
// seconds, about what cannot: a file that the server cannot read, a remote that
// is not reached or only hands out files, a ref that is not there.
absl::StatusOr<std::vector<std::string>> CheckSource(RepositoryAccess& access,
                                                     std::stop_token stop,
                                                     Source& source);

}  // namespace orrery::registry

#endif  // REGISTRY_SOURCE_SOURCE_CHECK_H_
