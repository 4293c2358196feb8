#ifndef CATALOG_PLANNING_JOB_CHECK_H_
#define CATALOG_PLANNING_JOB_CHECK_H_

#include <string>
#include <vector>

#include "absl/status/status.h"

#include "catalog/verify/verified_release.h"
#include "registry/format/json_value.h"

namespace orrery::catalog {

// A job as a plan has it, with what it was made from.
struct PlannedJob {
  std::string service;
  std::string source_url;
  // The user's options, as they were given.
  registry::JsonValue options = registry::JsonValue::Object();
  // Under the user's: what relations set.
  registry::JsonValue computed = registry::JsonValue::Object();
  // Pointers of those that hold placeholders.
  std::vector<std::string> late;
  // The app.
  registry::JsonValue manifest;
  // Labels that are the plan's to say: who renders again cannot know them.
  std::vector<std::string> free_labels;
};

// Step 16 of trust.md §14.1: renders the job again from the verified files.
// plan.digest, with the first member that differs, when the plan's is another.
absl::Status CheckJob(const VerifiedRelease& release, const PlannedJob& job);

}  // namespace orrery::catalog

#endif  // CATALOG_PLANNING_JOB_CHECK_H_
