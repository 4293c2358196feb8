#include "registry/format/secret_name.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace orrery::registry {
namespace {

constexpr const char* kSecretEndings[] = {
    "password",    "passwd",    "passphrase", "privatekey",
    "apikey",      "accesskey", "secretkey",  "clientsecret",
    "accesstoken", "authtoken", "bearertoken"};

}  // namespace

bool SoundsSecret(absl::string_view name) {
  std::string plain = absl::AsciiStrToLower(name);
  std::erase_if(plain, [](char c) { return c == '-' || c == '_' || c == '.'; });
  if (plain == "secret" || plain == "token") return true;
  return std::any_of(
      std::begin(kSecretEndings), std::end(kSecretEndings),
      [&plain](const char* ending) { return absl::EndsWith(plain, ending); });
}

}  // namespace orrery::registry
