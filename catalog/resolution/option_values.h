// The options that conditions and claims of relations look at.

#ifndef CATALOG_RESOLUTION_OPTION_VALUES_H_
#define CATALOG_RESOLUTION_OPTION_VALUES_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

#include "registry/format/json_value.h"
#include "resolver/written_relations.h"

namespace orrery::catalog {

// Of one service: defaults and what the user gave, never features, `set` or
// bindings (resolver.md §5.4). Either may be null; both must outlive this.
class OptionValues {
 public:
  OptionValues(const registry::JsonValue* defaults,
               const registry::JsonValue* user)
      : defaults_(defaults), user_(user) {}

  // The effective value, null where there is none.
  const registry::JsonValue* Find(absl::string_view pointer) const;
  bool IsGiven(absl::string_view pointer) const;
  bool Holds(const resolver::OptionCondition& condition) const;
  // Whether the user gave another value than this one.
  bool Contradicts(absl::string_view pointer,
                   const resolver::Scalar& scalar) const;

 private:
  const registry::JsonValue* defaults_;
  const registry::JsonValue* user_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_OPTION_VALUES_H_
