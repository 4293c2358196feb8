// Strings of a JSON text (RFC 8259 section 7).

#ifndef REGISTRY_FORMAT_JSON_STRING_H_
#define REGISTRY_FORMAT_JSON_STRING_H_

#include <string>

namespace orrery::registry {

// Decodes from behind the opening quote to the closing one, which must be
// there, with eight readable bytes behind it, and appends to `out`. False on a
// bad escape; `*at` is then its backslash. A lone surrogate is legal and
// becomes three bytes.
bool DecodeJsonString(const char** at, std::string* out);

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_JSON_STRING_H_
