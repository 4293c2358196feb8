// An armored SSH signature of one message by whatever key it names: what the
// verifier takes, ssh-keygen takes. It takes more (trust.md §22.2).

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "signing/ssh/armor.h"
#include "signing/ssh/ssh_key.h"
#include "signing/ssh/ssh_verifier.h"

extern char** environ;

namespace {

using orrery::signing::ArmorForm;
using orrery::signing::ParseArmor;
using orrery::signing::SshKey;
using orrery::signing::VerifySshSignature;

constexpr char kMessage[] = "orrery/record/v1\nkind release\n";

// Of files that last as long as the process.
class Folder {
 public:
  Folder() {
    std::string name = std::filesystem::temp_directory_path() / "sshsigXXXXXX";
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }

  std::string Write(absl::string_view name, absl::string_view bytes) const {
    const std::string path = absl::StrCat(path_, "/", name);
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

 private:
  std::string path_;
};

bool SshKeygenTakes(const std::string& signers, std::string name_space,
                    const std::string& signature, const std::string& message) {
  std::string words[] = {"ssh-keygen", "-Y", "verify",   "-f", signers,  "-I",
                         "me",         "-n", name_space, "-s", signature};
  char* arguments[std::size(words) + 1] = {};
  for (size_t i = 0; i < std::size(words); ++i) arguments[i] = words[i].data();
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, message.c_str(), 0, 0);
  for (const int output : {STDOUT_FILENO, STDERR_FILENO}) {
    posix_spawn_file_actions_addopen(&files, output, "/dev/null", 1, 0);
  }
  pid_t child = 0;
  if (posix_spawnp(&child, "ssh-keygen", &files, nullptr, arguments, environ) !=
      0) {
    std::abort();
  }
  posix_spawn_file_actions_destroy(&files);
  int status = 0;
  // The fuzzer's own clock interrupts it.
  if (TEMP_FAILURE_RETRY(waitpid(child, &status, 0)) != child) std::abort();
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Folder folder;
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  const auto signature = ParseArmor(input, ArmorForm::kFile);
  if (!signature.ok()) return 0;
  const auto key = SshKey::Parse(signature->public_key);
  if (!key.ok() ||
      !VerifySshSignature(*key, signature->name_space, *signature, kMessage)
           .ok()) {
    return 0;
  }
  const std::string signers = folder.Write(
      "signers", absl::StrCat("me ", key->type(), " ",
                              absl::Base64Escape(key->blob()), "\n"));
  if (!SshKeygenTakes(signers, signature->name_space,
                      folder.Write("signature", input),
                      folder.Write("message", kMessage))) {
    std::abort();
  }
  return 0;
}
