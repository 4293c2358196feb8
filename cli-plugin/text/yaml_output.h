#ifndef CLI_PLUGIN_TEXT_YAML_OUTPUT_H_
#define CLI_PLUGIN_TEXT_YAML_OUTPUT_H_

#include <string>

#include "registry/format/json_value.h"

namespace orrery::cli {

// Block style YAML 1.2 that a YAML 1.1 reader understands alike: a string that
// either could take for something else is a JSON string literal. Numbers stay
// as they were written.
std::string WriteYaml(const registry::JsonValue& value);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_TEXT_YAML_OUTPUT_H_
