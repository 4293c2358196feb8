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

std::optional<bool> SaysSecret(
    absl::FunctionRef<const JsonValue*(absl::string_view)> keyword) {
  const JsonValue* format = keyword("format");
  if (format != nullptr && format->is_string() &&
      format->text() == "password") {
    return true;
  }
  const JsonValue* write_only = keyword("writeOnly");
  if (write_only != nullptr && write_only->is_bool() &&
      write_only->bool_value()) {
    return true;
  }
  const JsonValue* media = keyword("media");
  const absl::string_view type =
      media == nullptr ? "" : media->FindString("type");
  if (type == "application/x-secret+string" ||
      type == "application/x-service-account+string") {
    return false;
  }
  return std::nullopt;
}

bool SoundsSecret(absl::string_view name) {
  std::string plain = absl::AsciiStrToLower(name);
  std::erase_if(plain, [](char c) { return c == '-' || c == '_' || c == '.'; });
  if (plain == "secret" || plain == "token") return true;
  return std::any_of(
      std::begin(kSecretEndings), std::end(kSecretEndings),
      [&plain](const char* ending) { return absl::EndsWith(plain, ending); });
}

}  // namespace orrery::registry
