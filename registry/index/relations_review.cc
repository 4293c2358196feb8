#include "registry/index/relations_review.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "registry/format/json_parse.h"
#include "registry/format/relations_options.h"
#include "registry/format/relations_output.h"
#include "registry/format/release_files.h"
#include "resolver/written_relations.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

using resolver::TargetKind;
using resolver::WrittenAlternative;
using resolver::WrittenBinding;
using resolver::WrittenRequirement;

constexpr char kUnprovided[] = "relations.unprovided";
constexpr char kFeature[] = "relations.feature";
constexpr char kOutput[] = "relations.output";
constexpr char kType[] = "relations.type";

class Reviewer {
 public:
  Reviewer(const Snapshot* snapshot, const Release* release,
           const ReleaseRelations* relations)
      : snapshot_(*snapshot), release_(*release), relations_(*relations) {}

  absl::StatusOr<std::vector<Finding>> Run() {
    if (relations_.holder == nullptr) return std::move(findings_);
    ORRERY_ASSIGN_OR_RETURN(const std::string config,
                            snapshot_.ReadOptionalFile(release_, kConfigFile));
    if (absl::StatusOr<JsonDocument> json = ParseJson(config); json.ok()) {
      config_ = std::move(json->root);
    }
    const auto& written = relations_.document->relations;
    ORRERY_RETURN_IF_ERROR(ReviewAll(written.requirements, ""));
    for (const auto& [name, feature] : written.features) {
      ORRERY_RETURN_IF_ERROR(
          ReviewAll(feature.requirements, absl::StrCat("/features/", name)));
    }
    return std::move(findings_);
  }

 private:
  // The releases of a package in a range, with their relations.
  struct Provider {
    bool is_known = false;
    std::vector<std::shared_ptr<const RelationsDocument>> releases;
  };

  absl::Status ReviewAll(const std::vector<WrittenRequirement>& requirements,
                         const std::string& place) {
    for (size_t i = 0; i < requirements.size(); ++i) {
      pointer_ = absl::StrCat(place, "/requires/", i);
      for (const WrittenAlternative& alternative : requirements[i].any_of) {
        ORRERY_RETURN_IF_ERROR(Review(alternative));
      }
    }
    return absl::OkStatus();
  }

