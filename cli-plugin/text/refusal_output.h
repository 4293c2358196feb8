// A refusal on standard error (spec: trust.md §14.2).

#ifndef CLI_PLUGIN_TEXT_REFUSAL_OUTPUT_H_
#define CLI_PLUGIN_TEXT_REFUSAL_OUTPUT_H_

#include <string>

#include "registry/format/json_value.h"
#include "signing/refusal.h"

namespace orrery::cli {

// {"refused":"log.fork","exit":11,…}; members that are not known are left out.
registry::JsonValue RefusalJson(const signing::Refusal& refusal);

// For people, on one line without a line end: code, what it is about, why.
std::string RefusalText(const signing::Refusal& refusal);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_TEXT_REFUSAL_OUTPUT_H_
