// Flags that name an ssh key.

#ifndef CLI_PLUGIN_PACKAGE_SSH_KEY_FLAG_H_
#define CLI_PLUGIN_PACKAGE_SSH_KEY_FLAG_H_

#include <span>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli-plugin/command/command.h"

#include "signing/ssh/ssh_key.h"

namespace orrery::cli {

// The key of a `.pub` file. A usage error that ends in `wanted`, what the flag
// takes, when there is none; record.key.weak.
absl::StatusOr<signing::SshKey> ReadPublicKey(absl::string_view file,
                                              absl::string_view wanted,
                                              const CommandContext& context);

// `--key FILE`, or `--key agent`: what is to sign.
struct SigningFlag {
  std::string name;
  std::string value;
};

// Which of its keys ssh-agent is to sign with.
using ChooseKey = absl::FunctionRef<absl::StatusOr<signing::SshKey>(
    std::span<const signing::SshKey> held)>;

// The armor of a signature that ssh-keygen makes; errors as SignWithFile.
absl::StatusOr<std::string> SignAsTold(const SigningFlag& flag,
                                       absl::string_view name_space,
                                       absl::string_view message,
                                       ChooseKey choose,
                                       const CommandContext& context);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_PACKAGE_SSH_KEY_FLAG_H_
