// How an instance ended, in words, and the file ended.json that keeps it once
// it has been taken note of.

#ifndef CATALOG_ORCHESTRATOR_LOCAL_INSTANCE_END_H_
#define CATALOG_ORCHESTRATOR_LOCAL_INSTANCE_END_H_

#include <deque>
#include <optional>
#include <string>

#include "absl/time/time.h"

#include "catalog/orchestrator/local/app_record.h"
#include "catalog/orchestrator/local/local_app.h"
#include "catalog/orchestrator/task/instance_record.h"

namespace orrery::catalog {

// "exit code 3", "killed by signal 9 (Killed)", "out of memory: …".
std::string DescribeExitStatus(const ExitRecord& exit, double mem_limit);

// From exit.json.
EndedInstance DescribeExit(const LocalInstance& instance,
                           const ExitRecord& exit);
// Without one: its shim was killed.
EndedInstance DescribeLoss(const LocalInstance& instance, absl::Time now);
// As its folder was found at the start of orreryd. Requires: it does not live.
EndedInstance DescribeFound(const LocalInstance& instance,
                            const InstanceInspection& found, absl::Time now);

// The reason with the end of what it wrote to stderr, or else to stdout.
std::string DescribeFailure(const EndedInstance& ended);

// Enters the end of the slot's last instance: of a job it is the result, after
// any other failure the next one waits for the back-off.
void EnterEnd(const AppRecord& app, const EndedInstance& ended, absl::Time now,
              LocalSlot* slot);

// Nothing when the end was not noted before.
std::optional<EndedInstance> ReadEnd(const std::string& directory,
                                     const InstanceRecord& record);
void WriteEnd(const EndedInstance& ended);

// Keeps the list in order of time.
void InsertEnded(EndedInstance ended, std::deque<EndedInstance>* list);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_LOCAL_INSTANCE_END_H_
