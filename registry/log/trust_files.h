// DIR/trust/{policy,tlog-policy,names}: what a client has to believe in order
// to check this registry's log (spec: trust.md §12). The operator may change
// them.

#ifndef REGISTRY_LOG_TRUST_FILES_H_
#define REGISTRY_LOG_TRUST_FILES_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/log/log_keys.h"
#include "signing/policy/names.h"

namespace orrery::registry {

// Writes those that are missing, each whole or not at all. `url` is the one of
// the HTTP listener.
absl::Status WriteTrustFiles(const std::string& data_dir, const LogKeys& keys,
                             absl::string_view url);

// The file of that name. kNotFound for another name or a missing file.
absl::StatusOr<std::string> ReadTrustFile(const std::string& data_dir,
                                          absl::string_view name);

// What the file `names` says; nothing when there is none. trust.syntax when it
// cannot be read: nobody knows then what is bound or reserved.
absl::StatusOr<std::optional<signing::Names>> ReadNames(
    const std::string& data_dir);

}  // namespace orrery::registry

#endif  // REGISTRY_LOG_TRUST_FILES_H_
