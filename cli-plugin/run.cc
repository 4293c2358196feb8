#include "cli-plugin/run.h"

#include <ostream>

#include "absl/strings/str_cat.h"
#include "cli-plugin/catalog/artifact_commands.h"
#include "cli-plugin/catalog/search_command.h"
#include "cli-plugin/catalog/show_command.h"
#include "cli-plugin/command/command.h"
#include "cli-plugin/command/command_line.h"
#include "cli-plugin/doctor_command.h"
#include "cli-plugin/help/completion.h"
#include "cli-plugin/help/help.h"
#include "cli-plugin/help/man_page.h"
#include "cli-plugin/package/package_commands.h"
#include "cli-plugin/service/install_command.h"
#include "cli-plugin/service/log_plan_verifier.h"
#include "cli-plugin/service/logs_command.h"
#include "cli-plugin/service/operation_commands.h"
#include "cli-plugin/service/resolve_command.h"
#include "cli-plugin/service/service_commands.h"
#include "cli-plugin/service/uninstall_command.h"
#include "cli-plugin/service/upgrade_command.h"
#include "cli-plugin/source/source_commands.h"
#include "cli-plugin/source/unindexed_sources.h"
#include "cli-plugin/trust/log_commands.h"
#include "cli-plugin/trust/mirror_commands.h"
#include "cli-plugin/trust/policy_commands.h"
#include "cli-plugin/trust/verify_command.h"
#include "cli-plugin/version_command.h"

#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

void TellFailure(const absl::Status& status, bool as_json,
                 const Streams& streams) {
  if (as_json) {
    *streams.err << ProblemJson(status) << '\n' << std::flush;
    return;
  }
  *streams.err << "orrery: " << ProblemText(status) << std::flush;
}

absl::StatusOr<ExitCode> Run(const Command& root,
                             std::span<const std::string> words,
                             const Process& process) {
  ORRERY_ASSIGN_OR_RETURN(const Invocation invocation,
                          ParseCommandLine(root, words));
  ORRERY_ASSIGN_OR_RETURN(const Settings settings,
                          ReadSettings(invocation, process.environment));
  Terminal terminal(&process.streams, settings);
  ApiClient api(process.http, settings.server);
  LogPlanVerifier plan_verifier;
  CommandContext context{&settings,
                         &terminal,
                         &api,
                         process.http,
                         process.clock,
                         &root,
                         process.working_directory,
                         process.plan_verifier == nullptr
                             ? &plan_verifier
                             : process.plan_verifier};
  const Command& command = invocation.command();
  absl::StatusOr<ExitCode> code = ExitCode::kSuccess;
  if (invocation.Has("version") && command.run == nullptr) {
    code = RunVersion(invocation, context);
  } else if (invocation.Has("help") || command.run == nullptr) {
    Print(HelpText(root, command, invocation.path(), terminal), context);
  } else {
    code = command.run(invocation, context);
  }
  terminal.EndProgress();
  WarnOfUnindexedSources(code, context);
  if (code.ok() && !terminal.FlushData()) {
    return absl::UnknownError(
        "standard output takes no more; is the disk "
        "full?");
  }
  return code;
}

}  // namespace

Command OrreryCommand() {
  Command root;
  root.name = "orrery";
  root.summary = "Install frameworks on your cluster from git repositories";
  root.examples = {
      {"orrery search kafka", ""},
      {"orrery install kafka --set brokers.count=3", ""},
      {"orrery status kafka", ""},
  };
  root.flags = GlobalFlags();
  root.subcommands = {
      SearchCommand(),    ShowCommand(),       VersionsCommand(),
      ResolveCommand(),   WhyCommand(),        OutdatedCommand(),
      InstallCommand(),   UpgradeCommand(),    RollbackCommand(),
      ListCommand(),      StatusCommand(),     LogsCommand(),
      UninstallCommand(), OperationCommand(),  SourceCommand(),
      ArtifactCommand(),  PackageCommand(),    VerifyCommand(),
      PolicyCommand(),    LogCommand(),        MirrorCommand(),
      DoctorCommand(),    CompletionCommand(), HelpCommand(),
      VersionCommand(),   CompleteCommand(),   ManCommand(),
  };
  return root;
}

int RunOrrery(const Command& root, std::span<const std::string> words,
              const Process& process) {
  const absl::StatusOr<ExitCode> code = Run(root, words, process);
  if (code.ok()) return static_cast<int>(*code);
  TellFailure(code.status(), WantsJson(words), process.streams);
  return static_cast<int>(ExitCodeOf(code.status()));
}

}  // namespace orrery::cli
