#include "catalog/options/default_options.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

#include "catalog/options/schema_node.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

// A release's files are parsed to this depth; references could go deeper.
constexpr size_t kMaxDepth = 64;

class Collector {
 public:
  explicit Collector(const JsonValue& config) : config_(config) {}

  JsonValue Group(const JsonValue& schema) {
    JsonValue defaults = JsonValue::Object();
    const JsonValue* properties = schema.Find("properties");
    if (properties == nullptr || !properties->is_object()) return defaults;
    for (const auto& [name, property] : properties->members()) {
      AddOption(name, property, &defaults);
    }
    return defaults;
  }

 private:
  void AddOption(absl::string_view name, const JsonValue& property,
                 JsonValue* defaults) {
    const JsonValue* schema = Target(property);
    if (schema == nullptr) return;
    if (const JsonValue* value = schema->Find("default")) {
      defaults->members().push_back({std::string(name), *value});
      return;
    }
    const bool in_cycle =
        std::find(open_.begin(), open_.end(), schema) != open_.end();
    if (in_cycle || open_.size() >= kMaxDepth) return;
    open_.push_back(schema);
    JsonValue group = Group(*schema);
    open_.pop_back();
    if (group.members().empty()) return;
    defaults->members().push_back({std::string(name), std::move(group)});
  }

  // The schema itself or what its references lead to; null for no object.
  const JsonValue* Target(const JsonValue& property) const {
    const JsonValue* schema = &property;
    for (size_t hops = 0; schema != nullptr && schema->is_object(); ++hops) {
      const JsonValue* reference = schema->Find("$ref");
      if (reference == nullptr || !reference->is_string()) return schema;
      if (hops > kMaxDepth) return nullptr;
      schema = ResolveReference(config_, reference->text());
    }
    return nullptr;
  }

  const JsonValue& config_;
  // Schemas of the groups around the current option.
  std::vector<const JsonValue*> open_;
};

}  // namespace

JsonValue DefaultOptions(const JsonValue& config) {
  return Collector(config).Group(config);
}

}  // namespace orrery::catalog
