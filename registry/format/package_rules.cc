#include "registry/format/package_rules.h"

#include <cstddef>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "registry/format/dcos_version.h"
#include "registry/format/version_label.h"

namespace orrery::registry {
namespace {

// Adds findings on members of the root of package.json.
class MemberReport {
 public:
  MemberReport(const JsonValue& root, FileReport* report)
      : root_(root), report_(report) {}

  // On the object itself when it has no such member.
  void Add(const Rule& rule, absl::string_view member, std::string text) {
    const JsonValue* value = root_.Find(member);
    if (value == nullptr) {
      report_->Add(rule, "", root_.offset(), std::move(text));
    } else {
      report_->Add(rule, absl::StrCat("/", member), value->offset(),
                   std::move(text));
    }
  }

 private:
  const JsonValue& root_;
  FileReport* report_;
};

void CheckVersion(const PackageDocument& package, MemberReport* report) {
  if (!IsSemVer(package.version)) {
    report->Add(rules::kVersionNotSemVer, "version",
                absl::StrCat(Shown(package.version), " is not SemVer"));
  }
  if (IsMovingLabel(package.version)) {
    report->Add(
        rules::kVersionMoving, "version",
        absl::StrCat(Shown(package.version), " names what changes under it"));
  }
}

void CheckMinDcos(const PackageDocument& package, MemberReport* report) {
  constexpr absl::string_view kMember = "minDcosReleaseVersion";
  if (package.packaging_version == PackagingVersion::k50 &&
      MayRunBelow(package, "1.12")) {
    report->Add(rules::kV5TooLow, kMember,
                "packaging version 5.0 needs at least 1.12: documents for "
                "older clusters cannot carry it");
  }
  const bool has_edges =
      !package.upgrades_from.empty() || !package.downgrades_to.empty();
  if (package.packaging_version == PackagingVersion::k40 && has_edges &&
      MayRunBelow(package, "1.10")) {
    report->Add(rules::kEdgeLost, kMember,
                "clusters before 1.10 are served without upgradesFrom and "
                "downgradesTo");
  }
  if (!package.min_dcos_release_version.has_value()) return;
  const auto minimum = DcosVersion::Parse(*package.min_dcos_release_version);
  if (!minimum.has_value()) return;
  if (minimum->hides()) {
    report->Add(rules::kHidden, kMember,
                absl::StrCat(Shown(*package.min_dcos_release_version),
                             " hides the release"));
  }
  if (minimum->has_trailing_zero()) {
    report->Add(rules::kMinDcosTrailingZero, kMember,
                absl::StrCat("original servers take ",
                             Shown(*package.min_dcos_release_version),
                             " for later than the same without .0"));
  }
}

void FindTemplates(const JsonValue& value, const JsonPath& path,
                   FileReport* report) {
  const std::string& text = value.text();
  const size_t open = text.find("{{");
  const size_t close = open == std::string::npos ? open : text.find("}}", open);
  if (value.is_string() && close != std::string::npos) {
    report->Add(rules::kUnexpandedTemplate, path.Pointer(), value.offset(),
                absl::StrCat(Shown(absl::string_view(text).substr(
                                 open, close + 2 - open)),
                             " was not filled in"));
  }
  for (size_t i = 0; i < value.items().size(); ++i) {
    FindTemplates(value.items()[i], JsonPath(path, i), report);
  }
  for (const JsonValue::Member& member : value.members()) {
    FindTemplates(member.value, JsonPath(path, member.name), report);
  }
}

}  // namespace

bool MayRunBelow(const PackageDocument& package, absl::string_view version) {
  if (!package.min_dcos_release_version.has_value()) return true;
  const auto minimum = DcosVersion::Parse(*package.min_dcos_release_version);
  const auto bound = DcosVersion::Parse(version);
  return minimum.has_value() && bound.has_value() && *minimum < *bound;
}

void CheckPackageRules(const JsonValue& root, const PackageDocument& package,
                       FileReport* file_report) {
  MemberReport report(root, file_report);
  if (package.packaging_version == PackagingVersion::k20) {
    report.Add(rules::kPackagingOld, "packagingVersion",
               "packaging version 2.0 is kept for old releases only");
  }
  CheckVersion(package, &report);
  CheckMinDcos(package, &report);
  if (package.has_known_issues) {
    report.Add(rules::kKnownIssues, "hasKnownIssues",
               "the release has known issues");
  }
}

void CheckUnexpandedTemplates(const JsonValue& root, FileReport* report) {
  // Most files have none, and looking through the bytes is quick.
  if (report->text().find("{{") == absl::string_view::npos) return;
  FindTemplates(root, JsonPath(), report);
}

}  // namespace orrery::registry
