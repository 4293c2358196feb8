#include "cli-plugin/trust/policy_commands.h"

#include <sys/stat.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "cli-plugin/command/absolute_path.h"
#include "cli-plugin/command/version.h"
#include "cli-plugin/http/trust_fetcher.h"
#include "cli-plugin/text/printable.h"
#include "cli-plugin/trust/policy_check.h"
#include "cli-plugin/trust/trust_flags.h"

#include "catalog/verify/stored_file.h"
#include "catalog/verify/trust_setup.h"
#include "signing/digest.h"
#include "signing/field.h"
#include "signing/policy/client_policy_parser.h"
#include "signing/policy/config_reader.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

// Where `policy init` puts its files, besides those that the policy names.
constexpr absl::string_view kTlogPolicy = "tlog-policy";
constexpr absl::string_view kNames = "names";

std::string DigestText(absl::string_view bytes) {
  return "sha256:" + signing::Digest::Of(bytes).Hex();
}

// The served policy as one's own: the registry's address is the one that was
// asked, and the files lie beside.
absl::StatusOr<std::string> OwnPolicy(const std::string& url,
                                      const std::string& served) {
  ORRERY_ASSIGN_OR_RETURN(const signing::ClientPolicy policy,
                          signing::ParseClientPolicy(served));
  if (policy.registries().size() != 1) {
    return signing::Refuse(
        signing::RefusalCode::kPolicySyntax,
        absl::StrCat("the policy of ", url, " has ", policy.registries().size(),
                     " registries; write one of your own from it"));
  }
  const signing::RegistryPolicy& registry = policy.registries().front();
  std::vector<std::string> lines = absl::StrSplit(served, '\n');
  for (std::string& line : lines) {
    const std::vector<absl::string_view> fields =
        absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    if (fields.empty()) continue;
    if (fields[0] == "registry") {
      line = absl::StrCat("registry ", registry.id, " ", url);
    } else if (fields[0] == "tlog-policy") {
      line = absl::StrCat("  tlog-policy ", kTlogPolicy);
    } else if (fields[0] == "names-file") {
      line = absl::StrCat("  names-file ", kNames);
    }
  }
  return absl::StrJoin(lines, "\n");
}

bool Exists(const std::string& path) {
  struct stat status = {};
  return lstat(path.c_str(), &status) == 0;
}

absl::Status WritePinned(const std::string& directory,
                         const std::string& policy_path,
                         const std::string& policy,
                         const catalog::ServedTrust& served) {
  ORRERY_RETURN_IF_ERROR(catalog::MakeDirectories(directory));
  ORRERY_RETURN_IF_ERROR(catalog::ReplaceDurably(
      absl::StrCat(directory, "/", kTlogPolicy), served.tlog_policy));
  ORRERY_RETURN_IF_ERROR(catalog::ReplaceDurably(
      absl::StrCat(directory, "/", kNames), served.names));
  // Last: it names the others.
  return catalog::ReplaceDurably(policy_path, policy);
}

absl::StatusOr<std::string> PinnedPath(const Invocation& invocation,
                                       const CommandContext& context) {
  if (invocation.Has("policy")) {
    return AbsolutePath(invocation.Text("policy"), context.working_directory);
  }
  if (!context.settings->policy.empty()) {
    return AbsolutePath(context.settings->policy, context.working_directory);
  }
  if (context.settings->config_dir.empty()) {
    return UsageError(
        "there is no home to put the policy in; say --policy "
        "FILE");
  }
  return context.settings->config_dir + "/policy";
}

absl::Status CheckIsFree(const std::string& path) {
  const std::string directory = catalog::ParentOf(path);
  for (const std::string& file :
       {path, absl::StrCat(directory, "/", kTlogPolicy),
        absl::StrCat(directory, "/", kNames)}) {
    if (Exists(file)) {
      return absl::AlreadyExistsError(absl::StrCat(
          file,
          " is there already: move it away, or say --policy FILE in "
          "another folder"));
    }
  }
  return absl::OkStatus();
}

std::string Question(const std::string& url, const std::string& path,
                     const catalog::ServedTrust& served) {
  return absl::StrCat(url, " serves\n  policy       ",
                      DigestText(served.policy), "\n  tlog-policy  ",
                      DigestText(served.tlog_policy), "\n  names        ",
                      DigestText(served.names), "\n", served.tlog_policy,
                      "Compare them with what its operator tells you. Believe "
                      "this registry from now on, by ",
                      path, "?");
}

