#include "cli-plugin/trust/mirror_export_command.h"

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cli-plugin/command/absolute_path.h"
#include "cli-plugin/package/ssh_key_flag.h"
#include "cli-plugin/text/refusal_output.h"
#include "cli-plugin/trust/release_query.h"
#include "cli-plugin/trust/trust_flags.h"
#include "cli-plugin/trust/verify_report.h"

#include "catalog/verify/bundle/bundle_export.h"
#include "catalog/verify/bundle/bundle_signature.h"
#include "catalog/verify/bundle/export_selection.h"
#include "catalog/verify/file_cache.h"
#include "signing/encoding.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

struct ExportFlags {
  std::vector<catalog::ReleaseQuery> packages;
  std::string out;
  uint64_t since = 0;
  bool with_dependencies = true;
  bool with_assets = false;
  // File of a key or "agent"; empty: nobody signs.
  std::string sign;
};

absl::StatusOr<ExportFlags> ReadFlags(const Invocation& invocation,
                                      const CommandContext& context) {
  ExportFlags flags;
  ORRERY_ASSIGN_OR_RETURN(flags.packages, ReadReleaseQueries(invocation));
  if (flags.packages.empty() != invocation.Has("all")) {
    return UsageError("name packages, or say --all");
  }
  if (invocation.Text("out").empty()) {
    return UsageError("say with --out FILE where the bundle is to be");
  }
  flags.out = AbsolutePath(invocation.Text("out"), context.working_directory);
  if (invocation.Has("since")) {
    const auto since = signing::ParseDecimal(invocation.Text("since"));
    if (!since.ok()) {
      return UsageError(absl::StrCat("--since \"", invocation.Text("since"),
                                     "\" is no number of leaves, such as "
                                     "`orrery log checkpoint -o json` says"));
    }
    flags.since = *since;
  }
  flags.with_dependencies = !invocation.Has("no-deps");
  flags.with_assets = invocation.Has("with-assets");
  flags.sign = invocation.Text("sign");
  return flags;
}

// The one registry that all of it is of: a bundle has one log.
absl::StatusOr<std::string> FindRegistry(const Invocation& invocation,
                                         const ExportFlags& flags,
                                         const catalog::TrustSetup& setup) {
  std::string registry = invocation.Text("registry");
  if (!registry.empty() && setup.policy.FindRegistry(registry) == nullptr) {
    return UsageError(
        absl::StrCat(setup.policy_name, " has no registry \"", registry, "\""));
  }
  for (const catalog::ReleaseQuery& query : flags.packages) {
    const auto route = setup.policy.RouteOf(query.package);
    if (!route.ok()) {
      return signing::At(
          {.file = setup.policy_name, .check = 9, .package = query.package},
          route.status());
    }
    if (registry.empty()) registry = route->registry;
    if (route->registry == registry) continue;
    return UsageError(absl::StrCat(
        query.package, " is of registry ", route->registry, ", not of ",
        registry, ": a bundle has one log; export one for each registry"));
  }
  if (!registry.empty()) return registry;
  if (setup.registries.size() == 1) {
    return setup.registries.front().trust.registry.id;
  }
  return UsageError(
      absl::StrCat(setup.policy_name, " has ", setup.registries.size(),
                   " registries, and a bundle has one log; say --registry ID"));
}

// The exporter's signature of a bundle's manifest.
absl::StatusOr<std::string> SignManifest(const std::string& key,
                                         absl::string_view manifest,
                                         const CommandContext& context) {
  return SignAsTold(
      {"sign", key}, catalog::kBundleNamespace, manifest,
      [](std::span<const signing::SshKey> held)
          -> absl::StatusOr<signing::SshKey> {
        if (held.size() == 1) return held.front();
        return UsageError(absl::StrCat(
            "ssh-agent holds ", held.size(),
            " keys that may sign; name one by its public half, --sign "
            "FILE.pub (`ssh-add -L` lists them)"));
      },
      context);
}

std::string ReleaseName(const catalog::VerifiedRelease& release) {
  return absl::StrCat(release.package,
                      "@release=", release.revision.key.release, "#",
                      release.revision.key.revision);
}

