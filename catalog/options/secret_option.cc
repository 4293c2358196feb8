#include "catalog/options/secret_option.h"

#include "registry/format/secret_name.h"

namespace orrery::catalog {

using registry::JsonValue;

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
  return value.is_string() && !value.text().empty() &&
         registry::SoundsSecret(name);
}

}  // namespace orrery::catalog
