// The rules of universe-format §14 that need no rendering: name, and severity
// under each profile. In the import column `error` means that the release is
// not taken.

#ifndef REGISTRY_FORMAT_RULE_H_
#define REGISTRY_FORMAT_RULE_H_

#include "absl/strings/string_view.h"

#include "registry/format/finding.h"

namespace orrery::registry {

struct Rule {
  absl::string_view name;
  Severity import = Severity::kInfo;
  Severity publish = Severity::kInfo;
  // Not served, although importing only warns.
  bool withholds = false;
};

namespace rules {

inline constexpr Severity kInfo = Severity::kInfo;
inline constexpr Severity kWarn = Severity::kWarn;
inline constexpr Severity kError = Severity::kError;

// Directory and files.
inline constexpr Rule kLayout{"layout", kError, kError};
inline constexpr Rule kLimits{"limits", kError, kError};
inline constexpr Rule kContentPath{"content.path", kError, kError};
inline constexpr Rule kJsonParse{"json-parse", kError, kError};
inline constexpr Rule kDupKey{"dup-key", kWarn, kError};
inline constexpr Rule kNonAscii{"non-ascii", kInfo, kWarn};
inline constexpr Rule kBom{"bom", kWarn, kError};
inline constexpr Rule kUnicodeEscape{"unicode-escape", kInfo, kWarn};
inline constexpr Rule kCrlf{"crlf", kInfo, kWarn};
inline constexpr Rule kNoFinalNewline{"no-final-newline", kInfo, kInfo};
inline constexpr Rule kExecMode{"exec-mode", kInfo, kWarn};
inline constexpr Rule kStrayFile{"stray-file", kInfo, kError};
inline constexpr Rule kLegacyTemplate{"legacy-template", kInfo, kError};
inline constexpr Rule kCommandInV4{"command-in-v4", kWarn, kError};
inline constexpr Rule kV2NoTemplate{"v2-no-template", kWarn, kError,
                                    /*withholds=*/true};

// package.json.
inline constexpr Rule kNoPackageJson{"no-package-json", kError, kError};
inline constexpr Rule kPackagingUnknown{"packaging-unknown", kError, kError};
// The layout before 2.0: a release for history views only.
inline constexpr Rule kPackagingMissing{"packaging-unknown", kInfo, kError};
inline constexpr Rule kSchemaPackage{"schema-package", kError, kError};
inline constexpr Rule kPackageMember{"schema-package", kWarn, kError};
inline constexpr Rule kNameMismatch{"name-mismatch", kError, kError};
inline constexpr Rule kPackagingOld{"packaging-old", kInfo, kWarn};
inline constexpr Rule kVersionNotSemVer{"version-not-semver", kInfo, kWarn};
inline constexpr Rule kVersionMoving{"version-moving", kWarn, kError};
inline constexpr Rule kEdgeLost{"edge-lost", kInfo, kInfo};
inline constexpr Rule kUnexpandedTemplate{"unexpanded-template", kWarn, kError};
inline constexpr Rule kHidden{"hidden", kInfo, kWarn};
inline constexpr Rule kMinDcosTrailingZero{"min-dcos-trailing-zero", kWarn,
                                           kWarn};
inline constexpr Rule kV5TooLow{"v5-too-low", kWarn, kError};
inline constexpr Rule kKnownIssues{"known-issues", kInfo, kInfo};

// config.json.
inline constexpr Rule kSchemaConfig{"schema-config", kError, kError};
inline constexpr Rule kConfigRootType{"config-root-type", kInfo, kWarn};
inline constexpr Rule kConfigSchemaUri{"config-schema-uri", kInfo, kWarn};
inline constexpr Rule kConfigUnknownKeyword{"config-unknown-keyword", kInfo,
                                            kWarn};
inline constexpr Rule kConfigDoubleProperties{"config-double-properties", kWarn,
                                              kError};
inline constexpr Rule kConfigRegex{"config-regex", kWarn, kWarn};
inline constexpr Rule kConfigRef{"config-ref", kWarn, kError};

// resource.json, command.json, artifacts.json.
inline constexpr Rule kSchemaResource{"schema-resource", kError, kError};
inline constexpr Rule kSchemaCommand{"schema-command", kError, kError};
inline constexpr Rule kSchemaArtifacts{"schema-artifacts", kError, kError};
inline constexpr Rule kCliBefore18{"cli-before-1.8", kWarn, kError};
inline constexpr Rule kCliPlatforms{"cli-platforms", kInfo, kInfo};
inline constexpr Rule kAssetEmpty{"asset-empty", kWarn, kError};
inline constexpr Rule kAssetPlainHttp{"asset-plain-http", kWarn, kWarn};
inline constexpr Rule kAssetUnpinned{"asset-unpinned", kInfo, kInfo};
// An image whose tag moves, or that has none.
inline constexpr Rule kImageMoving{"asset-unpinned", kWarn, kWarn};
inline constexpr Rule kAssetBasenameClash{"asset-basename-clash", kInfo, kInfo};
inline constexpr Rule kAssetDotAlias{"asset-dot-alias", kWarn, kError};

// Between releases.
inline constexpr Rule kVersionReused{"version-reused", kWarn, kError};
inline constexpr Rule kVersionOrder{"version-order", kInfo, kWarn};
inline constexpr Rule kVersionUnordered{"version-order", kInfo, kInfo};
inline constexpr Rule kEdgeDangling{"edge-dangling", kWarn, kError};
inline constexpr Rule kEdgeEmpty{"edge-empty", kWarn, kError};
inline constexpr Rule kEdgeSelf{"edge-self", kInfo, kWarn};
inline constexpr Rule kManagerMissing{"manager-missing", kWarn, kError};
inline constexpr Rule kCliHashDiffers{"cli-hash-differs", kWarn, kError};

}  // namespace rules

// Of a code of resolver.md §5.8. A release whose relations are refused is
// served, and never chosen anew.
constexpr Rule RelationsRule(absl::string_view code) {
  return {code, Severity::kWarn, Severity::kError};
}

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_RULE_H_
