// Which process it is: a pid alone is reused, pid + start time + boot id is not
// (orchestrators.md §3.5). Standard library only, because the shim links it.

#ifndef CATALOG_ORCHESTRATOR_PROCESS_PROCESS_IDENTITY_H_
#define CATALOG_ORCHESTRATOR_PROCESS_PROCESS_IDENTITY_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace orrery::catalog {

struct ProcessIdentity {
  pid_t pid = 0;
  // Clock ticks since boot, field 22 of /proc/<pid>/stat.
  uint64_t start_time = 0;
  // /proc/sys/kernel/random/boot_id.
  std::string boot_id;

  bool operator==(const ProcessIdentity&) const = default;
};

// What /proc/<pid>/stat says of a process.
struct ProcessStat {
  pid_t pid = 0;
  // 'R', 'S', 'D', 'Z', …
  char state = '?';
  pid_t parent = 0;
  pid_t group = 0;
  pid_t session = 0;
  uint64_t start_time = 0;
};

// Parses the text of /proc/<pid>/stat; nothing when it is none. The name of a
// program may hold blanks and parentheses.
std::optional<ProcessStat> ParseProcessStat(const std::string& text);
// Nothing when there is no such process.
std::optional<ProcessStat> ReadProcessStat(pid_t pid);

// Of the running kernel; the same for every process of one boot.
const std::string& BootId();

// The process that has this pid now, a zombie included.
std::optional<ProcessIdentity> IdentifyProcess(pid_t pid);

// A handle on one process that never turns into another one when its pid is
// reused. Movable.
class ProcessHandle {
 public:
  // Nothing when the process is gone, or another one has its pid.
  static std::optional<ProcessHandle> Open(const ProcessIdentity& identity);

  ~ProcessHandle();
  ProcessHandle(ProcessHandle&& other) noexcept;
  ProcessHandle& operator=(ProcessHandle&& other) noexcept;

  // Becomes readable when the process ends.
  int descriptor() const { return descriptor_; }
  // Whether it has ended; a zombie has.
  bool Ended() const;
  // False when the process is gone or may not be signalled.
  bool Signal(int signal) const;
  // Takes the exit of a child of this process; nothing while it runs or when it
  // is no child. The value is that of waitpid.
  std::optional<int> Reap() const;

 private:
  explicit ProcessHandle(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_PROCESS_PROCESS_IDENTITY_H_
