#ifndef REGISTRY_FORMAT_TEXT_CHECK_H_
#define REGISTRY_FORMAT_TEXT_CHECK_H_

#include <cstdint>

#include "registry/format/file_report.h"

namespace orrery::registry {

enum class TextKind : uint8_t { kJson, kTemplate };

// Rules `bom`, `crlf`, `non-ascii`, `no-final-newline` and, for JSON,
// `unicode-escape`, each at most once and at its first place. Whether there is
// a `\uXXXX` escape.
bool CheckText(TextKind kind, FileReport* report);

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_TEXT_CHECK_H_
