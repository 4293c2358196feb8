#include "cli-plugin/catalog/show_command.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli-plugin/catalog/listed_revision.h"
#include "cli-plugin/catalog/package_reference.h"
#include "cli-plugin/source/stalled_sources.h"
#include "cli-plugin/text/json_member.h"
#include "cli-plugin/text/printable.h"

#include "catalog/options/shell_word.h"
#include "registry/format/version_label.h"
#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

constexpr int kPageWidth = 100;
constexpr size_t kMostLeaves = 2000;

struct Leaf {
  std::string path;
  std::string type;
  std::string default_value;
  std::string description;
};

// The options that config.json declares, groups resolved to dotted paths.
void CollectLeaves(const JsonValue& schema, const std::string& path,
                   std::vector<Leaf>* leaves) {
  const JsonValue* properties = schema.Find("properties");
  if (properties == nullptr || !properties->is_object()) {
    if (path.empty() || leaves->size() >= kMostLeaves) return;
    const JsonValue* fallback = schema.Find("default");
    leaves->push_back(
        {path, MemberText(schema, "type"),
         fallback == nullptr ? "" : registry::WriteJson(*fallback),
         MemberText(schema, "description")});
    return;
  }
  for (const JsonValue::Member& member : properties->members()) {
    CollectLeaves(
        member.value,
        path.empty() ? member.name : absl::StrCat(path, ".", member.name),
        leaves);
  }
}

std::string OptionsText(const JsonValue& release, size_t width,
                        const Terminal& terminal) {
  const JsonValue* config = release.Find("config");
  std::vector<Leaf> leaves;
  if (config != nullptr) CollectLeaves(*config, "", &leaves);
  if (leaves.empty()) return "";
  std::string text =
      absl::StrCat("\n", terminal.OnOut(Colour::kBold, "Options:"), "\n");
  for (const Leaf& leaf : leaves) {
    absl::StrAppend(&text, "  ", OneLine(leaf.path), " ",
                    terminal.OnOut(Colour::kDim, OneLine(leaf.type)));
    if (!leaf.default_value.empty()) {
      absl::StrAppend(&text, " = ", Shortened(OneLine(leaf.default_value), 40));
    }
    text.push_back('\n');
    if (!leaf.description.empty()) {
      absl::StrAppend(&text,
                      Wrapped(OneLine(leaf.description), width, "      "));
    }
  }
  return text;
}

// "Name:  value" lines of those facts that have a value.
std::string FactsText(
    const std::vector<std::pair<std::string, std::string>>& facts) {
  std::string text;
  for (const auto& [name, value] : facts) {
    if (value.empty()) continue;
    absl::StrAppend(&text, name, ":",
                    std::string(13 - std::min<size_t>(name.size(), 12), ' '),
                    OneLine(value), "\n");
  }
  return text;
}

std::string LicensesText(const JsonValue& package) {
  std::vector<std::string> licenses;
  for (const JsonValue& license : MemberItems(package, "licenses")) {
    licenses.push_back(absl::StrCat(MemberText(license, "name"), " ",
                                    MemberText(license, "url")));
  }
  return absl::StrJoin(licenses, ", ");
}

std::string FindingsText(const JsonValue& release, const Terminal& terminal) {
  const auto findings = MemberItems(release, "findings");
  if (findings.empty()) return "";
  std::string text =
      absl::StrCat("\n", terminal.OnOut(Colour::kBold, "Findings:"), "\n");
  for (const JsonValue& finding : findings) {
    absl::StrAppend(&text, "  ", OneLine(MemberText(finding, "severity")), " ",
                    OneLine(MemberText(finding, "rule")), ": ",
                    OneLine(MemberText(finding, "text")), " (",
                    OneLine(MemberText(finding, "path")),
                    OneLine(MemberText(finding, "pointer")), ")\n");
  }
  return text;
}

// What the author says of requirements, those of features too.
std::vector<std::string> RequirementNotes(const JsonValue& relations) {
  std::vector<std::string> notes;
  const auto add = [&notes](const JsonValue& requirements_of) {
    for (const JsonValue& requirement :
         MemberItems(requirements_of, "requires")) {
      std::string note = MemberText(requirement, "note");
      if (!note.empty()) notes.push_back(std::move(note));
    }
  };
  add(relations);
  if (const JsonValue* features = relations.Find("features")) {
    for (const JsonValue::Member& feature : features->members()) {
      add(feature.value);
    }
  }
  return notes;
}

