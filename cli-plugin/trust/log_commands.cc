#include "cli-plugin/trust/log_commands.h"

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli-plugin/trust/trust_flags.h"
#include "cli-plugin/trust/verify_report.h"

#include "catalog/verify/file_cache.h"
#include "catalog/verify/log_audit.h"
#include "catalog/verify/place_list.h"
#include "catalog/verify/registry_view.h"
#include "catalog/verify/state_directory.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

constexpr absl::Duration kLockTimeout = absl::Seconds(30);

// The state of a registry, and what every command tells of it.
absl::StatusOr<catalog::RegistryView> Refresh(
    const Trust& trust, const catalog::TrustedRegistry& registry,
    const catalog::FileCache& cache, catalog::PlaceList& places,
    CommandContext& context) {
  auto view = catalog::RefreshRegistry(
      registry, places, cache, {trust.now, trust.is_offline, kLockTimeout});
  ORRERY_ASSIGN_OR_RETURN(
      const std::vector<std::string> evidence,
      catalog::UnacknowledgedEvidence(registry.state_directory));
  for (const std::string& id : evidence) {
    context.terminal->Note(EvidenceLine(registry.trust.registry.id, id));
  }
  return view;
}

JsonValue CheckpointJson(const std::string& id,
                         const catalog::RegistryView& view) {
  const signing::ClientState& state = view.log.state;
  return JsonValue::Object(
      {{"registry", JsonValue::String(id)},
       {"origin", JsonValue::String(state.checkpoint.origin)},
       {"size",
        JsonValue::Integer(static_cast<int64_t>(state.checkpoint.size))},
       {"root", JsonValue::String("sha256:" + state.checkpoint.root.Hex())},
       {"quorum_time",
        JsonValue::Integer(static_cast<int64_t>(state.quorum_time))},
       {"stale_by",
        JsonValue::Integer(absl::ToInt64Seconds(view.log.stale_by))},
       {"first_use", JsonValue::Bool(view.log.is_first_use)},
       {"note", JsonValue::String(state.note)}});
}

absl::StatusOr<ExitCode> RunCheckpoint(const Invocation& invocation,
                                       CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(const Trust trust, OpenTrust(invocation, context));
  Answer answer;
  answer.lines_member = "registries";
  std::vector<JsonValue> registries;
  const catalog::FileCache cache(trust.cache_directory);
  for (const catalog::TrustedRegistry& registry : trust.setup->registries) {
    catalog::PlaceList places(registry.places, trust.is_offline);
    ORRERY_ASSIGN_OR_RETURN(const catalog::RegistryView view,
                            Refresh(trust, registry, cache, places, context));
    registries.push_back(CheckpointJson(registry.trust.registry.id, view));
    answer.names.push_back(registry.trust.registry.id);
    absl::StrAppend(&answer.page, answer.page.empty() ? "" : "\n",
                    view.log.state.note);
  }
  answer.document = JsonValue::Object(
      {{"registries", JsonValue::Array(std::move(registries))}});
  Print(answer, context);
  return ExitCode::kSuccess;
}

JsonValue AuditJson(const std::string& id, const catalog::LogAudit& audit,
                    const catalog::RegistryView& view) {
  std::vector<JsonValue> excused;
  for (const signing::VoidLeaf& leaf : audit.excused) {
    excused.push_back(JsonValue::Object(
        {{"leaf", JsonValue::Integer(leaf.leaf)},
         {"code",
          JsonValue::String(std::string(signing::RefusalName(leaf.code)))},
         {"detail", JsonValue::String(leaf.detail)}}));
  }
  JsonValue object = CheckpointJson(id, view);
  object.Set("leaves", JsonValue::Integer(audit.leaves));
  object.Set("tiles", JsonValue::Integer(audit.tiles));
  object.Set("catalogs", JsonValue::Integer(audit.catalogs));
  object.Set("signed_records", JsonValue::Integer(audit.signed_records));
  object.Set("excused", JsonValue::Array(std::move(excused)));
  return object;
}

std::string AuditText(const std::string& id, const catalog::LogAudit& audit,
                      const catalog::RegistryView& view) {
  std::string text =
      absl::StrCat("registry ", id, ": log ", view.log.state.checkpoint.origin,
                   ", ", audit.leaves, " leaves, ", audit.tiles, " tiles, ",
                   audit.catalogs, " catalogs agree\n");
  for (const signing::VoidLeaf& leaf : audit.excused) {
    absl::StrAppend(&text, "  leaf ", leaf.leaf,
                    " is excused: ", signing::RefusalName(leaf.code), ": ",
                    leaf.detail, "\n");
  }
  if (audit.signed_records > 0) {
    absl::StrAppend(&text, "  ", audit.signed_records,
                    " records are signed by their maintainers\n");
  }
  return text;
}