absl::StatusOr<ExitCode> RunInit(const Invocation& invocation,
                                 CommandContext& context) {
  std::string url = invocation.Word("URL");
  while (absl::EndsWith(url, "/")) url.pop_back();
  const absl::Status is_url = signing::CheckRegistryUrl(url);
  if (!is_url.ok()) return UsageError(is_url.message());
  ORRERY_ASSIGN_OR_RETURN(const std::string path,
                          PinnedPath(invocation, context));
  ORRERY_RETURN_IF_ERROR(CheckIsFree(path));
  TrustFetcher http(context.http, /*is_offline=*/false);
  ORRERY_ASSIGN_OR_RETURN(const catalog::ServedTrust served,
                          catalog::FetchServedTrust(url, http));
  catalog::SetupOptions options;
  options.version = std::string(kVersion);
  // That it can be used is found out before it is asked about.
  ORRERY_RETURN_IF_ERROR(
      catalog::OpenServedTrust(url, served, options, http).status());
  ORRERY_ASSIGN_OR_RETURN(const std::string policy,
                          OwnPolicy(url, served.policy));
  if (!context.settings->assume_yes) {
    if (!context.terminal->CanAsk()) {
      return UsageError(
          absl::StrCat(Question(url, path, served),
                       " There is nobody to ask here: --yes says so"));
    }
    ORRERY_RETURN_IF_ERROR(
        context.terminal->Confirm(Question(url, path, served)));
  }
  ORRERY_RETURN_IF_ERROR(
      WritePinned(catalog::ParentOf(path), path, policy, served));
  Answer answer;
  answer.document = JsonValue::Object(
      {{"policy", JsonValue::String(path)},
       {"url", JsonValue::String(url)},
       {"policy_sha256", JsonValue::String(DigestText(policy))},
       {"tlog_policy_sha256",
        JsonValue::String(DigestText(served.tlog_policy))},
       {"names_sha256", JsonValue::String(DigestText(served.names))}});
  answer.names = {path};
  answer.page = absl::StrCat(path, "  ", DigestText(policy), "\n",
                             catalog::ParentOf(path), "/", kTlogPolicy, "  ",
                             DigestText(served.tlog_policy), "\n",
                             catalog::ParentOf(path), "/", kNames, "  ",
                             DigestText(served.names), "\n");
  Print(answer, context);
  return ExitCode::kSuccess;
}

absl::StatusOr<ExitCode> RunCheck(const Invocation& invocation,
                                  CommandContext& context) {
  const std::string path =
      AbsolutePath(invocation.Word("FILE"), context.working_directory);
  TrustFetcher http(context.http, /*is_offline=*/true);
  catalog::SetupOptions options;
  options.version = std::string(kVersion);
  ORRERY_ASSIGN_OR_RETURN(const catalog::TrustSetup setup,
                          catalog::OpenPolicyFile(path, options, http));
  ORRERY_ASSIGN_OR_RETURN(
      const std::string text,
      catalog::ReadStoredFile(path, int64_t{signing::kMaxConfigBytes}));
  Answer answer;
  std::vector<JsonValue> registries;
  for (const catalog::TrustedRegistry& registry : setup.registries) {
    const signing::RegistryTrust& trust = registry.trust;
    const std::string& origin = trust.tlog_policy.log_keys().front().name();
    registries.push_back(JsonValue::Object(
        {{"registry", JsonValue::String(trust.registry.id)},
         {"url", JsonValue::String(trust.registry.url)},
         {"origin", JsonValue::String(origin)},
         {"tlog_policy_sha256",
          JsonValue::String("sha256:" + trust.tlog_policy_digest.Hex())},
         {"names_sha256",
          JsonValue::String("sha256:" + trust.names_digest.Hex())}}));
    if (invocation.Words("PACKAGE").empty()) {
      absl::StrAppend(&answer.page, "registry ", trust.registry.id, ": ",
                      trust.registry.url, ", log ", origin, "\n");
    }
  }
  std::vector<JsonValue> packages;
  for (const std::string& package : invocation.Words("PACKAGE")) {
    const PolicyDecision decision = DecideName(setup.policy, package);
    packages.push_back(DecisionJson(decision, text));
    absl::StrAppend(&answer.page, DecisionText(decision, text));
    answer.names.push_back(OneLine(package));
  }
  answer.document = JsonValue::Object(
      {{"ok", JsonValue::Bool(true)},
       {"policy", JsonValue::String(path)},
       {"policy_sha256",
        JsonValue::String("sha256:" + setup.policy_digest.Hex())},
       {"registries", JsonValue::Array(std::move(registries))},
       {"packages", JsonValue::Array(std::move(packages))}});
  answer.lines_member = "packages";
  Print(answer, context);
  return ExitCode::kSuccess;
}

Command InitCommand() {
  Command command;
  command.name = "init";
  command.summary = "Fetch a registry's trust files and believe them";
  command.description =
      "Shows what was fetched, asks, and writes the policy to --policy, else "
      "$ORRERY_POLICY, else $XDG_CONFIG_HOME/orrery/policy, with tlog-policy "
      "and names beside it. Compare the digests with those that the operator "
      "of the registry tells you another way: from then on these files decide. "
      "What is there already is not replaced.";
  command.examples = {{"orrery policy init https://registry.example", ""}};
  command.flags = {{.name = "policy",
                    .value = "FILE",
                    .help = "where to put the policy",
                    .kind = ValueKind::kFile}};
  command.arguments = {
      {.name = "URL", .help = "https:// address, or http:// to this machine"}};
  command.run = RunInit;
  return command;
}

Command CheckCommand() {
  Command command;
  command.name = "check";
  command.summary = "Check a policy, and show which lines decide about names";
  command.description =
      "Reads the policy and the files it names, without a network. For each "
      "name: the registry it is looked up in and what is demanded, with the "
      "line that decides. Exit 13 for a fault of the policy, 10 for one of the "
      "files it names.";
  command.examples = {
      {"orrery policy check ~/.config/orrery/policy", ""},
      {"orrery policy check policy acme-db kafka kafka-zookeeper", ""}};
  command.arguments = {
      {.name = "FILE", .help = "policy file", .kind = ValueKind::kFile},
      {.name = "PACKAGE",
       .help = "name to decide about",
       .required = false,
       .repeatable = true}};
  command.run = RunCheck;
  return command;
}

}  // namespace

Command PolicyCommand() {
  Command command;
  command.name = "policy";
  command.summary = "Say whom this machine believes";
  command.subcommands = {InitCommand(), CheckCommand()};
  return command;
}

}  // namespace orrery::cli
