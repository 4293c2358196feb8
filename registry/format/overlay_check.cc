#include "registry/format/overlay_check.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

#include "registry/format/file_mode.h"
#include "registry/format/file_report.h"
#include "registry/format/finding_list.h"
#include "registry/format/relations_document.h"
#include "registry/format/release_files.h"
#include "registry/format/release_path.h"
#include "registry/format/rule.h"

namespace orrery::registry {
namespace {

constexpr absl::string_view kFilesOfReleases[] = {
    kPackageFile, kConfigFile, kResourceFile, kCommandFile, kTemplateFile};

bool IsRegular(const ReleaseFile& file) {
  return file.mode == kFileMode || file.mode == kExecutableMode;
}

}  // namespace

bool OverlayCheck::refused() const {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.refuses; });
}

OverlayCheck CheckOverlay(absl::string_view directory, const ReleaseKey& key,
                          std::span<const ReleaseFile> files) {
  // What cannot be read covers nothing, so every fault refuses.
  FindingList findings(Profile::kPublish);
  OverlayCheck check;
  const ReleaseFile* relations = nullptr;
  for (const ReleaseFile& file : files) {
    const std::string path =
        absl::StrCat(directory, "/", PrintablePath(file.name));
    const bool foreign =
        std::find(std::begin(kFilesOfReleases), std::end(kFilesOfReleases),
                  file.name) != std::end(kFilesOfReleases);
    if (!IsRegular(file) || foreign) {
      findings.Add(rules::kContentPath, path, std::nullopt, std::nullopt,
                   foreign ? "an overlay only adds files; this one makes a "
                             "release"
                           : "an overlay has regular files only");
    } else if (std::max<uint64_t>(file.size, file.bytes.size()) >
               kMaxReleaseFileBytes) {
      findings.Add(rules::kLimits, path, std::nullopt, std::nullopt,
                   absl::StrCat(file.size, " bytes; the limit is ",
                                kMaxReleaseFileBytes));
    } else if (file.name == kRelationsFile) {
      relations = &file;
    }
  }
  if (relations != nullptr) {
    RelationsPlace place{key.name, key.release, /*in_overlay=*/true, {}};
    ParsedRelations parsed = ParseRelations(relations->bytes, place);
    FileReport report(&findings, absl::StrCat(directory, "/", kRelationsFile),
                      relations->bytes);
    for (RelationsFault& fault : parsed.faults) {
      report.Add(RelationsRule(fault.code), std::move(fault.pointer),
                 fault.line, std::move(fault.text));
    }
    check.mentions = RelationMentions(parsed.document.relations);
    check.requirements = RequirementTexts(parsed.document.relations);
  }
  check.findings = findings.Take(directory);
  return check;
}

}  // namespace orrery::registry
