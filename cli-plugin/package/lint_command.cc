#include "cli-plugin/package/lint_command.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli-plugin/command/absolute_path.h"
#include "cli-plugin/package/chain_review.h"
#include "cli-plugin/package/package_chain.h"
#include "cli-plugin/package/package_files.h"
#include "cli-plugin/service/install_options.h"
#include "cli-plugin/text/counted.h"
#include "cli-plugin/text/printable.h"

#include "catalog/verify/render_check.h"
#include "registry/format/file_mode.h"
#include "registry/format/finding.h"
#include "registry/format/release_check.h"
#include "registry/format/release_files.h"
#include "registry/format/repository_check.h"
#include "signing/field.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using registry::Finding;
using registry::JsonValue;
using registry::Profile;
using registry::Severity;

struct LintRequest {
  // Absolute.
  std::string directory;
  Profile profile = Profile::kPublish;
  JsonValue options = JsonValue::Object();
  bool wants_apps = false;
};

// What the template of a release gives.
struct LintedApp {
  // The release's directory.
  std::string path;
  JsonValue app;
};

struct LintResult {
  int releases = 0;
  int legacy = 0;
  int refused = 0;
  std::vector<Finding> findings;
  std::vector<LintedApp> apps;
};

std::optional<absl::string_view> TextOf(const ReleaseFiles& release,
                                        absl::string_view name) {
  for (const registry::ReleaseFile& file : release.files) {
    const bool is_file = file.mode == registry::kFileMode ||
                         file.mode == registry::kExecutableMode;
    if (is_file && file.name == name) return file.bytes;
  }
  return std::nullopt;
}

catalog::ReleaseBytes BytesOf(const ReleaseFiles& release, int64_t number) {
  catalog::ReleaseBytes bytes;
  bytes.package_json = TextOf(release, registry::kPackageFile).value_or("");
  bytes.config_json = TextOf(release, registry::kConfigFile);
  bytes.resource_json = TextOf(release, registry::kResourceFile);
  bytes.command_json = TextOf(release, registry::kCommandFile);
  bytes.marathon_template = TextOf(release, registry::kTemplateFile);
  bytes.release = number;
  return bytes;
}

Finding RefusedAs(std::string path, std::string rule, std::string text) {
  Finding finding;
  finding.rule = std::move(rule);
  finding.severity = Severity::kError;
  finding.refuses = true;
  finding.path = std::move(path);
  finding.text = std::move(text);
  return finding;
}

void LintRelease(const ReleaseFiles& release, const LintRequest& request,
                 LintResult* result,
                 std::vector<registry::ReleaseFacts>* facts) {
  ++result->releases;
  registry::ReleaseDirectory directory =
      registry::ParseReleaseDirectory(release.directory);
  if (directory.finding.has_value()) {
    result->refused += directory.finding->refuses ? 1 : 0;
    result->findings.push_back(*std::move(directory.finding));
  }
  if (!directory.key.has_value()) return;
  registry::ReleaseCheck check = registry::CheckRelease(
      release.directory, *directory.key, release.files, request.profile);
  result->legacy += check.legacy ? 1 : 0;
  if (check.package.has_value()) {
    const absl::Status label = signing::CheckVersionLabel(check.facts.version);
    if (!label.ok()) {
      check.findings.push_back(RefusedAs(
          release.directory, "content.identity",
          absl::StrCat("no record can say what it is: ", label.message())));
    }
    facts->push_back(std::move(check.facts));
  }
  catalog::RenderCheck rendering;
  if (!check.legacy) {
    rendering = catalog::CheckRendering(
        release.directory, BytesOf(release, directory.key->release),
        request.options, request.profile);
  }
  if (request.wants_apps && rendering.app.has_value()) {
    result->apps.push_back({release.directory, *std::move(rendering.app)});
  }
  bool refused = false;
  for (std::vector<Finding>* findings :
       {&check.findings, &rendering.findings}) {
    for (Finding& finding : *findings) {
      refused = refused || finding.refuses;
      result->findings.push_back(std::move(finding));
    }
  }
  result->refused += refused ? 1 : 0;
}

Finding FindingOf(const absl::Status& status, Severity severity) {
  const signing::Refusal refusal = *signing::RefusalOf(status);
  Finding finding;
  finding.rule = std::string(signing::RefusalName(refusal.code));
  finding.severity = severity;
  finding.refuses = severity == Severity::kError;
  finding.path = refusal.place.file;
  if (refusal.place.line.has_value()) {
    finding.line = static_cast<int>(*refusal.place.line);
  }
  finding.text = refusal.detail;
  return finding;
}

