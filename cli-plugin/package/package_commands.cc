#include "cli-plugin/package/package_commands.h"

#include "cli-plugin/package/lint_command.h"
#include "cli-plugin/package/package_init_command.h"
#include "cli-plugin/package/package_keyset_command.h"
#include "cli-plugin/package/package_record_command.h"
#include "cli-plugin/package/package_sign_command.h"
#include "cli-plugin/package/package_status_command.h"

namespace orrery::cli {

Command PackageCommand() {
  Command command;
  command.name = "package";
  command.summary = "Publish packages of your own";
  command.description =
      "A maintainer writes statements with these commands, signs them with an "
      "ssh key, and publishes them by git push. None of them asks a server.";
  command.subcommands = {PackageInitCommand(),   PackageKeysetCommand(),
                         PackageRecordCommand(), PackageSignCommand(),
                         PackageYankCommand(),   PackageStatusCommand(),
                         PackageLintCommand()};
  return command;
}

}  // namespace orrery::cli
