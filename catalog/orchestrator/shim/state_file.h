// The small files in which a shim says what it did (orchestrators.md §3.5).
// They are read by catalog/orchestrator/task/instance_record. Standard library
// only.

#ifndef CATALOG_ORCHESTRATOR_SHIM_STATE_FILE_H_
#define CATALOG_ORCHESTRATOR_SHIM_STATE_FILE_H_

#include <optional>
#include <string>

#include "catalog/orchestrator/process/process_identity.h"

namespace orrery::catalog {

// How a task ended.
struct TaskExit {
  // False when it never ran; then `error` says why.
  bool started = true;
  std::optional<int> code;
  std::optional<int> signal;
  // The kernel killed a process of its control group for want of memory.
  bool out_of_memory = false;
  std::string error;
};

// Takes room on the disk for the exit file, so that an end can be written down
// when the disk is full by then. False, with errno, when there is none.
bool ReserveExitFile(const char* name);

// Files are relative to the working directory and appear by rename, whole. They
// are not synced: they only matter while the machine is up. False with errno.
bool WriteIdentityFile(const char* name, const ProcessIdentity& identity);
bool WriteExitFile(const char* name, const TaskExit& exit);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_SHIM_STATE_FILE_H_