// What a registry would refuse of the maintainers' statements, or wait for.
absl::Status LintStatements(const std::string& directory,
                            const std::string& package, LintResult* result) {
  ORRERY_ASSIGN_OR_RETURN(const ReviewedChain chain,
                          ReviewChain(directory, package));
  for (const ReviewedStatement& statement : chain.statements) {
    if (statement.status.ok()) continue;
    result->findings.push_back(
        FindingOf(statement.status,
                  statement.is_pending ? Severity::kWarn : Severity::kError));
  }
  if (!chain.fault.ok()) {
    result->findings.push_back(FindingOf(chain.fault, Severity::kError));
  }
  for (const std::string& release : chain.unrecorded) {
    const absl::Status unrecorded = signing::At(
        {.file = release},
        signing::Refuse(signing::RefusalCode::kRecordEvidence,
                        "no statement records it; it is not taken unless it "
                        "was logged before the package was signed"));
    result->findings.push_back(FindingOf(unrecorded, Severity::kWarn));
  }
  return absl::OkStatus();
}

// A repository may have statements before it has releases.
absl::StatusOr<ReleaseTree> FindAll(const std::string& directory,
                                    const std::vector<std::string>& packages) {
  absl::StatusOr<ReleaseTree> tree = FindReleases(directory);
  if (tree.ok() || packages.empty()) return tree;
  return ReleaseTree{directory, {}};
}

absl::StatusOr<LintResult> Lint(const LintRequest& request,
                                Terminal& terminal) {
  ORRERY_ASSIGN_OR_RETURN(const std::vector<std::string> signed_packages,
                          PackagesWithChain(request.directory));
  ORRERY_ASSIGN_OR_RETURN(const ReleaseTree tree,
                          FindAll(request.directory, signed_packages));
  LintResult result;
  for (const std::string& package : signed_packages) {
    ORRERY_RETURN_IF_ERROR(LintStatements(request.directory, package, &result));
  }
  for (const std::string& link : tree.links) {
    ++result.refused;
    result.findings.push_back(
        RefusedAs(link, "content.path", "it is a symbolic link"));
  }
  std::vector<registry::ReleaseFacts> facts;
  for (const std::string& path : tree.directories) {
    terminal.Detail(absl::StrCat("reading ", path));
    ORRERY_ASSIGN_OR_RETURN(const ReleaseFiles release,
                            ReadRelease(tree.root, path));
    LintRelease(release, request, &result, &facts);
  }
  std::vector<const registry::ReleaseFacts*> pointers;
  for (const registry::ReleaseFacts& one : facts) pointers.push_back(&one);
  for (Finding& finding :
       registry::CheckRepository(pointers, request.profile)) {
    result.findings.push_back(std::move(finding));
  }
  std::sort(result.findings.begin(), result.findings.end(),
            [](const Finding& a, const Finding& b) {
              return std::tie(a.path, a.pointer, a.rule, a.line) <
                     std::tie(b.path, b.pointer, b.rule, b.line);
            });
  return result;
}

absl::string_view SeverityWord(Severity severity) {
  switch (severity) {
    case Severity::kInfo:
      return "info";
    case Severity::kWarn:
      return "warn";
    case Severity::kError:
      return "error";
  }
  return "error";
}

Colour SeverityColour(Severity severity) {
  if (severity == Severity::kError) return Colour::kRed;
  return severity == Severity::kWarn ? Colour::kYellow : Colour::kDim;
}

JsonValue FindingJson(const Finding& finding) {
  return JsonValue::Object(
      {{"rule", JsonValue::String(finding.rule)},
       {"severity",
        JsonValue::String(std::string(SeverityWord(finding.severity)))},
       {"refuses", JsonValue::Bool(finding.refuses)},
       {"path", JsonValue::String(finding.path)},
       {"pointer", finding.pointer.has_value()
                       ? JsonValue::String(*finding.pointer)
                       : JsonValue()},
       {"line", finding.line.has_value() ? JsonValue::Integer(*finding.line)
                                         : JsonValue()},
       {"text", JsonValue::String(finding.text)}});
}

// "path:line /pointer: error rule: text", which editors can jump to.
std::string FindingLine(const Finding& finding, const Terminal& terminal) {
  return absl::StrCat(
      OneLine(finding.path),
      finding.line.has_value() ? absl::StrCat(":", *finding.line) : "",
      finding.pointer.has_value() && !finding.pointer->empty()
          ? absl::StrCat(" ", OneLine(*finding.pointer))
          : "",
      ": ",
      terminal.OnOut(SeverityColour(finding.severity),
                     SeverityWord(finding.severity)),
      " ", finding.rule, ": ", OneLine(finding.text), "\n");
}

bool Fails(const Finding& finding, Profile profile) {
  return profile == Profile::kPublish ? finding.severity == Severity::kError
                                      : finding.refuses;
}