std::string RelationsText(const JsonValue& release, const Terminal& terminal) {
  std::string text;
  const auto add = [&](absl::string_view title,
                       const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    absl::StrAppend(&text, "\n", terminal.OnOut(Colour::kBold, title), "\n");
    for (const std::string& line : lines) {
      absl::StrAppend(&text, "  ", OneLine(line), "\n");
    }
  };
  add("Requires:", MemberTexts(release, "requirements"));
  add("Notes on that:", RequirementNotes(MemberOrSelf(release, "relations")));
  std::vector<std::string> provides;
  for (const JsonValue& provide :
       MemberItems(MemberOrSelf(release, "relations"), "provides")) {
    provides.push_back(MemberText(provide, "capability"));
  }
  add("Provides:", provides);
  add("Refused relations:", MemberTexts(release, "refused_relations"));
  return text;
}

// The label that looks highest, with its number, unless `release` has it: what
// is installed is the highest number, which may be a fix of an older line.
absl::StatusOr<std::string> HigherLabel(const JsonValue& release,
                                        CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(
      const std::vector<JsonValue> releases,
      context.api->GetAll(
          absl::StrCat("/v1/packages/", MemberText(release, "name"),
                       "/releases"),
          "releases"));
  std::string highest = MemberText(release, "version");
  std::string text;
  for (const JsonValue& other : releases) {
    const std::string label = MemberText(other, "version");
    const bool is_higher = registry::CompareLoosely(label, highest) > 0;
    if (!is_higher || MemberText(other, "hidden") == "true" ||
        !IsCurrent(other)) {
      continue;
    }
    highest = label;
    text = absl::StrCat(label, ", release ", MemberText(other, "release"));
  }
  return text;
}

// `wanted` is what was asked for, as `orrery install` takes it.
std::string PageOf(const JsonValue& release, absl::string_view wanted,
                   const std::string& higher, const Terminal& terminal) {
  const auto width = static_cast<size_t>(
      std::clamp(terminal.DataWidth().value_or(80), 40, kPageWidth));
  const JsonValue& package = MemberOrSelf(release, "package");
  std::string text = absl::StrCat(
      terminal.OnOut(Colour::kBold, OneLine(MemberText(release, "name"))), " ",
      OneLine(MemberText(release, "version")), "\n");
  absl::StrAppend(
      &text, "\n",
      Wrapped(Printable(MemberText(package, "description")), width, ""), "\n");
  absl::StrAppend(
      &text,
      FactsText({{"Release", RevisionText(release)},
                 {"Yanked", MemberText(release, "yank_reason")},
                 {"Highest", higher},
                 {"Source", MemberText(release, "source")},
                 {"Evidence", MemberText(release, "evidence")},
                 {"Relations", MemberText(release, "relations_origin")},
                 {"Maintainer", MemberText(package, "maintainer")},
                 {"Website", MemberText(package, "website")},
                 {"Code", MemberText(package, "scm")},
                 {"Tags", absl::StrJoin(MemberTexts(package, "tags"), ", ")},
                 {"Licenses", LicensesText(package)},
                 {"Framework", MemberText(package, "framework")},
                 {"Selected", MemberText(package, "selected")}}));
  const std::string notes = MemberText(package, "preInstallNotes");
  if (!notes.empty()) {
    absl::StrAppend(&text, "\n",
                    terminal.OnOut(Colour::kBold, "Before installing:"), "\n",
                    Wrapped(Printable(notes), width, "  "));
  }
  absl::StrAppend(&text, RelationsText(release, terminal),
                  OptionsText(release, width, terminal),
                  FindingsText(release, terminal));
  if (IsCurrent(release)) {
    absl::StrAppend(&text, "\nInstall it: orrery install ",
                    catalog::ShellWord(wanted), "\n");
  }
  return text;
}

absl::StatusOr<ExitCode> ShowDependents(const std::string& name,
                                        CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(
      std::vector<JsonValue> dependents,
      context.api->GetAll(
          absl::StrCat("/v1/packages/", PercentEncoded(name), "/dependents"),
          "dependents"));
  Answer answer;
  answer.lines_member = "dependents";
  answer.table.columns = {
      {"PACKAGE"}, {"RELEASES"}, {"REQUIRES"}, {"SOURCE", true}};
  for (const JsonValue& dependent : dependents) {
    const std::vector<std::string> releases =
        MemberTexts(dependent, "releases");
    answer.names.push_back(MemberText(dependent, "package"));
    answer.table.rows.push_back(
        {{MemberText(dependent, "package")},
         {releases.size() < 2
              ? absl::StrJoin(releases, "")
              : absl::StrCat(releases.back(), "-", releases.front())},
         {MemberText(dependent, "requirement")},
         {MemberText(dependent, "source")}});
  }
  answer.document = ListDocument("dependents", std::move(dependents));
  Print(answer, context);
  return ExitCode::kSuccess;
}

