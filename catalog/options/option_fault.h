#ifndef CATALOG_OPTIONS_OPTION_FAULT_H_
#define CATALOG_OPTIONS_OPTION_FAULT_H_

#include <string>

#include "catalog/options/schema_evaluation.h"
#include "registry/format/json_value.h"

namespace orrery::catalog {

// One thing that is wrong with the options.
struct OptionFault {
  // Of the option, also when it is missing or must not be there.
  std::string pointer;
  // Of the keyword's schema in config.json.
  std::string schema_pointer;
  // Keyword of JSON Schema that is broken: "type", "required", ...
  std::string keyword;
  // The value as compact JSON, cut short; "nothing" when missing, "a secret"
  // instead of one.
  std::string found;
  // "an integer", "at least 256", "one of "a", "b"", ...
  std::string wanted;
  // What the schema says about the option; may be empty.
  std::string description;
  // A flag that cures it, `--set service.accept-terms=true`; VALUE stands where
  // only the user knows. Empty when no single flag does.
  std::string fix;

  bool operator==(const OptionFault&) const = default;
};

// Puts `broken` into words; `config` is the schema it was found in and
// `effective` the options.
OptionFault DescribeFault(const BrokenKeyword& broken,
                          const registry::JsonValue& config,
                          const registry::JsonValue& effective);

// One line for people: pointer, found, wanted, description, fix; control
// characters as \u000a, and then no fix.
std::string OptionFaultText(const OptionFault& fault);

}  // namespace orrery::catalog

#endif  // CATALOG_OPTIONS_OPTION_FAULT_H_
