// One run of `orrery`, whatever it is connected to.

#ifndef CLI_PLUGIN_RUN_H_
#define CLI_PLUGIN_RUN_H_

#include <span>
#include <string>

#include "cli-plugin/command/clock.h"
#include "cli-plugin/command/command_tree.h"
#include "cli-plugin/command/settings.h"
#include "cli-plugin/command/terminal.h"
#include "cli-plugin/http/http_client.h"

namespace orrery::cli {

class PlanVerifier;

// What the process lends to a run; all borrowed.
struct Process {
  Streams streams;
  Environment environment;
  HttpClient* http;
  Clock* clock;
  std::string working_directory;
  // Null: the one that reads the registries' logs.
  PlanVerifier* plan_verifier = nullptr;
};

// The whole command tree.
Command OrreryCommand();

// Parses `words` (without the program's name), runs the command, tells its
// failure on standard error, and returns the exit code.
int RunOrrery(const Command& root, std::span<const std::string> words,
              const Process& process);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_RUN_H_
