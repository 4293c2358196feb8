#include "cli-plugin/package/ssh_key_flag.h"

#include <cstddef>
#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli-plugin/command/absolute_path.h"
#include "cli-plugin/command/file_reader.h"
#include "cli-plugin/package/ssh_keygen.h"
#include "cli-plugin/text/problem.h"

#include "signing/record/statement_draft.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

constexpr size_t kMaxKeyFileBytes = size_t{64} << 10;

}  // namespace

absl::StatusOr<signing::SshKey> ReadPublicKey(absl::string_view file,
                                              absl::string_view wanted,
                                              const CommandContext& context) {
  const std::string path = AbsolutePath(file, context.working_directory);
  auto text = ReadFileUpTo(path, kMaxKeyFileBytes);
  if (!text.ok()) {
    return UsageError(absl::StrCat(text.status().message(), "; ", wanted));
  }
  auto key = signing::ParsePublicKeyFile(*text);
  if (key.ok()) return key;
  if (signing::RefusalOf(key.status()).has_value()) {
    return signing::At({.file = path}, key.status());
  }
  return UsageError(absl::StrCat(path, ": ", key.status().message()));
}

absl::StatusOr<std::string> SignAsTold(const SigningFlag& flag,
                                       absl::string_view name_space,
                                       absl::string_view message,
                                       ChooseKey choose,
                                       const CommandContext& context) {
  const bool passes_errors = context.terminal->streams().err_is_terminal;
  if (flag.value == "agent") {
    ORRERY_ASSIGN_OR_RETURN(const std::vector<signing::SshKey> held,
                            AgentKeys());
    ORRERY_ASSIGN_OR_RETURN(const signing::SshKey key, choose(held));
    return SignWithAgent(key, name_space, message, passes_errors);
  }
  const std::string file = AbsolutePath(flag.value, context.working_directory);
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    return UsageError(absl::StrCat(file, " does not exist; --", flag.name,
                                   " takes the file of your ssh key, or the "
                                   "word agent"));
  }
  return SignWithFile(file, name_space, message, passes_errors);
}

}  // namespace orrery::cli
