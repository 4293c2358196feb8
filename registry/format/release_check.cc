#include "registry/format/release_check.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

#include "registry/format/artifacts_document.h"
#include "registry/format/command_document.h"
#include "registry/format/config_document.h"
#include "registry/format/file_mode.h"
#include "registry/format/file_report.h"
#include "registry/format/finding_list.h"
#include "registry/format/json_parse.h"
#include "registry/format/package_rules.h"
#include "registry/format/relations_document.h"
#include "registry/format/relations_options.h"
#include "registry/format/relations_ports.h"
#include "registry/format/release_files.h"
#include "registry/format/release_path.h"
#include "registry/format/resource_document.h"
#include "registry/format/resource_rules.h"
#include "registry/format/rule.h"
#include "registry/format/text_check.h"

namespace orrery::registry {
namespace {

constexpr absl::string_view kLegacyTemplateFile = "marathon.json";

std::optional<TextKind> KindOfFile(absl::string_view name) {
  for (const absl::string_view json : std::initializer_list<absl::string_view>{
           kPackageFile, kConfigFile, kResourceFile, kCommandFile,
           kArtifactsFile}) {
    if (name == json) return TextKind::kJson;
  }
  for (const absl::string_view text : kTemplateFiles) {
    if (name == text) return TextKind::kTemplate;
  }
  return std::nullopt;
}

uint64_t SizeOf(const ReleaseFile& file) {
  return std::max<uint64_t>(file.size, file.bytes.size());
}

std::string ModeText(uint32_t mode) {
  if (mode == kLinkMode) return "a symbolic link is not allowed";
  if (mode == kSubmoduleMode) return "a submodule is not allowed";
  return absl::StrFormat("mode %06o is neither 100644 nor 100755", mode);
}

// UTF-8 has no surrogates; JSON can smuggle them in as escapes.
bool HasSurrogate(absl::string_view text) {
  for (size_t at = text.find('\xed'); at != absl::string_view::npos;
       at = text.find('\xed', at + 1)) {
    if (at + 1 < text.size() &&
        static_cast<unsigned char>(text[at + 1]) >= 0xa0) {
      return true;
    }
  }
  return false;
}

void FindSurrogates(const JsonValue& value, const JsonPath& path,
                    FileReport* report) {
  constexpr absl::string_view kText =
      "an escaped surrogate without its partner is not UTF-8";
  if (value.is_string() && HasSurrogate(value.text())) {
    report->Add(rules::kJsonParse, path.Pointer(), value.offset(),
                std::string(kText));
  }
  for (size_t i = 0; i < value.items().size(); ++i) {
    FindSurrogates(value.items()[i], JsonPath(path, i), report);
  }
  for (const JsonValue::Member& member : value.members()) {
    const JsonPath place(path, member.name);
    // The pointer would not be UTF-8 either: the object has the fault.
    if (HasSurrogate(member.name)) {
      report->Add(rules::kJsonParse, path.Pointer(), member.value.offset(),
                  std::string(kText));
    }
    FindSurrogates(member.value, place, report);
  }
}

class ReleaseChecker {
 public:
  ReleaseChecker(absl::string_view directory, const ReleaseKey& key,
                 Profile profile)
      : directory_(directory), key_(key), findings_(profile) {}

  ReleaseCheck Run(std::span<const ReleaseFile> files);

 private:
  struct Document {
    FileReport report;
    JsonValue root;
  };

  bool CheckSizes();
  void CheckNames();
  bool CheckEntry(const ReleaseFile& file);
  void CheckFile(const ReleaseFile& file);
  void ReadJson(absl::string_view name, FileReport report, bool has_escape);
  void CheckPackage();
  void CheckConfig();
  void CheckResource();
  void CheckArtifacts();
  void CheckCommand();
  void CheckTemplate();
  void CheckRelations();
  ReleaseCheck Verdict();
  void FillFacts(ReleaseFacts* facts);

  void Add(const Rule& rule, absl::string_view path, std::string text) {
    findings_.Add(rule, path, std::nullopt, std::nullopt, std::move(text));
  }
  std::string PathOf(absl::string_view name) const {
    return absl::StrCat(directory_, "/", PrintablePath(name));
  }
  bool HasFile(absl::string_view name) const {
    return std::any_of(
        files_.begin(), files_.end(),
        [name](const ReleaseFile* file) { return file->name == name; });
  }
  std::string Templates() const {
    std::string all;
    for (const ReleaseFile* file : files_) {
      if (KindOfFile(file->name) == TextKind::kTemplate) {
        absl::StrAppend(&all, file->bytes);
      }
    }
    return all;
  }
  Document* Find(absl::string_view name) {
    const auto it = documents_.find(name);
    return it == documents_.end() ? nullptr : &it->second;
  }

