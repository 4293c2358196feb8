#include "catalog/options/secret_option.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

constexpr const char* kSecretEndings[] = {
    "password",    "passwd",    "passphrase", "privatekey",
    "apikey",      "accesskey", "secretkey",  "clientsecret",
    "accesstoken", "authtoken", "bearertoken"};

bool SoundsSecret(absl::string_view name) {
  std::string plain = absl::AsciiStrToLower(name);
  std::erase_if(plain, [](char c) { return c == '-' || c == '_' || c == '.'; });
  if (plain == "secret" || plain == "token") return true;
  return std::any_of(
      std::begin(kSecretEndings), std::end(kSecretEndings),
      [&plain](const char* ending) { return absl::EndsWith(plain, ending); });
}

}  // namespace

bool IsSecretOption(absl::string_view name, const SchemaNode& node,
                    const JsonValue& value) {
  if (node.Text("format") == "password") return true;
  const JsonValue* write_only = node.Keyword("writeOnly");
  if (write_only != nullptr && write_only->bool_value()) return true;
  if (value.Find("$secret") != nullptr) return true;
  if (const JsonValue* media = node.Keyword("media")) {
    // These hold the name of a stored secret or account, not the secret.
    const absl::string_view type = media->FindString("type");
    if (type == "application/x-secret+string" ||
        type == "application/x-service-account+string") {
      return false;
    }
  }
  return value.is_string() && !value.text().empty() && SoundsSecret(name);
}

}  // namespace orrery::catalog
