#include "cli-plugin/package/ssh_keygen.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli-plugin/command/file_reader.h"
#include "cli-plugin/command/file_writer.h"
#include "cli-plugin/package/child_process.h"

#include "signing/record/statement_draft.h"
#include "signing/ssh/armor.h"
#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxSignatureBytes = signing::kMaxArmorBase64 * 2;
// What ssh-add says when there is no agent, or it has no key.
constexpr int kNoAgent = 2;

// A folder that goes with it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::error_code error;
    std::string pattern =
        (fs::temp_directory_path(error) / "orrery-sign-XXXXXX").string();
    if (!error && mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code error;
    if (!path_.empty()) fs::remove_all(path_, error);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  absl::Status status() const {
    if (!path_.empty()) return absl::OkStatus();
    return absl::UnavailableError(
        "there is no folder for temporary files; set TMPDIR to one");
  }
  std::string File(absl::string_view name) const {
    return absl::StrCat(path_, "/", name);
  }

 private:
  std::string path_;
};

absl::Status NotSigned(const std::string& key_file, const ChildResult& result) {
  const std::string said(absl::StripAsciiWhitespace(result.errors));
  std::string hint;
  if (absl::StrContains(said, "passphrase")) {
    hint =
        absl::StrCat("; the key is encrypted: give it to ssh-agent (`ssh-add ",
                     key_file, "`) and sign with --key agent");
  } else if (absl::StrContains(said, "agent") ||
             absl::StrContains(said, "private key")) {
    hint =
        "; a public key signs only while ssh-agent holds the private one "
        "(`ssh-add -L` lists them)";
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "ssh-keygen did not sign with ", key_file, " (exit ", result.exit_code,
      ")", said.empty() ? "" : ": ", said, hint));
}

}  // namespace

absl::StatusOr<std::string> SignWithFile(const std::string& key_file,
                                         absl::string_view name_space,
                                         absl::string_view message,
                                         bool passes_errors) {
  const TemporaryFolder folder;
  ORRERY_RETURN_IF_ERROR(folder.status());
  // A copy: ssh-keygen writes beside it, and asks before it replaces.
  const std::string copy = folder.File("statement");
  ORRERY_RETURN_IF_ERROR(ReplaceFile(copy, message));
  ORRERY_ASSIGN_OR_RETURN(
      const ChildResult result,
      RunChild({"ssh-keygen", "-Y", "sign", "-q", "-n", std::string(name_space),
                "-f", key_file, copy},
               passes_errors));
  if (result.exit_code != 0) return NotSigned(key_file, result);
  return ReadFileUpTo(copy + ".sig", kMaxSignatureBytes);
}

absl::StatusOr<std::string> SignWithAgent(const signing::SshKey& key,
                                          absl::string_view name_space,
                                          absl::string_view message,
                                          bool passes_errors) {
  const TemporaryFolder folder;
  ORRERY_RETURN_IF_ERROR(folder.status());
  const std::string file = folder.File("key.pub");
  ORRERY_RETURN_IF_ERROR(ReplaceFile(
      file,
      absl::StrCat(key.type(), " ", absl::Base64Escape(key.blob()), "\n")));
  return SignWithFile(file, name_space, message, passes_errors);
}

absl::StatusOr<std::vector<signing::SshKey>> AgentKeys() {
  ORRERY_ASSIGN_OR_RETURN(const ChildResult result,
                          RunChild({"ssh-add", "-L"}, /*passes_errors=*/false));
  if (result.exit_code == kNoAgent) {
    return absl::FailedPreconditionError(
        "no ssh-agent answers; start one (`eval $(ssh-agent)`), give it the "
        "key (`ssh-add`), or name the key's file with --key FILE");
  }
  std::vector<signing::SshKey> keys;
  for (const absl::string_view line : absl::StrSplit(result.output, '\n')) {
    // Of other types are keys that cannot sign here.
    auto key = signing::ParsePublicKeyFile(line);
    if (key.ok()) keys.push_back(*std::move(key));
  }
  return keys;
}

}  // namespace orrery::cli
