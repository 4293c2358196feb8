// Signatures by OpenSSH's own programs: they know the keys, and ask for what
// opens them.

#ifndef CLI_PLUGIN_PACKAGE_SSH_KEYGEN_H_
#define CLI_PLUGIN_PACKAGE_SSH_KEYGEN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/ssh/ssh_key.h"

namespace orrery::cli {

// The armor that `ssh-keygen -Y sign` makes of `message` with a file: a private
// key, or a public one whose private half is in ssh-agent. `passes_errors`: it
// may talk to the user. kFailedPrecondition with what it said and what to do.
absl::StatusOr<std::string> SignWithFile(const std::string& key_file,
                                         absl::string_view name_space,
                                         absl::string_view message,
                                         bool passes_errors);

// The same with a key of ssh-agent.
absl::StatusOr<std::string> SignWithAgent(const signing::SshKey& key,
                                          absl::string_view name_space,
                                          absl::string_view message,
                                          bool passes_errors);

// The keys of ssh-agent that may sign here. kFailedPrecondition when no agent
// answers.
absl::StatusOr<std::vector<signing::SshKey>> AgentKeys();

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_PACKAGE_SSH_KEYGEN_H_
