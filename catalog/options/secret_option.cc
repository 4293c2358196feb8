#include "catalog/options/secret_option.h"

#include <optional>

#include "registry/format/secret_name.h"

namespace orrery::catalog {

using registry::JsonValue;

bool IsSecretOption(absl::string_view name, const SchemaNode& node,
                    const JsonValue& value) {
  const std::optional<bool> says = registry::SaysSecret(
      [&](absl::string_view keyword) { return node.Keyword(keyword); });
  if (says == true || value.Find("$secret") != nullptr) return true;
  if (says.has_value()) return false;
  return value.is_string() && !value.text().empty() &&
         registry::SoundsSecret(name);
}

}  // namespace orrery::catalog
