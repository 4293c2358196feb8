// The single options of a command line: --set PATH=VALUE and --unset PATH.

#ifndef CATALOG_OPTIONS_OPTION_PATH_H_
#define CATALOG_OPTIONS_OPTION_PATH_H_

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/format/json_value.h"

namespace orrery::catalog {

// The names on the way to an option, at least one.
using OptionPath = std::vector<std::string>;

// Dotted (`service.mem`; `\.` is a dot in a name, `\\` a backslash) or, with a
// leading slash, a JSON pointer. kInvalidArgument for an empty name.
absl::StatusOr<OptionPath> ParseOptionPath(absl::string_view text);

// "/service/mem".
std::string PathPointer(std::span<const std::string> path);
// How to write the option at a JSON pointer on a command line: `service.mem`,
// or the pointer itself when a name holds a dot or a backslash.
std::string PathOfPointer(absl::string_view pointer);

// An object that has nothing but `value` there. Requires: `path` has a name.
registry::JsonValue ObjectWith(const OptionPath& path,
                               registry::JsonValue value);

// PATH=VALUE at its first "=" (`\=` is an equals sign in a name).
// kInvalidArgument when there is none.
struct OptionAssignment {
  std::string path;
  std::string value;
};
absl::StatusOr<OptionAssignment> ParseAssignment(absl::string_view text);

// The JSON type of an option's value: "string", "integer" (a number without
// point and exponent), "number", "boolean", "array", "object", "null".
std::string OptionTypeName(const registry::JsonValue& value);

struct SetResult {
  std::string pointer;
  // False when `config` says nothing about the option's type.
  bool declared = false;
  // OptionTypeName of what the value was taken for.
  std::string type;
  registry::JsonValue value;
};

// Sets one option in `options` (the user's, an object), making the groups above
// it. `value` is read by the type that `config` declares: for a string option
// the text as it is, for other types JSON, without a declared type JSON if it
// is JSON, else text. Whether the value is allowed is for OptionsSchema to say.
// kInvalidArgument naming the option when `value` is not JSON where it must be,
// or a name on the way is no group; `options` is unchanged then.
absl::StatusOr<SetResult> SetOption(registry::JsonValue* options,
                                    const registry::JsonValue& config,
                                    absl::string_view path,
                                    absl::string_view value);

// Removes one option and the groups that become empty by it. Whether it was
// there; kInvalidArgument for a malformed path.
absl::StatusOr<bool> UnsetOption(registry::JsonValue* options,
                                 absl::string_view path);

}  // namespace orrery::catalog

#endif  // CATALOG_OPTIONS_OPTION_PATH_H_
