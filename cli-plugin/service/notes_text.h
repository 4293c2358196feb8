#ifndef CLI_PLUGIN_SERVICE_NOTES_TEXT_H_
#define CLI_PLUGIN_SERVICE_NOTES_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

#include "registry/format/json_value.h"

namespace orrery::cli {

// Notes of a package with what is known of the service filled in: `<NAME>` is
// the output of that name, `<ENDPOINT-host>` and `<ENDPOINT-port>` are where an
// endpoint is, `<sandbox>` the working directory of its first task. What is not
// known stays as it is written.
std::string FilledNotes(absl::string_view notes,
                        const registry::JsonValue& service);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_SERVICE_NOTES_TEXT_H_