  absl::Status Review(const WrittenAlternative& alternative) {
    const std::string& name = alternative.target.name;
    if (alternative.target.kind == TargetKind::kFact) return absl::OkStatus();
    std::vector<std::string> packages = {name};
    if (alternative.target.kind == TargetKind::kCapability) {
      ORRERY_ASSIGN_OR_RETURN(packages, snapshot_.PackagesMentioning(
                                            absl::StrCat("provides ", name)));
    }
    bool is_known = false;
    for (const std::string& package : packages) {
      ORRERY_ASSIGN_OR_RETURN(const Provider provider,
                              Read(package, alternative.target));
      is_known = is_known || provider.is_known;
      if (provider.is_known) ReviewProvider(alternative, package, provider);
    }
    if (!is_known) {
      Add(kUnprovided, absl::StrCat("nobody provides \"", name, "\""));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<Provider> Read(const std::string& package,
                                const resolver::WrittenTarget& target) {
    Provider provider;
    ORRERY_ASSIGN_OR_RETURN(const PackagePtr entry,
                            snapshot_.FindPackage(package));
    if (entry == nullptr) return provider;
    provider.is_known = true;
    ORRERY_ASSIGN_OR_RETURN(const RelationsInForce in_force,
                            ReadRelationsInForce(snapshot_, *entry));
    for (size_t i = 0; i < entry->releases.size(); ++i) {
      // The version of a capability is another one than the release's.
      if (target.kind == TargetKind::kCapability ||
          Selects(target.versions, *entry->releases[i])) {
        provider.releases.push_back(in_force.releases[i].document);
      }
    }
    return provider;
  }

  void ReviewProvider(const WrittenAlternative& alternative,
                      const std::string& package, const Provider& provider) {
    for (const std::string& feature : alternative.features) {
      const bool has =
          std::any_of(provider.releases.begin(), provider.releases.end(),
                      [&feature](const auto& document) {
                        return document->relations.features.contains(feature);
                      });
      if (has) continue;
      Add(kFeature, absl::StrCat("no release of ", package, " has feature \"",
                                 feature, "\""));
    }
    for (const WrittenBinding& binding : alternative.bind) {
      ReviewBinding(binding, package, provider);
    }
  }

  // Only if no release will do: the others are not chosen.
  void ReviewBinding(const WrittenBinding& binding, const std::string& package,
                     const Provider& provider) {
    const RelationOutput* unfit = nullptr;
    for (const auto& document : provider.releases) {
      const auto output = document->outputs.find(binding.output);
      if (output == document->outputs.end()) continue;
      if (OptionTakesOutput(config_.has_value() ? &*config_ : nullptr,
                            binding.option, output->second.type,
                            binding.join.has_value())) {
        return;
      }
      unfit = &output->second;
    }
    if (unfit != nullptr) {
      std::string wanted;
      for (const std::string& type : OptionTypes(
               config_.has_value() ? &*config_ : nullptr, binding.option)) {
        absl::StrAppend(&wanted, wanted.empty() ? "" : " or ", type);
      }
      Add(kType,
          absl::StrCat(binding.output, " is ", OutputTypeName(unfit->type),
                       ", ", binding.option, " wants ", wanted));
    } else if (!provider.releases.empty()) {
      Add(kOutput,
          absl::StrCat("no output \"", binding.output, "\" of ", package));
    }
  }

  void Add(absl::string_view rule, std::string text) {
    Finding finding;
    finding.rule = std::string(rule);
    finding.severity = Severity::kWarn;
    finding.path =
        absl::StrCat(relations_.holder->directory, "/", kRelationsFile);
    finding.pointer = pointer_;
    finding.text = std::move(text);
    if (std::find(findings_.begin(), findings_.end(), finding) ==
        findings_.end()) {
      findings_.push_back(std::move(finding));
    }
  }

  const Snapshot& snapshot_;
  const Release& release_;
  const ReleaseRelations& relations_;
  // Of the consumer.
  std::optional<JsonValue> config_;
  std::string pointer_;
  std::vector<Finding> findings_;
};

}  // namespace

absl::StatusOr<std::vector<Finding>> ReviewRelations(
    const Snapshot& snapshot, const Release& release,
    const ReleaseRelations& relations) {
  return Reviewer(&snapshot, &release, &relations).Run();
}

absl::StatusOr<std::vector<Finding>> ReviewOverlay(
    const Snapshot& snapshot, const SourceContents& overlay) {
  std::vector<Finding> findings;
  if (snapshot.FindSource(overlay.overlay_of) == nullptr) return findings;
  ORRERY_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                          snapshot.OverlayNames(overlay));
  for (const std::string& name : names) {
    ORRERY_ASSIGN_OR_RETURN(const PackagePtr base,
                            snapshot.FindPackageIn(overlay.overlay_of, name));
    if (base == nullptr) {
      ORRERY_ASSIGN_OR_RETURN(const std::vector<ReleasePtr> holders,
                              snapshot.FindOverlays(overlay.overlay_of, name));
      for (const ReleasePtr& holder : holders) {
        if (holder->source != overlay.name) continue;
        findings.push_back(DanglingOverlay(*holder, overlay.overlay_of));
      }
      continue;
    }
    ORRERY_ASSIGN_OR_RETURN(const RelationsInForce in_force,
                            ReadRelationsInForce(snapshot, *base));
    for (const auto& [source, finding] : in_force.findings) {
      if (source == overlay.name) findings.push_back(finding);
    }
  }
  return findings;
}

}  // namespace orrery::registry