absl::StatusOr<ExitCode> RunShow(const Invocation& invocation,
                                 CommandContext& context) {
  if (invocation.Has("dependents")) {
    return ShowDependents(invocation.Word("PACKAGE"), context);
  }
  ORRERY_ASSIGN_OR_RETURN(PackageReference reference,
                          ParsePackageReference(invocation.Word("PACKAGE")));
  if (invocation.Has("package-version")) {
    reference.range = absl::StrCat("=", invocation.Text("package-version"));
  }
  Query query;
  if (!reference.range.empty()) query.push_back({"range", reference.range});
  ORRERY_ASSIGN_OR_RETURN(
      JsonValue release,
      context.api->Get(absl::StrCat("/v1/packages/", reference.name), query));
  Answer answer;
  answer.names = {MemberText(release, "name")};
  if (context.settings->output == OutputFormat::kTable ||
      context.settings->output == OutputFormat::kWide) {
    ORRERY_ASSIGN_OR_RETURN(const std::string higher,
                            HigherLabel(release, context));
    const std::string wanted = absl::StrCat(
        reference.name, reference.range.empty() ? "" : "@", reference.range);
    answer.page = PageOf(release, wanted, higher, *context.terminal);
  }
  answer.document = std::move(release);
  Print(answer, context);
  return ExitCode::kSuccess;
}

absl::StatusOr<ExitCode> RunVersions(const Invocation& invocation,
                                     CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(const PackageReference reference,
                          ParsePackageReference(invocation.Word("PACKAGE")));
  if (!reference.range.empty()) {
    return UsageError(
        absl::StrCat("`orrery versions` lists every release; "
                     "say just ",
                     reference.name));
  }
  ORRERY_ASSIGN_OR_RETURN(
      std::vector<JsonValue> releases,
      context.api->GetAll(
          absl::StrCat("/v1/packages/", reference.name, "/releases"),
          "releases"));
  Answer answer;
  answer.lines_member = "releases";
  answer.table.columns = {{"RELEASE"},   {"VERSION"},      {"STATE"},
                          {"SOURCE"},    {"HIDDEN", true}, {"EVIDENCE", true},
                          {"TREE", true}};
  for (const JsonValue& release : releases) {
    // Names are what can be asked for.
    if (IsCurrent(release)) {
      answer.names.push_back(MemberText(release, "version"));
    }
    const std::string reason = MemberText(release, "yank_reason");
    if (!reason.empty()) {
      context.terminal->Note(absl::StrCat(reference.name, " ",
                                          RevisionText(release),
                                          " was yanked: ", OneLine(reason)));
    }
    const std::string state = MemberText(release, "state");
    answer.table.rows.push_back({{RevisionText(release)},
                                 {MemberText(release, "version")},
                                 {state, StateColour(state)},
                                 {MemberText(release, "source")},
                                 {MemberText(release, "hidden")},
                                 {MemberText(release, "evidence")},
                                 {MemberText(release, "tree")}});
  }
  answer.document = ListDocument("releases", std::move(releases));
  WarnOfStalledSources(context);
  Print(answer, context);
  return ExitCode::kSuccess;
}

}  // namespace

Command ShowCommand() {
  Command command;
  command.name = "show";
  command.aliases = {"info", "describe"};
  command.summary = "Show a package: description, facts, options";
  command.description =
      "Without a range the release is shown that would be installed, with what "
      "it requires. With -o "
      "json the documents of the release come as they were published.";
  command.examples = {{"orrery show kafka", ""},
                      {"orrery show kafka@=2.12.0-0.11.0", "one version"},
                      {"orrery show kafka@release=57 -o json", "one release"},
                      {"orrery show zookeeper --dependents", "who requires it"},
                      {"orrery show cap:sql --dependents", ""}};
  command.flags = {{.name = "package-version",
                    .value = "LABEL",
                    .help = "the same as PACKAGE@=LABEL"},
                   {.name = "dependents",
                    .help = "list who requires PACKAGE instead; cap:NAME and "
                            "@FACT can be asked for too"}};
  command.arguments = {{.name = "PACKAGE",
                        .help = "name, or name@RANGE, as in 'name@>=2.0', "
                                "name@=LABEL, name@release=N",
                        .kind = ValueKind::kPackage}};
  command.run = RunShow;
  return command;
}

Command VersionsCommand() {
  Command command;
  command.name = "versions";
  command.summary = "List the releases of a package, newest first";
  command.description =
      "Every revision that the server's log has, with its state: current is "
      "what is served; the others stay known: superseded ones are chosen by "
      "revision or tree, withdrawn and yanked ones by tree only. 57#2 is "
      "revision 2 of release 57.";
  command.examples = {{"orrery versions kafka", ""},
                      {"orrery versions kafka -o wide", "with their trees"}};
  command.arguments = {{.name = "PACKAGE",
                        .help = "name of the package",
                        .kind = ValueKind::kPackage}};
  command.run = RunVersions;
  return command;
}

}  // namespace orrery::cli
