#include "cli-plugin/package/package_record_command.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli-plugin/command/absolute_path.h"
#include "cli-plugin/command/command.h"
#include "cli-plugin/package/package_chain.h"
#include "cli-plugin/package/release_content.h"
#include "cli-plugin/package/statement_output.h"

#include "signing/encoding.h"
#include "signing/record/record.h"
#include "signing/record/statement_draft.h"
#include "signing/tree_hash.h"
#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

std::string Root(const Invocation& invocation, const CommandContext& context) {
  return AbsolutePath(invocation.Word("DIR"), context.working_directory);
}

absl::StatusOr<int64_t> NumberOf(absl::string_view what,
                                 absl::string_view text) {
  const auto number = signing::ParseDecimal(text);
  if (number.ok()) return static_cast<int64_t>(*number);
  return UsageError(absl::StrCat(what, " \"", text,
                                 "\" is no release number, for example 57"));
}

// The last record of the release; nullptr if there is none.
const ChainStatement* FindRecord(const PackageChain& chain, int64_t release) {
  const auto found = std::find_if(
      chain.statements.rbegin(), chain.statements.rend(),
      [&](const ChainStatement& statement) {
        const auto* record =
            std::get_if<signing::ReleaseRecord>(&statement.record.body);
        return record != nullptr && record->content.release == release;
      });
  return found == chain.statements.rend() ? nullptr : &*found;
}

absl::StatusOr<int64_t> ChosenRelease(const Invocation& invocation,
                                      const std::string& root,
                                      const std::string& package) {
  if (invocation.Has("release")) {
    return NumberOf("--release", invocation.Text("release"));
  }
  const std::vector<int64_t> releases = ReleasesOf(root, package);
  if (!releases.empty()) return releases.back();
  return WithExitCode(absl::NotFoundError(absl::StrCat(
                          "there is no release of ", package,
                          " to record: ", ReleaseDirectoryOf(package, 0),
                          " holds the files of release 0")),
                      ExitCode::kNotFound);
}

// As the next revision of what is recorded already.
absl::Status MakeRevision(const PackageChain& chain,
                          const ChainStatement& earlier,
                          signing::RevisionContent& content) {
  const signing::RevisionContent& recorded =
      std::get<signing::ReleaseRecord>(earlier.record.body).content;
  if (recorded.tree == content.tree) {
    return absl::FailedPreconditionError(
        absl::StrCat(earlier.file.path, " records release ", content.release,
                     " already, and nothing of it has changed"));
  }
  const auto& keyset =
      std::get<signing::KeysetRecord>(chain.keyset()->record.body);
  if (keyset.mode == signing::RevisionMode::kImmutable) {
    return absl::FailedPreconditionError(
        absl::StrCat(earlier.file.path, " records release ", content.release,
                     " otherwise (", Differences(recorded, content),
                     "): ", WaysOutOfChange(chain, earlier)));
  }
  content.revision = recorded.revision + 1;
  content.replaces = recorded.tree;
  return absl::OkStatus();
}

// As the revision that the user names: a registry may have seen some before the
// package was signed.
absl::Status NameRevision(const Invocation& invocation,
                          signing::RevisionContent& content) {
  ORRERY_ASSIGN_OR_RETURN(
      content.revision,
      NumberOf("--revision", invocation.Text("revision", "1")));
  if (!invocation.Has("replaces")) return absl::OkStatus();
  auto tree = signing::TreeHash::Parse(invocation.Text("replaces"));
  if (!tree.ok()) {
    return UsageError(absl::StrCat("--replaces: ", tree.status().message()));
  }
  content.replaces = *tree;
  return absl::OkStatus();
}