absl::StatusOr<ExitCode> RunAudit(const Invocation& invocation,
                                  CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(const Trust trust, OpenTrust(invocation, context));
  // What others serve is looked at, not what was kept of it.
  const catalog::FileCache no_cache("");
  Answer answer;
  answer.lines_member = "registries";
  std::vector<JsonValue> registries;
  absl::Status first;
  for (const catalog::TrustedRegistry& registry : trust.setup->registries) {
    const std::string& id = registry.trust.registry.id;
    catalog::PlaceList places(registry.places, trust.is_offline);
    if (trust.is_offline && places.usable().empty()) {
      return UsageError(absl::StrCat(
          "an audit reads what is served, and registry ", id,
          " is not on this machine: with --offline say --mirror ", id, "=DIR"));
    }
    ORRERY_ASSIGN_OR_RETURN(
        catalog::RegistryView view,
        Refresh(trust, registry, no_cache, places, context));
    ORRERY_ASSIGN_OR_RETURN(const catalog::LogAudit audit,
                            catalog::AuditLog(registry.trust, view, places));
    for (const absl::Status& fault : audit.faults) {
      TellRefusal(fault, context);
      if (first.ok()) first = fault;
    }
    registries.push_back(AuditJson(id, audit, view));
    answer.names.push_back(id);
    absl::StrAppend(&answer.page, AuditText(id, audit, view));
  }
  if (!first.ok()) return ExitCodeOf(first);
  answer.document = JsonValue::Object(
      {{"ok", JsonValue::Bool(true)},
       {"registries", JsonValue::Array(std::move(registries))}});
  Print(answer, context);
  return ExitCode::kSuccess;
}

// The state directories that there are, below the root of all.
std::vector<std::string> StateDirectories(const std::string& root) {
  std::vector<std::string> found;
  std::error_code error;
  std::filesystem::recursive_directory_iterator entry(root, error);
  for (; !error && entry != std::filesystem::recursive_directory_iterator();
       entry.increment(error)) {
    // `<id>`, and `loopback-<digits>/<id>`.
    if (entry.depth() > 1) entry.disable_recursion_pending();
    if (entry->path().filename() == "checkpoint") {
      found.push_back(entry->path().parent_path().string());
    }
  }
  return found;
}

absl::StatusOr<ExitCode> RunAck(const Invocation& invocation,
                                CommandContext& context) {
  std::string id = invocation.Word("ID");
  // The digits alone will do.
  if (!absl::StartsWith(id, "fork-")) id = "fork-" + id;
  ORRERY_ASSIGN_OR_RETURN(const std::string root,
                          FindStateDirectory(invocation, context));
  Answer answer;
  for (const std::string& directory : StateDirectories(root)) {
    const absl::Status status = catalog::AcknowledgeEvidence(directory, id);
    if (absl::IsNotFound(status)) continue;
    if (!status.ok()) return status;
    answer.page = absl::StrCat(directory, "/", id, "\n");
  }
  if (answer.page.empty()) {
    return absl::NotFoundError(
        absl::StrCat("there is no evidence \"", id, "\" below ", root));
  }
  answer.document =
      JsonValue::Object({{"acknowledged", JsonValue::String(id)}});
  answer.names = {id};
  Print(answer, context);
  return ExitCode::kSuccess;
}

Command CheckpointCommand() {
  Command command;
  command.name = "checkpoint";
  command.summary = "Show the signed state of the log, once it is checked";
  command.description =
      "Reads the log as `orrery verify` does and prints the note that signs "
      "it, for each registry of the policy.";
  command.examples = {{"orrery log checkpoint", ""},
                      {"orrery log checkpoint --offline -o json", ""}};
  command.flags = TrustFlags();
  command.run = RunCheckpoint;
  return command;
}

Command AuditCommand() {
  Command command;
  command.name = "audit";
  command.summary = "Read a whole log and compare all that is served of it";
  command.description =
      "Reads every entry, computes tree and catalogs from them, and compares "
      "each hash tile, each single leaf and the newest catalog with that; the "
      "catalog of every earlier state must be the one its index leaf names, so "
      "the time grows with their number and with the size of the log. Each "
      "signature of a maintainer is verified. "
      "Each fault is a line on standard error, and the exit code is that of "
      "the first. Leaves that break a rule and that the names file excuses are "
      "listed.";
  command.examples = {{"orrery log audit", ""},
                      {"orrery log audit --mirror /mnt/mirror", ""}};
  command.flags = TrustFlags();
  command.run = RunAudit;
  return command;
}

Command AckCommand() {
  Command command;
  command.name = "ack";
  command.summary = "Acknowledge evidence that a registry contradicted itself";
  command.description =
      "It stays where it is and is no longer told by every command.";
  command.examples = {{"orrery log ack fork-0123456789abcdef", ""}};
  command.flags = {{.name = "state",
                    .value = "DIR",
                    .help = "where what was seen of each log is kept",
                    .kind = ValueKind::kDirectory}};
  command.arguments = {{.name = "ID", .help = "name of the evidence"}};
  command.run = RunAck;
  return command;
}

}  // namespace

Command LogCommand() {
  Command command;
  command.name = "log";
  command.summary = "Look at the public logs of registries";
  command.subcommands = {CheckpointCommand(), AuditCommand(), AckCommand()};
  return command;
}

}  // namespace orrery::cli
