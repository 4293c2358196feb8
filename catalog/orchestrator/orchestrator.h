// What the catalog asks of a cluster. One implementation a kind of target.

#ifndef CATALOG_ORCHESTRATOR_ORCHESTRATOR_H_
#define CATALOG_ORCHESTRATOR_ORCHESTRATOR_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "catalog/manifest/violation.h"

namespace orrery::catalog {

// What the bytes of a URI of the manifest must be.
struct ArtifactPin {
  std::string uri;
  // Lower-case hex.
  std::string sha256;
  // Bytes; nothing where nobody says.
  std::optional<int64_t> size = {};

  bool operator==(const ArtifactPin&) const = default;
};

// An app to run for a service.
struct AppRequest {
  // Name of the service; unique on the cluster.
  std::string service;
  // A Marathon app as JSON text.
  std::string manifest;
  std::vector<ArtifactPin> artifacts;
  // A job: it runs to its end once, and is never started again.
  bool run_once = false;
};

// Amounts that apps ask for and a cluster has.
struct Resources {
  double cpus = 0;
  // MiB.
  double mem = 0;
};

// What a dry run found.
struct AppForecast {
  // Rules the manifest breaks; the app cannot be created while there are any.
  std::vector<Violation> violations;
  // What is lost or should be known on this target, in words.
  std::vector<std::string> warnings;
  // Instances the manifest asks for.
  int instances = 0;
  // What they ask for at most, beyond what the service has now.
  Resources more;
};

enum class AppState : uint8_t {
  kDeploying,
  kRunning,
  kUnhealthy,
  // A job that has ended well.
  kFinished,
  kFailed,
  kRemoving
};

struct AppEndpoint {
  std::string name;
  std::string host;
  int port = 0;
  // Those it had before somebody else took them, the latest last.
  std::vector<int> former_ports = {};
};

struct AppTask {
  std::string id;
  // "staging", "starting", "running", "killing", "stuck", "finished",
  // "failed", "killed", "lost".
  std::string state;
  // "none" without a check, else "unknown", "healthy", "unhealthy".
  std::string health;
  std::optional<int64_t> pid;
  std::optional<absl::Time> start_time;
  std::vector<int> ports;
  std::string sandbox;
  // Why it is in this state, for example the last exit; empty when plain.
  std::string reason;
  bool limits_enforced = false;
  // Bytes on the disk, once they were measured.
  std::optional<int64_t> disk_bytes;
};

struct AppStatus {
  AppState state = AppState::kDeploying;
  int instances = 0;
  // 1 as it was created, and one more for each update.
  int64_t generation = 1;
  std::vector<AppEndpoint> endpoints;
  // What it waits for: instance, resource, numbers, since when.
  std::vector<std::string> waiting_for;
  std::vector<AppTask> tasks;
  // Why it failed; empty unless kFailed.
  std::string failure;
};

// A thing that a removal took away, or left with the command that removes it.
struct RemovedItem {
  std::string kind;
  std::string path;
};
struct KeptItem {
  std::string kind;
  std::string path;
  std::string remove_command;
};
struct RemovalReceipt {
  std::vector<RemovedItem> removed;
  std::vector<KeptItem> kept;
};

// A line of a task's output; without its line end.
struct LogLine {
  std::string task;
  std::string stream;
  std::string text;
};

struct LogQuery {
  // Empty means all.
  std::string task;
  // "stdout", "stderr"; empty means both.
  std::string stream;
  // Starts with the last so many lines of each stream.
  int tail = 100;
};

// Reads on from where the last Read ended; never blocks. Not thread-safe.
class LogReader {
 public:
  virtual ~LogReader() = default;
  // Lines that were written since, in order of each stream; new tasks of the
  // app are picked up. kNotFound once the app is gone.
  virtual absl::StatusOr<std::vector<LogLine>> Read() = 0;
  // Whether the last Read came to the end of what was written.
  virtual bool at_end() const = 0;
};

// Thread-safe. Text parameters named `service` are service names.
class Orchestrator {
 public:
  virtual ~Orchestrator() = default;

  // "local", "marathon", …
  virtual absl::string_view kind() const = 0;
  // What a user should know of the cluster, for example that it is one host.
  virtual std::vector<std::string> Notes() const = 0;
  // What the cluster itself says that relations can ask for (resolver.md §1.5),
  // by name: `@orchestrator`, `@java`.
  virtual std::map<std::string, std::string> Facts() = 0;

  // What nobody has asked for yet; nothing where the cluster does not say.
  virtual std::optional<Resources> Free() const = 0;

  // Checks without changing anything. kFailedPrecondition with the holder
  // named when a fixed port is taken.
  virtual absl::StatusOr<AppForecast> DryRun(const AppRequest& request) = 0;

  // Starts the app; what was decided is durable when it returns, and it never
  // waits for the workload. kAlreadyExists when the service has an app,
  // kInvalidArgument for violations, kFailedPrecondition for a taken port,
  // kResourceExhausted when the disk is full; nothing is left behind then.
  virtual absl::Status Create(const AppRequest& request) = 0;

  // As DryRun, for Update; the violations name what an update may not change.
  // kNotFound when the service has no app.
  virtual absl::StatusOr<AppForecast> DryRunUpdate(
      const AppRequest& request) = 0;

  // Makes the app another one under the same id; it keeps its ports and
  // volumes, and as many instances serve meanwhile as its upgrade strategy asks
  // for. Durable and without waiting, as Create. Observe says kDeploying until
  // every instance is the new one, and kFailed when they do not come up: an
  // update to what it was before goes back. An app that is as asked for already
  // stays as it is, so that a call can be repeated. Nothing is changed by an
  // error: kNotFound when the service has no app, kFailedPrecondition when it
  // is being removed or a port is taken, otherwise as Create.
  virtual absl::Status Update(const AppRequest& request) = 0;

  // kNotFound when the service has no app.
  virtual absl::StatusOr<AppStatus> Observe(absl::string_view service) = 0;

  // Begins to stop the app; Observe answers kNotFound once nothing of it runs.
  // kNotFound when there is none; calling it again is harmless.
  virtual absl::Status Remove(absl::string_view service) = 0;

  // What the finished removal of a service took and left. kFailedPrecondition
  // while it goes on, kNotFound when none was asked for since the start.
  virtual absl::StatusOr<RemovalReceipt> Receipt(absl::string_view service) = 0;

  // kNotFound when the service has no app.
  virtual absl::StatusOr<std::unique_ptr<LogReader>> ReadLogs(
      absl::string_view service, const LogQuery& query) = 0;
};

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_ORCHESTRATOR_H_