absl::StatusOr<ExitCode> RunRecord(const Invocation& invocation,
                                   CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(const PackageChain chain,
                          OpenChain(invocation, context));
  if (chain.keyset() == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat(chain.package,
                     " has no keyset yet: say who may sign with `orrery "
                     "package keyset`"));
  }
  const std::string root = Root(invocation, context);
  ORRERY_ASSIGN_OR_RETURN(const int64_t release,
                          ChosenRelease(invocation, root, chain.package));
  auto content = ReadContent(root, chain.package, release);
  if (absl::IsNotFound(content.status())) {
    return WithExitCode(content.status(), ExitCode::kNotFound);
  }
  ORRERY_RETURN_IF_ERROR(content.status());
  const ChainStatement* const earlier = FindRecord(chain, release);
  if (invocation.Has("revision") || invocation.Has("replaces")) {
    ORRERY_RETURN_IF_ERROR(NameRevision(invocation, *content));
  } else if (earlier != nullptr) {
    ORRERY_RETURN_IF_ERROR(MakeRevision(chain, *earlier, *content));
  }
  auto statement = signing::DraftRelease(chain.End(), *std::move(content));
  if (absl::IsInvalidArgument(statement.status())) {
    return UsageError(statement.status().message());
  }
  ORRERY_RETURN_IF_ERROR(statement.status());
  return PutStatement(invocation, chain, *statement, context);
}

absl::StatusOr<ExitCode> RunYank(const Invocation& invocation,
                                 CommandContext& context) {
  if (!invocation.Has("reason")) {
    return UsageError(
        "say with --reason why: it is shown wherever the "
        "release is");
  }
  ORRERY_ASSIGN_OR_RETURN(const PackageChain chain,
                          OpenChain(invocation, context));
  const std::string word = invocation.Word("RELEASE");
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(word, absl::MaxSplits('#', 1));
  ORRERY_ASSIGN_OR_RETURN(const int64_t release,
                          NumberOf("RELEASE", parts.first));
  std::optional<int64_t> revision;
  if (word.size() > parts.first.size()) {
    ORRERY_ASSIGN_OR_RETURN(revision, NumberOf("RELEASE", parts.second));
  }
  const std::vector<int64_t> there =
      ReleasesOf(Root(invocation, context), chain.package);
  if (FindRecord(chain, release) == nullptr &&
      std::find(there.begin(), there.end(), release) == there.end()) {
    return WithExitCode(absl::NotFoundError(absl::StrCat(
                            chain.package, " has no release ", release,
                            ": no statement records it, and there is no ",
                            ReleaseDirectoryOf(chain.package, release))),
                        ExitCode::kNotFound);
  }
  auto statement = signing::DraftYank(chain.End(), release, revision,
                                      invocation.Text("reason"));
  if (absl::IsInvalidArgument(statement.status())) {
    return UsageError(statement.status().message());
  }
  ORRERY_RETURN_IF_ERROR(statement.status());
  return PutStatement(invocation, chain, *statement, context);
}

}  // namespace

Command PackageRecordCommand() {
  Command command;
  command.name = "record";
  command.summary = "Write the record of a release, to be signed";
  command.description =
      "Writes the statement with the digest of every file of the release "
      "directory, and prints its path. The files must stay as they are: what "
      "was recorded is another release, or, under mode mutable, another "
      "revision. Of a release that a registry logged before anybody signed, "
      "name the revision that it is by `orrery versions`, and the tree of the "
      "one before. Works without a server.";
  command.examples = {{"orrery package record . kafka", "the newest release"},
                      {"orrery package record . kafka --release 57", ""}};
  command.flags = {{.name = "release",
                    .value = "N",
                    .help = "release number (default: the highest there is)"},
                   {.name = "revision",
                    .value = "R",
                    .help = "revision, where a registry knows it already"},
                   {.name = "replaces",
                    .value = "TREE",
                    .help = "tree of the revision before, h1:..."}};
  command.arguments = ChainArguments();
  command.run = RunRecord;
  return command;
}

Command PackageYankCommand() {
  Command command;
  command.name = "yank";
  command.summary = "Write that a release is not to be chosen any more";
  command.description =
      "Writes the statement and prints its path. Once it is signed and "
      "pushed, nobody gets the release by a new choice; what runs, a lock and "
      "a rollback that name it still work, with the reason as a warning. It "
      "cannot be taken back. Works without a server.";
  command.examples = {
      {"orrery package yank . kafka 57 --reason \"broker loses data on "
       "restart\"",
       "all its revisions"},
      {"orrery package yank . kafka 57#2 --reason \"wrong default\"", ""}};
  command.flags = {{.name = "reason",
                    .value = "TEXT",
                    .help = "why, in at most 200 characters of ASCII"}};
  command.arguments = ChainArguments();
  command.arguments.push_back(
      {.name = "RELEASE", .help = "release number, or number#revision"});
  command.run = RunYank;
  return command;
}

}  // namespace orrery::cli
