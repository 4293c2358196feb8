#include "cli-plugin/trust/mirror_commands.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cli-plugin/command/absolute_path.h"
#include "cli-plugin/package/ssh_key_flag.h"
#include "cli-plugin/trust/mirror_export_command.h"
#include "cli-plugin/trust/trust_flags.h"
#include "cli-plugin/trust/verify_report.h"

#include "catalog/verify/bundle/mirror_check.h"
#include "catalog/verify/bundle/mirror_import.h"
#include "catalog/verify/bundle/mirror_tree.h"
#include "catalog/verify/file_tree.h"
#include "catalog/verify/mirror_path.h"
#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

// A mirror that passed, with the trust that it passed by.
struct Checked {
  Trust trust;
  catalog::CheckedMirror mirror;
};

absl::StatusOr<Checked> Check(const Invocation& invocation,
                              std::unique_ptr<catalog::MirrorTree> tree,
                              std::unique_ptr<catalog::FileTree> base,
                              CommandContext& context) {
  Checked checked;
  ORRERY_ASSIGN_OR_RETURN(checked.trust, OpenTrust(invocation, context));
  catalog::VerifierOptions options;
  options.cache_directory = checked.trust.cache_directory;
  options.now = checked.trust.now;
  options.is_as_of = invocation.Has("as-of");
  ORRERY_ASSIGN_OR_RETURN(
      checked.mirror,
      catalog::CheckMirror(*checked.trust.setup, std::move(tree),
                           std::move(base), std::move(options)));
  return checked;
}

// Tells what is refused; the exit code is that of the first.
ExitCode TellRefused(const catalog::CheckedMirror& mirror,
                     CommandContext& context) {
  for (const absl::Status& refusal : mirror.refused) {
    TellRefusal(refusal, context);
  }
  return mirror.refused.empty() ? ExitCode::kSuccess
                                : ExitCodeOf(mirror.refused.front());
}

absl::StatusOr<Answer> CheckedAnswer(const catalog::CheckedMirror& mirror,
                                     CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(TrustNews news, ReadNews(*mirror.verifier));
  for (const std::string& line : NewsLines(news)) {
    context.terminal->Note(line);
  }
  for (const std::string& name : mirror.unrouted) {
    context.terminal->Note(
        absl::StrCat("not looked at: ", name,
                     ", which the policy does not look for in this log"));
  }
  return VerifyAnswer(mirror.releases, news);
}

absl::StatusOr<std::unique_ptr<catalog::MirrorTree>> OpenTree(
    const std::string& path, const Invocation& invocation,
    const CommandContext& context) {
  std::vector<signing::SshKey> exporters;
  for (const std::string& file : invocation.Texts("signer")) {
    ORRERY_ASSIGN_OR_RETURN(
        signing::SshKey key,
        ReadPublicKey(file, "--signer takes the public half of an ssh key",
                      context));
    exporters.push_back(std::move(key));
  }
  auto tree = catalog::OpenMirror(AbsolutePath(path, context.working_directory),
                                  exporters);
  if (absl::IsInvalidArgument(tree.status())) {
    return UsageError(absl::StrCat("--signer: ", tree.status().message()));
  }
  return tree;
}

absl::StatusOr<ExitCode> RunVerifyMirror(const Invocation& invocation,
                                         CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(
      auto tree, OpenTree(invocation.Word("PATH"), invocation, context));
  ORRERY_ASSIGN_OR_RETURN(const Checked checked,
                          Check(invocation, std::move(tree), nullptr, context));
  const ExitCode code = TellRefused(checked.mirror, context);
  if (code != ExitCode::kSuccess) return code;
  ORRERY_ASSIGN_OR_RETURN(const Answer answer,
                          CheckedAnswer(checked.mirror, context));
  Print(answer, context);
  return ExitCode::kSuccess;
}

void TellArtifacts(const catalog::CheckedMirror& mirror,
                   const std::string& directory, CommandContext& context) {
  for (const signing::Digest& digest : mirror.artifacts) {
    context.terminal->Note(absl::StrCat(
        "`orrery artifact add ", directory, "/", catalog::BlobPath(digest),
        "` gives orreryd a file that services are run from"));
  }
}

