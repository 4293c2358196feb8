#ifndef REGISTRY_FORMAT_PIN_AGREEMENT_H_
#define REGISTRY_FORMAT_PIN_AGREEMENT_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "signing/record/record.h"

namespace orrery::registry {

// Whether a record's lines pin what artifacts.json pins, where both name a
// thing (spec: trust.md §6.2). `resource` is the bytes of resource.json; empty
// when there is none. content.identity, with the file, otherwise; also for what
// is no JSON.
absl::Status CheckPins(const signing::RevisionContent& content,
                       absl::string_view artifacts, absl::string_view resource);

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_PIN_AGREEMENT_H_