  absl::string_view directory_;
  const ReleaseKey& key_;
  FindingList findings_;
  // Sorted by name.
  std::vector<const ReleaseFile*> files_;
  std::map<absl::string_view, Document> documents_;
  bool legacy_ = false;
  // When package.json fits the schema of its packaging version.
  std::optional<PackageDocument> package_;
  std::optional<PackagingVersion> packaging_;
  ResourceDocument resource_;
  ArtifactsDocument artifacts_;
  std::optional<absl::string_view> relations_text_;
  std::vector<std::string> mentions_;
  std::vector<std::string> requirements_;
};

ReleaseCheck ReleaseChecker::Run(std::span<const ReleaseFile> files) {
  for (const ReleaseFile& file : files) files_.push_back(&file);
  std::sort(files_.begin(), files_.end(),
            [](const ReleaseFile* a, const ReleaseFile* b) {
              return a->name < b->name;
            });
  if (!CheckSizes()) return Verdict();
  CheckNames();
  for (const ReleaseFile* file : files_) {
    if (CheckEntry(*file)) CheckFile(*file);
  }
  CheckPackage();
  if (!legacy_) {
    CheckConfig();
    CheckResource();
    CheckArtifacts();
    CheckCommand();
    CheckTemplate();
    CheckRelations();
  }
  return Verdict();
}

// Past these limits nothing else is looked at.
bool ReleaseChecker::CheckSizes() {
  uint64_t bytes = 0;
  for (const ReleaseFile* file : files_) bytes += SizeOf(*file);
  if (files_.size() > kMaxReleaseFiles) {
    Add(rules::kLimits, directory_,
        absl::StrCat(files_.size(), " files; the limit is ", kMaxReleaseFiles));
    return false;
  }
  if (bytes > kMaxReleaseBytes) {
    Add(rules::kLimits, directory_,
        absl::StrCat(bytes, " bytes in all files together; the limit is ",
                     kMaxReleaseBytes));
    return false;
  }
  return true;
}

// Two names that one file system takes for the same.
void ReleaseChecker::CheckNames() {
  absl::flat_hash_map<std::string, absl::string_view> folded;
  for (const ReleaseFile* file : files_) {
    const auto [it, inserted] =
        folded.emplace(absl::AsciiStrToLower(file->name), file->name);
    if (inserted) continue;
    Add(rules::kContentPath, PathOf(file->name),
        absl::StrCat("differs from ", Shown(PrintablePath(it->second)),
                     " only by case"));
  }
}

// Whether the entry is a file that can be looked into.
bool ReleaseChecker::CheckEntry(const ReleaseFile& file) {
  bool readable = true;
  if (file.mode == kTreeMode) {
    Add(rules::kLayout, PathOf(file.name),
        "a release has files only, no directories");
    readable = false;
  } else if (file.mode != kFileMode && file.mode != kExecutableMode) {
    Add(rules::kContentPath, PathOf(file.name), ModeText(file.mode));
    readable = false;
  } else if (file.mode == kExecutableMode) {
    Add(rules::kExecMode, PathOf(file.name), "the file is executable");
  }
  if (const absl::Status name = CheckFileName(file.name); !name.ok()) {
    Add(rules::kContentPath, PathOf(file.name), std::string(name.message()));
    readable = false;
  }
  if (SizeOf(file) > kMaxReleaseFileBytes) {
    Add(rules::kLimits, PathOf(file.name),
        absl::StrCat(SizeOf(file), " bytes; the limit is ",
                     kMaxReleaseFileBytes));
    readable = false;
  }
  return readable;
}

void ReleaseChecker::CheckFile(const ReleaseFile& file) {
  if (file.name == kRelationsFile) {
    relations_text_ = file.bytes;
    return;
  }
  const std::optional<TextKind> kind = KindOfFile(file.name);
  if (kind.has_value()) {
    FileReport report(&findings_, PathOf(file.name), file.bytes);
    const bool has_escape = CheckText(*kind, &report);
    if (*kind == TextKind::kJson) {
      ReadJson(file.name, std::move(report), has_escape);
    }
  } else if (file.name == kLegacyTemplateFile && !HasFile(kTemplateFile)) {
    Add(rules::kLegacyTemplate, PathOf(file.name),
        absl::StrCat("the template is called ", kTemplateFile, " now"));
  } else {
    Add(rules::kStrayFile, PathOf(file.name),
        "no file of this name belongs to a release; it is ignored");
  }
}

void ReleaseChecker::ReadJson(absl::string_view name, FileReport report,
                              bool has_escape) {
  absl::StatusOr<JsonDocument> json = ParseJson(report.text());
  if (!json.ok()) {
    const Rule& rule = absl::IsResourceExhausted(json.status())
                           ? rules::kLimits
                           : rules::kJsonParse;
    const auto place = FaultPlace(json.status());
    std::string text(json.status().message());
    if (place.has_value()) {
      report.AddAtLine(rule, place->line, std::move(text));
    } else {
      report.AddWhole(rule, std::move(text));
    }
    return;
  }
  for (DuplicateKey& duplicate : json->duplicates) {
    report.Add(rules::kDupKey, std::move(duplicate.pointer),
               duplicate.second_line,
               absl::StrCat("the member stands in line ", duplicate.first_line,
                            " already; the last one counts"));
  }
  if (has_escape) FindSurrogates(json->root, JsonPath(), &report);
  if (!json->root.is_object()) {
    report.Add(rules::kJsonParse, "", json->root.offset(),
               absl::StrCat("expected an object, found ",
                            KindName(json->root.kind())));
    return;
  }
  documents_.emplace(name, Document{std::move(report), std::move(json->root)});
}

void ReleaseChecker::CheckPackage() {
  Document* file = Find(kPackageFile);
  if (file == nullptr) {
    if (!HasFile(kPackageFile)) {
      Add(rules::kNoPackageJson, directory_, "package.json is missing");
    }
    return;
  }
  const JsonValue* packaging = file->root.Find("packagingVersion");
  if (packaging == nullptr) {
    legacy_ = true;
    file->report.Add(rules::kPackagingMissing, "", file->root.offset(),
                     "no packagingVersion: a release of the layout before 2.0");
    return;
  }
  if (const JsonValue* name = file->root.Find("name");
      name != nullptr && name->is_string() && name->text() != key_.name) {
    file->report.Add(
        rules::kNameMismatch, "/name", name->offset(),
        absl::StrCat(Shown(name->text()), " is not the name of the directory, ",
                     Shown(key_.name)));
  }
  packaging_ = ReadPackagingVersion(file->root);
  if (!packaging_.has_value()) {
    file->report.Add(rules::kPackagingUnknown, "/packagingVersion",
                     packaging->offset(),
                     absl::StrCat(Shown(WriteJson(*packaging)),
                                  R"( is none of "2.0", "3.0", "4.0", "5.0")"));
    return;
  }
  Parsed<PackageDocument> package = ParsePackageDocument(file->root);
  bool fits = true;
  for (DocumentFault& fault : package.faults) {
    fits = fits && fault.unknown_member;
    file->report.Add(
        fault.unknown_member ? rules::kPackageMember : rules::kSchemaPackage,
        std::move(fault.pointer), fault.offset, std::move(fault.text));
  }
  CheckUnexpandedTemplates(file->root, &file->report);
  if (!fits) return;
  CheckPackageRules(file->root, package.document, &file->report);
  package_ = std::move(package.document);
}

void ReleaseChecker::CheckConfig() {
  Document* file = Find(kConfigFile);
  if (file == nullptr) return;
  for (SchemaRemark& remark : CheckConfigDocument(file->root)) {
    file->report.Add(remark.rule, std::move(remark.fault.pointer),
                     remark.fault.offset, std::move(remark.fault.text));
  }
}

void ReleaseChecker::CheckResource() {
  Document* file = Find(kResourceFile);
  if (file == nullptr || !packaging_.has_value()) return;
  Parsed<ResourceDocument> resource =
      ParseResourceDocument(file->root, *packaging_);
  file->report.AddFaults(rules::kSchemaResource, std::move(resource.faults));
  resource_ = std::move(resource.document);
  CheckUnexpandedTemplates(file->root, &file->report);
  if (resource_.has_cli && !HasFile(kCommandFile) && package_.has_value() &&
      MayRunBelow(*package_, "1.8")) {
    const JsonValue* cli = file->root.Find("cli");
    file->report.Add(rules::kCliBefore18, "/cli", cli->offset(),
                     "DC/OS before 1.8 knows command.json only and will not "
                     "offer this command line");
  }
}

// The digests first: they decide what resource.json leaves unpinned.
void ReleaseChecker::CheckArtifacts() {
  if (!packaging_.has_value()) return;
  if (Document* file = Find(kArtifactsFile)) {
    Parsed<ArtifactsDocument> artifacts =
        ParseArtifactsDocument(file->root, resource_);
    file->report.AddFaults(rules::kSchemaArtifacts,
                           std::move(artifacts.faults));
    artifacts_ = std::move(artifacts.document);
  }
  if (Document* file = Find(kResourceFile)) {
    CheckResourceRules(file->root, resource_, artifacts_, &file->report);
  }
}

void ReleaseChecker::CheckCommand() {
  Document* file = Find(kCommandFile);
  if (file == nullptr || !packaging_.has_value()) return;
  if (*packaging_ >= PackagingVersion::k40) {
    file->report.AddWhole(rules::kCommandInV4,
                          "command.json does not exist from packaging version "
                          "4.0 on; the file is dropped");
    return;
  }
  file->report.AddFaults(rules::kSchemaCommand,
                         ParseCommandDocument(file->root).faults);
}

void ReleaseChecker::CheckTemplate() {
  if (packaging_ == PackagingVersion::k20 && !HasFile(kTemplateFile)) {
    Add(rules::kV2NoTemplate, directory_,
        absl::StrCat("packaging version 2.0 needs ", kTemplateFile,
                     "; clients cannot read the release without it"));
  }
}

void ReleaseChecker::CheckRelations() {
  if (!relations_text_.has_value()) return;
  RelationsPlace place{key_.name, key_.release, /*in_overlay=*/false, {}};
  ParsedRelations parsed = ParseRelations(*relations_text_, place);
  if (parsed.faults.empty()) {
    Document* config = Find(kConfigFile);
    parsed.faults = CheckRelationOptions(
        parsed.document, config == nullptr ? nullptr : &config->root,
        absl::StrCat(key_.name, " ", key_.release));
    std::vector<RelationsFault> ports =
        CheckRelationPorts(parsed.document, Templates());
    std::move(ports.begin(), ports.end(), std::back_inserter(parsed.faults));
  }
  if (parsed.faults.empty()) {
    mentions_ = RelationMentions(parsed.document.relations);
    requirements_ = RequirementTexts(parsed.document.relations);
    return;
  }
  FileReport report(&findings_, PathOf(kRelationsFile), *relations_text_);
  for (RelationsFault& fault : parsed.faults) {
    report.Add(RelationsRule(fault.code), std::move(fault.pointer), fault.line,
               std::move(fault.text));
  }
}

void ReleaseChecker::FillFacts(ReleaseFacts* facts) {
  facts->version = package_->version;
  facts->mentions = std::move(mentions_);
  facts->requirements = std::move(requirements_);
  facts->upgrades_from = package_->upgrades_from;
  facts->downgrades_to = package_->downgrades_to;
  if (package_->manager.has_value()) {
    facts->manager = package_->manager->package_name;
  }
  for (PlatformBinary& binary : resource_.cli_binaries) {
    facts->cli_binaries.push_back(
        {std::move(binary.url), std::move(binary.sha256),
         absl::StrCat("/cli/binaries/", PlatformName(binary.platform),
                      "/x86-64")});
  }
}

ReleaseCheck ReleaseChecker::Verdict() {
  ReleaseCheck check;
  check.findings = findings_.Take(directory_);
  check.facts.directory = std::string(directory_);
  check.facts.name = key_.name;
  check.facts.release = key_.release;
  if (check.refused()) return check;
  check.legacy = legacy_;
  if (package_.has_value()) FillFacts(&check.facts);
  check.package = std::move(package_);
  return check;
}

}  // namespace

bool ReleaseCheck::refused() const {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.refuses; });
}

ReleaseCheck CheckRelease(absl::string_view directory, const ReleaseKey& key,
                          std::span<const ReleaseFile> files, Profile profile) {
  return ReleaseChecker(directory, key, profile).Run(files);
}

}  // namespace orrery::registry
