// The environment of an instance of the `local` target (orchestrators.md §3.3).
// Nothing of orreryd's own environment is in it.

#ifndef CATALOG_ORCHESTRATOR_TASK_LOCAL_ENVIRONMENT_H_
#define CATALOG_ORCHESTRATOR_TASK_LOCAL_ENVIRONMENT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "catalog/manifest/marathon_app.h"

namespace orrery::catalog {

// PATH of every instance.
inline constexpr char kInstancePath[] =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

struct EnvironmentContext {
  std::string task_id;
  // Marathon's version of the app: a time stamp.
  std::string app_version;
  // Absolute path; also HOME and PWD.
  std::string sandbox;
  std::string user;
  std::string host;
  // Host ports, in the order of the app's port definitions.
  std::vector<int> ports;
};

// NAME=value, each name once, in the order of first appearance; the app's own
// `env` wins over everything.
std::vector<std::string> BuildEnvironment(const MarathonApp& app,
                                          const EnvironmentContext& context);

// A label name as part of a variable name: runs of characters outside
// [A-Za-z0-9_] become '_', letters upper case.
std::string LabelVariable(absl::string_view label);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_TASK_LOCAL_ENVIRONMENT_H_
