// The verifier of SSH signatures with nothing around it:
//   sshsig_verify PUBKEY NAMESPACE SIG <MESSAGE
// exits 0 for a signature of the message by the key of the .pub file, 1 for
// what is refused, with the code on stdout, 64 for wrong usage.

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

#include "signing/refusal.h"
#include "signing/ssh/armor.h"
#include "signing/ssh/ssh_key.h"
#include "signing/ssh/ssh_verifier.h"
#include "third_party/absl/status_macros.h"

namespace {

using orrery::signing::ArmorForm;
using orrery::signing::Refusal;
using orrery::signing::RefusalCode;
using orrery::signing::SshKey;

constexpr int kRefused = 1;
constexpr int kUsage = 64;

std::optional<std::string> ReadFile(const char* path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// Type, base64 and perhaps a comment.
absl::StatusOr<SshKey> ReadKey(absl::string_view text) {
  const std::vector<absl::string_view> words =
      absl::StrSplit(absl::StripAsciiWhitespace(text), absl::MaxSplits(' ', 2));
  if (words.size() < 2) {
    return absl::InvalidArgumentError("PUBKEY is no public key");
  }
  return SshKey::ParseText(words[0], words[1]);
}

absl::Status Verify(absl::string_view key_text, absl::string_view name_space,
                    absl::string_view armor, absl::string_view message) {
  auto key = ReadKey(key_text);
  if (!key.ok()) {
    return orrery::signing::RefuseAs(RefusalCode::kRecordSyntax, key.status());
  }
  ORRERY_ASSIGN_OR_RETURN(const auto signature,
                          orrery::signing::ParseArmor(armor, ArmorForm::kFile));
  return orrery::signing::VerifySshSignature(*key, name_space, signature,
                                             message);
}

}  // namespace

int main(int argc, char** argv) {
  const auto key = argc == 4 ? ReadFile(argv[1]) : std::nullopt;
  const auto armor = argc == 4 ? ReadFile(argv[3]) : std::nullopt;
  if (!key.has_value() || !armor.has_value()) {
    std::cerr << "usage: sshsig_verify PUBKEY NAMESPACE SIG <MESSAGE\n";
    return kUsage;
  }
  const std::string message(std::istreambuf_iterator<char>(std::cin), {});
  const absl::Status status = Verify(*key, argv[2], *armor, message);
  if (status.ok()) return 0;
  const std::optional<Refusal> refusal = orrery::signing::RefusalOf(status);
  if (refusal.has_value()) {
    std::cout << orrery::signing::RefusalName(refusal->code) << "\n";
  }
  std::cerr << status.message() << "\n";
  return kRefused;
}