JsonValue Texts(const std::vector<std::string>& texts) {
  std::vector<JsonValue> items;
  for (const std::string& text : texts) {
    items.push_back(JsonValue::String(text));
  }
  return JsonValue::Array(std::move(items));
}

JsonValue ReleaseJson(const catalog::ExportedRelease& one) {
  JsonValue object = AdmittedJson(one.release.registry, one.release.package,
                                  one.release.revision);
  object.Set("records", JsonValue::Integer(one.records));
  object.Set("files", JsonValue::Integer(one.files));
  object.Set("bytes", JsonValue::Integer(one.bytes));
  std::vector<std::string> artifacts;
  for (const signing::Digest& digest : one.artifacts) {
    artifacts.push_back("sha256:" + digest.Hex());
  }
  object.Set("artifacts", Texts(artifacts));
  object.Set("elsewhere", Texts(one.elsewhere));
  object.Set("missing", Texts(one.unmet));
  return object;
}

void TellWhatIsMissing(const catalog::ExportSelection& selection,
                       bool with_assets, CommandContext& context) {
  for (const absl::Status& refusal : selection.left_out) {
    context.terminal->Note(
        absl::StrCat("left out: ", RefusalText(*signing::RefusalOf(refusal))));
  }
  for (const catalog::ExportedRelease& one : selection.releases) {
    const std::string name = ReleaseName(one.release);
    if (!with_assets) {
      for (const signing::Digest& digest : one.artifacts) {
        context.terminal->Note(absl::StrCat("not in the bundle: artifact ",
                                            digest.Hex(), " of ", name,
                                            "; --with-assets takes it along"));
      }
    }
    for (const std::string& asset : one.elsewhere) {
      context.terminal->Note(
          absl::StrCat("not in the bundle: ", asset, " of ", name));
    }
    for (const std::string& requirement : one.unmet) {
      context.terminal->Note(absl::StrCat("not in the bundle: ", requirement,
                                          ", which ", name, " requires"));
    }
  }
}

Answer ExportAnswer(const std::string& out,
                    const catalog::Verifier::OpenedRegistry& opened,
                    const catalog::ExportSelection& selection,
                    const catalog::WrittenBundle& written) {
  const signing::ClientState& state = opened.view.log.state;
  Answer answer;
  answer.lines_member = "packages";
  answer.table.columns = {{"PACKAGE"}, {"RELEASE"}, {"VERSION"},
                          {"RECORDS"}, {"FILES"},   {"BYTES"}};
  std::vector<JsonValue> packages;
  for (const catalog::ExportedRelease& one : selection.releases) {
    const signing::AdmittedRevision& revision = one.release.revision;
    packages.push_back(ReleaseJson(one));
    answer.table.rows.push_back(
        {{one.release.package},
         {absl::StrCat(revision.key.release, "#", revision.key.revision)},
         {revision.version},
         {absl::StrCat(one.records)},
         {absl::StrCat(one.files)},
         {absl::StrCat(one.bytes)}});
  }
  std::vector<JsonValue> left_out;
  for (const absl::Status& refusal : selection.left_out) {
    left_out.push_back(RefusalJson(*signing::RefusalOf(refusal)));
  }
  answer.names = {out};
  answer.document = JsonValue::Object(
      {{"out", JsonValue::String(out)},
       {"bytes", JsonValue::Integer(written.bytes)},
       {"members", JsonValue::Integer(written.members)},
       {"registry", JsonValue::String(opened.trusted.trust.registry.id)},
       {"origin", JsonValue::String(state.checkpoint.origin)},
       {"size",
        JsonValue::Integer(static_cast<int64_t>(state.checkpoint.size))},
       {"packages", JsonValue::Array(std::move(packages))},
       {"left_out", JsonValue::Array(std::move(left_out))}});
  return answer;
}

