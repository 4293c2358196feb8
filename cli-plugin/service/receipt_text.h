#ifndef CLI_PLUGIN_SERVICE_RECEIPT_TEXT_H_
#define CLI_PLUGIN_SERVICE_RECEIPT_TEXT_H_

#include <string>

#include "registry/format/json_value.h"

namespace orrery::cli {

// What a removal left (a KeptItem of catalog.v1), and how it goes, in a line.
std::string KeptText(const registry::JsonValue& item);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_SERVICE_RECEIPT_TEXT_H_
