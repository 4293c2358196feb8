#ifndef REGISTRY_FORMAT_CONFIG_PATTERN_H_
#define REGISTRY_FORMAT_CONFIG_PATTERN_H_

#include <string>

#include "absl/strings/string_view.h"

namespace orrery::registry {

// Why `pattern`, a regular expression of a schema, is not safe everywhere: RE2
// cannot read it, or it repeats a group that repeats, which takes exponential
// time in a backtracking engine. Empty when nothing is wrong.
std::string PatternFault(absl::string_view pattern);

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_CONFIG_PATTERN_H_