absl::StatusOr<ExitCode> RunExport(const Invocation& invocation,
                                   CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(const ExportFlags flags,
                          ReadFlags(invocation, context));
  ORRERY_ASSIGN_OR_RETURN(const Trust trust, OpenTrust(invocation, context));
  catalog::ExportRequest request;
  ORRERY_ASSIGN_OR_RETURN(request.registry,
                          FindRegistry(invocation, flags, *trust.setup));
  request.packages = flags.packages;
  request.with_dependencies = flags.with_dependencies;
  request.with_assets = flags.with_assets;
  const catalog::FileCache cache(trust.cache_directory);
  ORRERY_ASSIGN_OR_RETURN(
      const catalog::ExportSelection selection,
      catalog::SelectExport(*trust.setup, *trust.verifier, cache, request));
  ORRERY_ASSIGN_OR_RETURN(catalog::Verifier::OpenedRegistry opened,
                          trust.verifier->Open(request.registry));
  catalog::BundleRequest bundle;
  bundle.blobs = selection.blobs;
  bundle.artifacts = selection.artifacts;
  bundle.since = flags.since;
  if (!flags.sign.empty()) {
    bundle.sign = [&](absl::string_view manifest) {
      return SignManifest(flags.sign, manifest, context);
    };
  }
  const auto written = catalog::WriteBundle(opened, cache, bundle, flags.out);
  if (absl::IsOutOfRange(written.status())) {
    return UsageError(absl::StrCat("--since: ", written.status().message()));
  }
  if (!written.ok()) return written.status();
  TellWhatIsMissing(selection, flags.with_assets, context);
  context.terminal->Note(absl::StrCat(
      flags.out, ": ", written->members, " files, ", written->bytes,
      " bytes, with the ", opened.view.log.state.checkpoint.size, " leaves of ",
      opened.view.log.state.checkpoint.origin));
  ORRERY_ASSIGN_OR_RETURN(TrustNews news, ReadNews(*trust.verifier));
  for (const std::string& line : NewsLines(news)) {
    context.terminal->Note(line);
  }
  Print(ExportAnswer(flags.out, opened, selection, *written), context);
  return ExitCode::kSuccess;
}

}  // namespace

Command MirrorExportCommand() {
  Command command;
  command.name = "export";
  command.summary = "Write packages and their log into one file";
  command.description =
      "Verifies the packages as `orrery verify` does and writes a bundle, a "
      "tar file, of their files and of the whole log, from which `orrery "
      "mirror "
      "import` makes a mirror where no network leads. Without a release all of "
      "a package that may be chosen. What releases require goes along, as a "
      "solve "
      "by the policy chooses it; --no-deps leaves it out and lists it. The "
      "same packages at the same "
      "checkpoint give the same bytes. If anything that must go cannot be had, "
      "there is no file and the exit code is not 0.\n\n"
      "Nobody has to believe a bundle: whoever imports it checks it by a "
      "policy "
      "of his own. With --since SIZE it leaves out what is before that many "
      "leaves of the log and can be imported only where those are. Images, and "
      "what is fetched from elsewhere, do not go along and are listed. --sign "
      "adds a signature by which the importer knows who made the bundle.";
  command.examples = {
      {"orrery mirror export kafka@release=57 spark --out b.tar", ""},
      {"orrery mirror export --all --with-assets --out b.tar", ""},
      {"orrery mirror export --all --since 1240 --out news.tar", ""},
      {"orrery mirror export --all --out b.tar --sign ~/.ssh/id_ed25519", ""}};
  command.flags = TrustFlags();
  command.flags.push_back({.name = "all",
                           .help = "every package that the policy routes to "
                                   "the registry"});
  command.flags.push_back({.name = "registry",
                           .value = "ID",
                           .help = "of the policy, where it has several"});
  command.flags.push_back(
      {.name = "since",
       .value = "SIZE",
       .help = "leaves of the log that the other side has"});
  command.flags.push_back(
      {.name = "no-deps", .help = "without what the packages require"});
  command.flags.push_back(
      {.name = "with-assets", .help = "with the bytes of artifact: URIs"});
  command.flags.push_back(
      {.name = "sign",
       .value = "FILE",
       .help = "file of the ssh key to sign with, or the word agent",
       .kind = ValueKind::kFile});
  command.flags.push_back({.name = "out",
                           .value = "FILE",
                           .help = "the bundle",
                           .kind = ValueKind::kFile});
  command.arguments = {ReleaseQueryArgument()};
  command.run = RunExport;
  return command;
}

}  // namespace orrery::cli
