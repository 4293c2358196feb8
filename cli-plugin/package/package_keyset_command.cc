#include "cli-plugin/package/package_keyset_command.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli-plugin/command/absolute_path.h"
#include "cli-plugin/command/command.h"
#include "cli-plugin/package/chain_review.h"
#include "cli-plugin/package/package_chain.h"
#include "cli-plugin/package/ssh_key_flag.h"
#include "cli-plugin/package/statement_output.h"

#include "signing/field.h"
#include "signing/record/record.h"
#include "signing/record/statement_draft.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

// What a person signs unless something else is said.
constexpr std::array<absl::string_view, 3> kUsualNamespaces = {
    "keyset@orrery", "release@orrery", "yank@orrery"};
constexpr std::array<absl::string_view, 4> kNamespaces = {
    "git", "keyset@orrery", "release@orrery", "yank@orrery"};

// `release` for `release@orrery`, too; nullopt for another word.
std::optional<std::string> NamespaceOf(absl::string_view word) {
  for (const absl::string_view name : kNamespaces) {
    if (word == name || absl::StrCat(word, "@orrery") == name) {
      return std::string(name);
    }
  }
  return std::nullopt;
}

// The namespaces that `words` are; nullopt when they are none.
std::optional<std::vector<std::string>> NamespacesOf(absl::string_view words) {
  std::vector<std::string> namespaces;
  for (const absl::string_view word : absl::StrSplit(words, ',')) {
    std::optional<std::string> name = NamespaceOf(word);
    if (!name.has_value()) return std::nullopt;
    namespaces.push_back(*std::move(name));
  }
  std::sort(namespaces.begin(), namespaces.end());
  namespaces.erase(std::unique(namespaces.begin(), namespaces.end()),
                   namespaces.end());
  return namespaces;
}

// `PRINCIPAL=FILE.pub[:NAMESPACE,…]`.
absl::StatusOr<signing::Signer> SignerOf(absl::string_view text,
                                         const CommandContext& context) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits('=', 1));
  const absl::Status is_principal = signing::CheckPrincipal(parts.first);
  if (parts.second.empty() || !is_principal.ok()) {
    return UsageError(absl::StrCat(
        "--signer \"", text, "\": PRINCIPAL=FILE.pub is wanted",
        is_principal.ok() ? "" : absl::StrCat("; ", is_principal.message())));
  }
  std::vector<std::string> namespaces(kUsualNamespaces.begin(),
                                      kUsualNamespaces.end());
  absl::string_view file = parts.second;
  const size_t colon = file.rfind(':');
  if (colon != absl::string_view::npos) {
    auto named = NamespacesOf(file.substr(colon + 1));
    if (named.has_value()) {
      namespaces = *std::move(named);
      file = file.substr(0, colon);
    }
  }
  ORRERY_ASSIGN_OR_RETURN(
      signing::SshKey key,
      ReadPublicKey(file,
                    "--signer takes PRINCIPAL=FILE.pub[:NAMESPACE,…], with "
                    "namespaces of git, keyset, release, yank",
                    context));
  return signing::Signer{std::string(parts.first), std::move(namespaces),
                         std::move(key)};
}

// `keyset|release|yank=N`.
absl::Status TakeThreshold(absl::string_view text,
                           signing::KeysetChange& change) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits('=', 1));
  int64_t number = 0;
  const bool is_number = absl::SimpleAtoi(parts.second, &number);
  if (is_number && parts.first == "keyset") {
    change.keyset_threshold = number;
  } else if (is_number && parts.first == "release") {
    change.release_threshold = number;
  } else if (is_number && parts.first == "yank") {
    change.yank_threshold = number;
  } else {
    return UsageError(absl::StrCat(
        "--threshold \"", text, "\": keyset=N, release=N or yank=N is wanted"));
  }
  return absl::OkStatus();
}

// "URL REF".
absl::StatusOr<signing::RepositoryRef> RepositoryOf(absl::string_view text) {
  const std::vector<std::string> parts =
      absl::StrSplit(text, ' ', absl::SkipEmpty());
  if (parts.size() != 2) {
    return UsageError(
        absl::StrCat("--repo \"", text,
                     "\": \"URL REF\" is wanted, as one word, for example "
                     "\"https://git.example/universe.git refs/heads/main\""));
  }
  for (const absl::Status& status :
       {signing::CheckGitUrl(parts[0]), signing::CheckRef(parts[1])}) {
    if (!status.ok()) {
      return UsageError(absl::StrCat(
          "--repo: ", status.message(),
          "; it is how the registry's source is written, see `orrery source "
          "status`"));
    }
  }
  return signing::RepositoryRef{parts[0], parts[1]};
}