absl::StatusOr<ExitCode> RunImport(const Invocation& invocation,
                                   CommandContext& context) {
  if (invocation.Text("to").empty()) {
    return UsageError("say with --to DIR where the mirror is to be");
  }
  const std::string directory =
      AbsolutePath(invocation.Text("to"), context.working_directory);
  ORRERY_ASSIGN_OR_RETURN(
      auto tree, OpenTree(invocation.Word("FILE"), invocation, context));
  if (!tree->is_bundle()) {
    return UsageError(absl::StrCat(tree->name(),
                                   " is a directory, and a bundle is a "
                                   "file of `orrery mirror export`"));
  }
  ORRERY_ASSIGN_OR_RETURN(
      const Checked checked,
      Check(invocation, std::move(tree), catalog::OpenDirectoryTree(directory),
            context));
  const ExitCode code = TellRefused(checked.mirror, context);
  if (code != ExitCode::kSuccess) return code;
  ORRERY_ASSIGN_OR_RETURN(
      const catalog::Verifier::OpenedRegistry opened,
      checked.mirror.verifier->Open(checked.mirror.registry));
  ORRERY_RETURN_IF_ERROR(catalog::ImportBundle(
      opened.trusted, *checked.mirror.tree, opened.view.log, directory));
  ORRERY_ASSIGN_OR_RETURN(Answer answer,
                          CheckedAnswer(checked.mirror, context));
  TellArtifacts(checked.mirror, directory, context);
  answer.document.Set("to", JsonValue::String(directory));
  Print(answer, context);
  return ExitCode::kSuccess;
}

// Those of `verify`, but for what says where to read.
std::vector<Flag> LocalTrustFlags() {
  std::vector<Flag> flags = TrustFlags();
  std::erase_if(flags, [](const Flag& flag) { return flag.name == "mirror"; });
  flags.push_back({.name = "signer",
                   .value = "FILE.pub",
                   .help = "ssh key of an exporter who must have signed the "
                           "bundle; of several, any",
                   .kind = ValueKind::kFile,
                   .repeatable = true});
  return flags;
}

constexpr char kHowItIsJudged[] =
    "No network is used. The policy is found as by `orrery verify`, and the "
    "exit codes are its; 16 for a bundle that is not whole (bundle.gap), not "
    "as listed or not signed by a --signer (bundle.manifest), or older than "
    "max-age and offline-grace allow "
    "(bundle.stale). Without --signer an exporter's signature counts for "
    "nothing, and nothing depends on it.";

Command ImportCommand() {
  Command command;
  command.name = "import";
  command.summary = "Check a bundle and make a mirror of it";
  command.description = absl::StrCat(
      "Verifies the log and every release in a bundle by your policy, and only "
      "then adds its files to a directory that any web server may serve and "
      "that --mirror takes. What is printed can be installed from there. If "
      "anything is refused, nothing is written.\n\n",
      kHowItIsJudged);
  command.examples = {
      {"orrery mirror import b.tar --to /srv/mirror", ""},
      {"orrery mirror import b.tar --to /srv/mirror --signer exporter.pub", ""},
      {"orrery install kafka --mirror /srv/mirror", "what it is for"}};
  command.flags = LocalTrustFlags();
  command.flags.push_back({.name = "to",
                           .value = "DIR",
                           .help = "the mirror",
                           .kind = ValueKind::kDirectory});
  command.arguments = {
      {.name = "FILE", .help = "the bundle", .kind = ValueKind::kFile}};
  command.run = RunImport;
  return command;
}

Command VerifyMirrorCommand() {
  Command command;
  command.name = "verify";
  command.summary = "Check a bundle, or a mirror on this machine";
  command.description = absl::StrCat(
      "Verifies the log and every release whose files are there, and that "
      "nothing of what is there lacks its rest. Releases count as named by "
      "what they hold, as in a lock file.\n\n",
      kHowItIsJudged);
  command.examples = {{"orrery mirror verify b.tar", ""},
                      {"orrery mirror verify /srv/mirror -o json", ""}};
  command.flags = LocalTrustFlags();
  command.arguments = {{.name = "PATH",
                        .help = "bundle or directory",
                        .kind = ValueKind::kFile}};
  command.run = RunVerifyMirror;
  return command;
}

}  // namespace

Command MirrorCommand() {
  Command command;
  command.name = "mirror";
  command.summary = "Carry packages to where no network leads";
  command.subcommands = {MirrorExportCommand(), ImportCommand(),
                         VerifyMirrorCommand()};
  return command;
}

}  // namespace orrery::cli
