// What a command is given to work with.

#ifndef CLI_PLUGIN_COMMAND_COMMAND_H_
#define CLI_PLUGIN_COMMAND_COMMAND_H_

#include <string>
#include <utility>

#include "cli-plugin/command/clock.h"
#include "cli-plugin/command/command_tree.h"
#include "cli-plugin/command/output.h"
#include "cli-plugin/command/settings.h"
#include "cli-plugin/command/terminal.h"
#include "cli-plugin/http/api_client.h"
#include "cli-plugin/http/http_client.h"

namespace orrery::cli {

class PlanVerifier;

// All borrowed for one run. A command writes data only when it has succeeded,
// so that standard output is empty after a failure.
struct CommandContext {
  const Settings* settings;
  Terminal* terminal;
  ApiClient* api;
  // For what is not the API of `settings->server`.
  HttpClient* http;
  Clock* clock;
  // The whole tree, for help, completion and man pages.
  const Command* root;
  // Absolute.
  std::string working_directory;
  // Before anything is begun.
  PlanVerifier* plan_verifier;
};

inline void Print(const Answer& answer, CommandContext& context) {
  PrintAnswer(answer, context.settings->output, *context.terminal);
}

inline void Print(std::string text, CommandContext& context) {
  PrintText(std::move(text), context.settings->output, *context.terminal);
}

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_COMMAND_COMMAND_H_