absl::StatusOr<signing::KeysetChange> ChangeOf(const Invocation& invocation,
                                               const CommandContext& context) {
  signing::KeysetChange change;
  change.dropped_principals = invocation.Texts("drop");
  for (const std::string& text : invocation.Texts("signer")) {
    ORRERY_ASSIGN_OR_RETURN(signing::Signer signer, SignerOf(text, context));
    change.signers.push_back(std::move(signer));
  }
  for (const std::string& text : invocation.Texts("threshold")) {
    ORRERY_RETURN_IF_ERROR(TakeThreshold(text, change));
  }
  for (const std::string& text : invocation.Texts("repo")) {
    ORRERY_ASSIGN_OR_RETURN(signing::RepositoryRef repository,
                            RepositoryOf(text));
    change.repositories.push_back(std::move(repository));
  }
  change.logs = invocation.Texts("log");
  for (const std::string& log : change.logs) {
    const absl::Status status = signing::CheckOrigin(log);
    if (!status.ok()) {
      return UsageError(absl::StrCat("--log: ", status.message()));
    }
  }
  if (invocation.Has("mode")) {
    const std::string mode = invocation.Text("mode");
    if (mode != "mutable" && mode != "immutable") {
      return UsageError(
          absl::StrCat("--mode \"", mode, "\" is not immutable or mutable"));
    }
    change.mode = mode == "mutable" ? signing::RevisionMode::kMutable
                                    : signing::RevisionMode::kImmutable;
  }
  return change;
}

// What the first keyset must be told, in the words of the command line.
absl::Status CheckFirst(const signing::KeysetChange& change,
                        const std::string& package) {
  std::string missing;
  if (change.signers.empty()) {
    missing = "--signer PRINCIPAL=FILE.pub, who may sign";
  } else if (change.repositories.empty()) {
    missing =
        "--repo \"URL REF\", where the package is published, as the "
        "registry's source is written";
  } else if (change.logs.empty()) {
    missing =
        "--log ORIGIN, the registry's log: what its /v1/trust/tlog-policy has "
        "after the word log, up to the first +";
  }
  if (missing.empty()) return absl::OkStatus();
  return UsageError(
      absl::StrCat("the first keyset of ", package, " needs ", missing));
}

// What no registry takes yet is completed or changed, not followed by another
// one.
absl::Status CheckIsComplete(const std::string& directory,
                             const PackageChain& chain,
                             const ChainStatement& keyset) {
  ORRERY_ASSIGN_OR_RETURN(const ReviewedChain reviewed,
                          ReviewChain(directory, chain.package));
  const absl::Status& status =
      reviewed.statements[static_cast<size_t>(keyset.seq - 1)].status;
  if (status.ok()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(keyset.file.path,
                   " is not complete: ", signing::RefusalOf(status)->detail,
                   "; complete it, or, to say it otherwise, remove ",
                   FilesFrom(chain, keyset.seq), " and say it again"));
}

absl::StatusOr<ExitCode> RunKeyset(const Invocation& invocation,
                                   CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(const PackageChain chain,
                          OpenChain(invocation, context));
  ORRERY_ASSIGN_OR_RETURN(const signing::KeysetChange change,
                          ChangeOf(invocation, context));
  const ChainStatement* const in_force = chain.keyset();
  if (in_force == nullptr) {
    ORRERY_RETURN_IF_ERROR(CheckFirst(change, chain.package));
  } else {
    ORRERY_RETURN_IF_ERROR(CheckIsComplete(
        AbsolutePath(invocation.Word("DIR"), context.working_directory), chain,
        *in_force));
  }
  auto statement = signing::DraftKeyset(
      chain.End(),
      in_force == nullptr
          ? nullptr
          : &std::get<signing::KeysetRecord>(in_force->record.body),
      change);
  if (absl::IsInvalidArgument(statement.status())) {
    return UsageError(statement.status().message());
  }
  ORRERY_RETURN_IF_ERROR(statement.status());
  return PutStatement(invocation, chain, *statement, context);
}

std::vector<Flag> KeysetFlags() {
  return {
      {.name = "signer",
       .value = "PRINCIPAL=FILE.pub[:NAMESPACE,...]",
       .help = "let a key sign; namespaces keyset, release, yank unless named",
       .repeatable = true},
      {.name = "drop",
       .value = "PRINCIPAL",
       .help = "take all keys of somebody out",
       .repeatable = true},
      {.name = "threshold",
       .value = "KIND=N",
       .help = "how many must sign: keyset=N, release=N, yank=N (first: 1)",
       .repeatable = true},
      {.name = "repo",
       .value = "\"URL REF\"",
       .help = "where the package is published; replaces those before",
       .repeatable = true},
      {.name = "log",
       .value = "ORIGIN",
       .help = "log the records may be put into; replaces those before",
       .repeatable = true},
      {.name = "mode",
       .value = "MODE",
       .help = "may a release change: immutable (first) or mutable",
       .kind = ValueKind::kChoice,
       .choices = {"immutable", "mutable"}}};
}

}  // namespace

Command PackageKeysetCommand() {
  Command command;
  command.name = "keyset";
  command.summary = "Write who may sign for a package";
  command.description =
      "Writes the first or the next keyset and prints its path. What is not "
      "named stays as in the keyset before. A keyset counts when so many of "
      "its own signers as its threshold says, and of those of the keyset "
      "before, have signed it. Works without a server.";
  command.examples = {
      {"orrery package keyset . kafka --signer "
       "alice@example.org=$HOME/.ssh/id_ed25519.pub --repo "
       "\"https://git.example/kafka.git refs/heads/main\" --log "
       "registry.example/main",
       ""},
      {"orrery package keyset . kafka --signer bob@example.org=bob.pub "
       "--threshold release=2",
       ""},
      {"orrery package keyset . kafka --signer ci@example.org=ci.pub:release",
       "signs releases only"},
      {"orrery package keyset . kafka --drop alice@example.org", ""}};
  command.flags = KeysetFlags();
  command.arguments = ChainArguments();
  command.run = RunKeyset;
  return command;
}

}  // namespace orrery::cli
