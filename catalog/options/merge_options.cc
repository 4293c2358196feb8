#include "catalog/options/merge_options.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace orrery::catalog {

using registry::JsonValue;

JsonValue MergeOptions(JsonValue target, JsonValue fragment) {
  if (!target.is_object() || !fragment.is_object()) return fragment;
  absl::flat_hash_map<std::string, size_t> places;
  for (const auto& member : target.members()) {
    places.emplace(member.name, places.size());
  }
  for (auto& [name, value] : fragment.members()) {
    const auto place = places.find(name);
    if (place == places.end()) {
      target.members().push_back({name, std::move(value)});
    } else {
      JsonValue& present = target.members()[place->second].value;
      present = MergeOptions(std::move(present), std::move(value));
    }
  }
  return target;
}

JsonValue DropNulls(JsonValue options) {
  std::erase_if(options.members(), [](const JsonValue::Member& member) {
    return member.value.is_null();
  });
  for (auto& member : options.members()) {
    member.value = DropNulls(std::move(member.value));
  }
  for (JsonValue& item : options.items()) item = DropNulls(std::move(item));
  return options;
}

}  // namespace orrery::catalog
