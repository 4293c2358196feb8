// Validation of options against config.json, JSON Schema draft 4 (rendering
// §4).

#ifndef CATALOG_OPTIONS_OPTIONS_SCHEMA_H_
#define CATALOG_OPTIONS_OPTIONS_SCHEMA_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"

#include "catalog/options/option_fault.h"
#include "registry/format/json_value.h"

namespace orrery::catalog {

// A config.json that is ready to judge options. Immutable, copies share their
// state, thread-safe; keep it per digest of the config.
class OptionsSchema {
 public:
  // kInvalidArgument naming the pointer into `config` when it is no usable
  // schema: a malformed keyword, a pattern outside RE2, a reference that leaves
  // the document (nothing is ever fetched), that leads nowhere or in a circle.
  // Unknown keywords are ignored; a boolean `required` is read as in draft 3.
  static absl::StatusOr<OptionsSchema> Compile(
      const registry::JsonValue& config);

  // Every fault of the effective options (defaults included), sorted by
  // pointer and keyword. Empty options are never validated.
  // kResourceExhausted when schema and options together need too many steps.
  absl::StatusOr<std::vector<OptionFault>> Validate(
      const registry::JsonValue& effective) const;

  // As it was compiled.
  const registry::JsonValue& config() const;

 private:
  struct Compiled;
  explicit OptionsSchema(std::shared_ptr<const Compiled> compiled);

  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_OPTIONS_OPTIONS_SCHEMA_H_