// In it is the release itself, compressed: nothing to read.
JsonValue WithoutDefinition(JsonValue app) {
  app.Find("labels")->Erase("DCOS_PACKAGE_DEFINITION");
  return app;
}

void AddApps(std::vector<LintedApp> apps, Answer* answer) {
  std::vector<JsonValue> documents;
  for (LintedApp& linted : apps) {
    JsonValue app = WithoutDefinition(std::move(linted.app));
    absl::StrAppend(&answer->page, OneLine(linted.path), ":\n",
                    registry::WriteJsonIndented(app), "\n");
    documents.push_back(
        JsonValue::Object({{"path", JsonValue::String(std::move(linted.path))},
                           {"app", std::move(app)}}));
  }
  answer->document.Set("apps", JsonValue::Array(std::move(documents)));
}

absl::StatusOr<Profile> ProfileOf(const Invocation& invocation) {
  const std::string text = invocation.Text("profile", "publish");
  if (text == "publish") return Profile::kPublish;
  if (text == "import") return Profile::kImport;
  return UsageError(
      absl::StrCat("--profile \"", text, "\" is not publish or import"));
}

absl::StatusOr<ExitCode> RunLint(const Invocation& invocation,
                                 CommandContext& context) {
  LintRequest request;
  request.directory =
      AbsolutePath(invocation.Word("DIR"), context.working_directory);
  ORRERY_ASSIGN_OR_RETURN(request.profile, ProfileOf(invocation));
  ORRERY_ASSIGN_OR_RETURN(
      InstallOptions given,
      BuildInstallOptions(invocation.flags(), JsonValue(),
                          context.terminal->streams().read_all));
  request.options = std::move(given.options);
  request.wants_apps = invocation.Has("render");
  auto linted = Lint(request, *context.terminal);
  if (!linted.ok()) return WithExitCode(linted.status(), ExitCode::kUsage);
  Answer answer;
  answer.lines_member = "findings";
  std::vector<JsonValue> findings;
  int errors = 0;
  for (const Finding& finding : linted->findings) {
    errors += Fails(finding, request.profile) ? 1 : 0;
    findings.push_back(FindingJson(finding));
    absl::StrAppend(&answer.page, FindingLine(finding, *context.terminal));
  }
  absl::StrAppend(&answer.page, Counted(linted->releases, "release"), ", ",
                  Counted(errors, "error"), ", ",
                  Counted(linted->findings.size(), "finding"), ", ",
                  linted->refused, " refused\n");
  answer.document =
      JsonValue::Object({{"releases", JsonValue::Integer(linted->releases)},
                         {"refused", JsonValue::Integer(linted->refused)},
                         {"legacy", JsonValue::Integer(linted->legacy)},
                         {"errors", JsonValue::Integer(errors)},
                         {"findings", JsonValue::Array(std::move(findings))}});
  if (request.wants_apps) AddApps(std::move(linted->apps), &answer);
  Print(answer, context);
  return errors == 0 ? ExitCode::kSuccess : ExitCode::kFailure;
}

}  // namespace

Command PackageLintCommand() {
  Command lint;
  lint.name = "lint";
  lint.summary = "Check a repository or one release before it is published";
  lint.description =
      "Works without a server. DIR is a folder that holds repo/packages, or "
      "one release (repo/packages/K/kafka/57). Profile publish asks what is "
      "asked of new releases, import what refuses a release of an existing "
      "repository. Each template is rendered with the defaults of its "
      "options, or with those of --options over them, and the app that it "
      "gives must pass Marathon's rules. Statements below trust are judged as "
      "a registry would: what waits for a signature is a warning. Exit 1 when "
      "there is an error.";
  lint.examples = {
      {"orrery package lint .", ""},
      {"orrery package lint repo/packages/K/kafka/57 -o json", ""},
      {"orrery package lint repo/packages/K/kafka/57 --render --options "
       "kafka.json",
       "the app that a user gets with these options"}};
  lint.flags = {{.name = "profile",
                 .value = "NAME",
                 .help = "publish or import (default publish)",
                 .kind = ValueKind::kChoice,
                 .choices = {"publish", "import"}},
                {.name = "options",
                 .value = "FILE",
                 .help = "options of a user as a JSON object, - for standard "
                         "input; a later file wins",
                 .kind = ValueKind::kFile,
                 .repeatable = true},
                {.name = "render",
                 .help = "print the app that each template gives, too"}};
  lint.arguments = {{.name = "DIR",
                     .help = "repository or release directory",
                     .kind = ValueKind::kDirectory}};
  lint.run = RunLint;
  return lint;
}

}  // namespace orrery::cli
