#ifndef CATALOG_OPTIONS_SCHEMA_EVALUATION_H_
#define CATALOG_OPTIONS_SCHEMA_EVALUATION_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "catalog/options/pattern_set.h"
#include "registry/format/json_value.h"

namespace orrery::catalog {

// A keyword that does not hold, before it is put into words. Borrows schema and
// value.
struct BrokenKeyword {
  std::string pointer;
  // Of the keyword's schema in the config.
  std::string schema_pointer;
  std::string keyword;
  const registry::JsonValue* schema = nullptr;
  // Null when there is none: `pointer` is then a missing option.
  const registry::JsonValue* value = nullptr;
};

// Every broken keyword of `value` under `config`, which CheckSchema has passed
// with `patterns`; sorted by pointer and keyword, each pair once. Where no
// branch of oneOf or anyOf fits but only one can be meant, that branch's
// keywords are named. kResourceExhausted after too many steps.
absl::StatusOr<std::vector<BrokenKeyword>> EvaluateSchema(
    const registry::JsonValue& config, const PatternSet& patterns,
    const registry::JsonValue& value);

}  // namespace orrery::catalog

#endif  // CATALOG_OPTIONS_SCHEMA_EVALUATION_H_
