// What is wrong with a JSON text, and where.

#ifndef REGISTRY_FORMAT_JSON_FAULT_H_
#define REGISTRY_FORMAT_JSON_FAULT_H_

#include <cstddef>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace orrery::registry {

// Lines and columns count from 1; columns count bytes.
struct JsonPlace {
  int line = 0;
  int column = 0;
};

// The place of a byte offset in `text`.
JsonPlace PlaceAt(absl::string_view text, size_t offset);

// A status with a message that begins "line L, column C: ".
absl::Status JsonFaultAt(absl::string_view text, size_t offset,
                         absl::StatusCode code, absl::string_view reason);

// Where a status of JsonFaultAt points to; nothing for others.
std::optional<JsonPlace> FaultPlace(const absl::Status& status);

// Finds what a scan for tokens stumbled over: no text, bytes that are not
// UTF-8, a string that has a control character or no end; else `reason`, at the
// end.
absl::Status LocateTextFault(absl::string_view text, absl::string_view reason);

// Finds the bracket that is not closed or closes nothing, or what follows the
// value. Requires: all strings are closed.
absl::Status LocateUnclosed(absl::string_view text);

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_JSON_FAULT_H_
