#include "catalog/options/option_variants.h"

#include <utility>

namespace orrery::catalog {

using registry::JsonValue;

JsonValue WithBooleansNegated(JsonValue options) {
  if (options.is_bool()) return JsonValue::Bool(!options.bool_value());
  for (JsonValue::Member& member : options.members()) {
    member.value = WithBooleansNegated(std::move(member.value));
  }
  return options;
}

JsonValue WithValuesEmptied(JsonValue options) {
  if (options.is_string()) return JsonValue::String("");
  if (options.is_array()) return JsonValue::Array();
  if (options.is_number()) return JsonValue::Integer(0);
  for (JsonValue::Member& member : options.members()) {
    member.value = WithValuesEmptied(std::move(member.value));
  }
  return options;
}

}  // namespace orrery::catalog
