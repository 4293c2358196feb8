#include "catalog/resolution/option_values.h"

#include "registry/format/canonical_json.h"

namespace orrery::catalog {

using registry::AtPointer;
using registry::CanonicalJson;
using registry::JsonValue;
using resolver::OptionCondition;

const JsonValue* OptionValues::Find(absl::string_view pointer) const {
  for (const JsonValue* options : {user_, defaults_}) {
    if (options == nullptr) continue;
    const JsonValue* value = AtPointer(*options, pointer);
    if (value != nullptr) return value;
  }
  return nullptr;
}

bool OptionValues::IsGiven(absl::string_view pointer) const {
  return user_ != nullptr && AtPointer(*user_, pointer) != nullptr;
}

bool OptionValues::Holds(const OptionCondition& condition) const {
  switch (condition.test) {
    case OptionCondition::Test::kSet:
      return IsGiven(condition.option);
    case OptionCondition::Test::kUnset:
      return !IsGiven(condition.option);
    case OptionCondition::Test::kEquals:
    case OptionCondition::Test::kNotEquals:
      break;
  }
  const JsonValue* value = Find(condition.option);
  const bool equal =
      value != nullptr && CanonicalJson(*value) == condition.value;
  return equal == (condition.test == OptionCondition::Test::kEquals);
}

bool OptionValues::Contradicts(absl::string_view pointer,
                               const resolver::Scalar& scalar) const {
  if (user_ == nullptr) return false;
  const JsonValue* value = AtPointer(*user_, pointer);
  return value != nullptr && CanonicalJson(*value) != scalar;
}

}  // namespace orrery::catalog
