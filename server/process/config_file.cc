#include "server/process/config_file.h"

#include <toml++/toml.h>

#include <sstream>
#include <string_view>

#include "absl/strings/str_cat.h"

#include "third_party/absl/status_macros.h"
#include "third_party/absl/string_view.h"

namespace orrery::server {
namespace {

absl::Status Fault(const toml::source_region& place,
                   absl::string_view message) {
  return absl::InvalidArgumentError(
      absl::StrCat("line ", place.begin.line, ": ", message));
}

// The text of a scalar as a flag would have it.
absl::StatusOr<std::string> ScalarText(absl::string_view key,
                                       const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return *text;
  if (const auto flag = node.value_exact<bool>()) {
    return std::string(*flag ? "true" : "false");
  }
  if (const auto number = node.value_exact<int64_t>()) {
    return absl::StrCat(*number);
  }
  return Fault(node.source(),
               absl::StrCat("'", key,
                            "' must be a string, a boolean, an integer or an "
                            "array of strings"));
}

}  // namespace

absl::StatusOr<Settings> ParseConfig(absl::string_view text) {
  const toml::parse_result parsed = toml::parse(StdView(text));
  if (!parsed) {
    return Fault(parsed.error().source(),
                 AbslView(parsed.error().description()));
  }
  Settings settings;
  for (const auto& [name, node] : parsed.table()) {
    const std::string key(name.str());
    std::vector<std::string>& values = settings[key];
    const toml::array* list = node.as_array();
    if (list == nullptr) {
      ORRERY_ASSIGN_OR_RETURN(std::string value, ScalarText(key, node));
      values.push_back(std::move(value));
      continue;
    }
    for (const toml::node& item : *list) {
      ORRERY_ASSIGN_OR_RETURN(std::string value, ScalarText(key, item));
      values.push_back(std::move(value));
    }
  }
  return settings;
}

}  // namespace orrery::server
