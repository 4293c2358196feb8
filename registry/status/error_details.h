// The machine-readable part of an error: a constant reason and facts that go
// with it, carried as a payload of the status from the place that knows them to
// the edge that prints them.

#ifndef REGISTRY_STATUS_ERROR_DETAILS_H_
#define REGISTRY_STATUS_ERROR_DETAILS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace orrery::registry {

using ErrorMetadata = std::map<std::string, std::string>;

struct ErrorReason {
  // Upper case with underscores, for example "SOURCE_HELD"; empty when the
  // status carries none.
  std::string reason;
  // For example {"did_you_mean", "kafka"}.
  ErrorMetadata metadata;
};

// `status` with words in front of its message; code and facts stay.
absl::Status WithPrefix(absl::string_view prefix, const absl::Status& status);
// The same behind it.
absl::Status WithSuffix(const absl::Status& status, absl::string_view suffix);

// Names the nearest right spellings, joined by ", ".
inline constexpr char kDidYouMean[] = "did_you_mean";

// `status` with its reason, in place of an earlier one; empty metadata is left
// out. OK stays OK.
absl::Status WithReason(absl::Status status, absl::string_view reason,
                        const ErrorMetadata& metadata = {});

// Adds the nearest right spellings to what is said and to the facts; nothing
// when there are none.
void Suggest(const std::vector<std::string>& nearest, std::string* message,
             ErrorMetadata* metadata);

ErrorReason ReasonOf(const absl::Status& status);

// One fault of an input, by place; empty members say nothing.
struct FieldFault {
  // JSON pointer.
  std::string pointer;
  // The fault as one sentence.
  std::string message;
  std::string found;
  std::string wanted;
  // What the schema says the value is for.
  std::string description;
  // Command-line flag that mends it.
  std::string fix;
};

// `status` with the faults of its input, in place of earlier ones. OK stays OK.
absl::Status WithFieldFaults(absl::Status status,
                             const std::vector<FieldFault>& faults);

std::vector<FieldFault> FieldFaultsOf(const absl::Status& status);

}  // namespace orrery::registry

#endif  // REGISTRY_STATUS_ERROR_DETAILS_H_
