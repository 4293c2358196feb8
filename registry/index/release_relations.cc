#include "registry/index/release_relations.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"

#include "registry/format/finding.h"
#include "registry/format/json_parse.h"
#include "registry/format/relations_options.h"
#include "registry/format/relations_ports.h"
#include "registry/format/release_files.h"
#include "resolver/version.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

using resolver::PrereleaseGate;
using resolver::Version;

// `<L>/<name>/<N>/relations.json`: the path below the folder of packages.
std::string FileOf(const Release& holder) {
  absl::string_view path = holder.directory;
  size_t begin = path.size();
  for (int steps = 0; steps < 3 && begin != absl::string_view::npos; ++steps) {
    begin = path.rfind('/', begin - 1);
  }
  if (begin != absl::string_view::npos) path.remove_prefix(begin + 1);
  return absl::StrCat(holder.source, ":", path, "/", kRelationsFile);
}

std::optional<Version> LabelOf(const Release& release) {
  absl::StatusOr<Version> version = Version::Parse(release.version);
  if (!version.ok()) return std::nullopt;
  return *std::move(version);
}

class InForceReader {
 public:
  InForceReader(const Snapshot* snapshot, const PackageEntry* package,
                OverlayFiles overlays)
      : snapshot_(*snapshot), package_(*package), use_(overlays) {}

  absl::StatusOr<RelationsInForce> Read();

 private:
  // A file of an overlay with what it may cover.
  struct Overlay {
    ReleasePtr holder;
    std::shared_ptr<const RelationsDocument> document;
    bool Covers(const Release& release) const {
      return document->relations.releases.has_value()
                 ? Selects(*document->relations.releases, release)
                 : holder->release == release.release;
    }
  };
  using Faults = std::vector<RelationsFault>;

  absl::StatusOr<ReleaseRelations> ReadOwn(const ReleasePtr& release);
  absl::Status ReadOverlays(const std::string& base);
  absl::StatusOr<std::optional<Overlay>> ReadOverlay(const ReleasePtr& holder,
                                                     const Release& base);
  absl::StatusOr<Faults> CheckCovered(const Overlay& overlay,
                                      const std::string& base);
  absl::StatusOr<const JsonValue*> ConfigOf(const Release& release);
  // What the file says of the options and ports of a release that it is for.
  absl::StatusOr<Faults> CheckAgainst(const Release& release,
                                      const RelationsDocument& document);
  absl::StatusOr<std::string> TemplatesOf(const Release& release);
  void Refuse(const Release& holder, const Faults& faults);
  void Cover(const Release& release, ReleaseRelations* out) const;

  const Snapshot& snapshot_;
  const PackageEntry& package_;
  const OverlayFiles use_;
  RelationsInForce result_;
  // By base source; best first.
  std::map<std::string, std::vector<Overlay>> overlays_;
  std::map<signing::Digest, std::optional<JsonValue>> configs_;
};

absl::StatusOr<RelationsInForce> InForceReader::Read() {
  const auto nothing = std::make_shared<const RelationsDocument>();
  for (const ReleasePtr& release : package_.releases) {
    if (overlays_.contains(release->source)) continue;
    ORRERY_RETURN_IF_ERROR(ReadOverlays(release->source));
  }
  for (const ReleasePtr& release : package_.releases) {
    ReleaseRelations relations;
    if (FindFile(*release, kRelationsFile) != nullptr) {
      ORRERY_ASSIGN_OR_RETURN(relations, ReadOwn(release));
    } else {
      Cover(*release, &relations);
    }
    if (relations.document == nullptr) relations.document = nothing;
    result_.releases.push_back(std::move(relations));
  }
  return std::move(result_);
}

absl::StatusOr<ReleaseRelations> InForceReader::ReadOwn(
    const ReleasePtr& release) {
  ORRERY_ASSIGN_OR_RETURN(const std::string text,
                          snapshot_.ReadFile(*release, kRelationsFile));
  ParsedRelations parsed = ParseRelations(text, {release->name,
                                                 release->release,
                                                 /*in_overlay=*/false,
                                                 {}});
  if (parsed.faults.empty()) {
    ORRERY_ASSIGN_OR_RETURN(parsed.faults,
                            CheckAgainst(*release, parsed.document));
  }
  ReleaseRelations relations;
  if (!parsed.faults.empty()) {
    Refuse(*release, parsed.faults);
    relations.unreadable = true;
    return relations;
  }
  relations.document =
      std::make_shared<const RelationsDocument>(std::move(parsed.document));
  relations.holder = release;
  return relations;
}

absl::Status InForceReader::ReadOverlays(const std::string& base) {
  std::vector<Overlay>& overlays = overlays_[base];
  if (use_ == OverlayFiles::kIgnored) return absl::OkStatus();
  ORRERY_ASSIGN_OR_RETURN(const std::vector<ReleasePtr> holders,
                          snapshot_.FindOverlays(base, package_.name));
  for (const ReleasePtr& holder : holders) {
    if (FindFile(*holder, kRelationsFile) == nullptr) continue;
    // Of a newer form than the one in force.
    for (const Finding& finding : holder->findings) {
      if (!finding.refuses) continue;
      result_.refusals.push_back(
          absl::StrCat(finding.rule, ": ", FileOf(*holder), "#",
                       finding.pointer.value_or(""), ": ", finding.text));
    }
    const auto own = std::find_if(
        package_.releases.begin(), package_.releases.end(),
        [&](const ReleasePtr& release) {
          return release->source == base && release->release == holder->release;
        });
    if (own == package_.releases.end()) {
      result_.findings.emplace_back(holder->source,
                                    DanglingOverlay(*holder, base));
      continue;
    }
    ORRERY_ASSIGN_OR_RETURN(std::optional<Overlay> overlay,
                            ReadOverlay(holder, **own));
    if (!overlay.has_value()) continue;
    ORRERY_ASSIGN_OR_RETURN(const Faults faults, CheckCovered(*overlay, base));
    if (faults.empty()) {
      overlays.push_back(*std::move(overlay));
    } else {
      Refuse(*holder, faults);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<InForceReader::Overlay>>
InForceReader::ReadOverlay(const ReleasePtr& holder, const Release& base) {
  ORRERY_ASSIGN_OR_RETURN(const std::string text,
                          snapshot_.ReadFile(*holder, kRelationsFile));
  ParsedRelations parsed = ParseRelations(
      text,
      {holder->name, holder->release, /*in_overlay=*/true, LabelOf(base)});
  if (!parsed.faults.empty()) {
    Refuse(*holder, parsed.faults);
    return std::nullopt;
  }
  Overlay overlay;
  overlay.holder = holder;
  overlay.document =
      std::make_shared<const RelationsDocument>(std::move(parsed.document));
  return overlay;
}

absl::StatusOr<InForceReader::Faults> InForceReader::CheckCovered(
    const Overlay& overlay, const std::string& base) {
  const RelationsDocument& document = *overlay.document;
  if (document.option_uses.empty() && document.port_uses.empty()) {
    return Faults();
  }
  for (const ReleasePtr& release : package_.releases) {
    if (release->source != base || !overlay.Covers(*release)) continue;
    ORRERY_ASSIGN_OR_RETURN(Faults faults, CheckAgainst(*release, document));
    if (!faults.empty()) return faults;
  }
  return Faults();
}

absl::StatusOr<const JsonValue*> InForceReader::ConfigOf(
    const Release& release) {
  const ReleaseContent* content = FindFile(release, kConfigFile);
  if (content == nullptr || !content->digest.has_value()) return nullptr;
  const auto [it, is_new] = configs_.try_emplace(*content->digest);
  if (is_new) {
    ORRERY_ASSIGN_OR_RETURN(const std::string text,
                            snapshot_.ReadFile(release, kConfigFile));
    absl::StatusOr<JsonDocument> json = ParseJson(text);
    if (json.ok()) it->second = std::move(json->root);
  }
  return it->second.has_value() ? &*it->second : nullptr;
}

absl::StatusOr<std::string> InForceReader::TemplatesOf(const Release& release) {
  std::string all;
  for (const char* name : kTemplateFiles) {
    ORRERY_ASSIGN_OR_RETURN(const std::string text,
                            snapshot_.ReadOptionalFile(release, name));
    all += text;
  }
  return all;
}

absl::StatusOr<InForceReader::Faults> InForceReader::CheckAgainst(
    const Release& release, const RelationsDocument& document) {
  Faults faults;
  if (!document.option_uses.empty()) {
    ORRERY_ASSIGN_OR_RETURN(const JsonValue* config, ConfigOf(release));
    faults = CheckRelationOptions(
        document, config, absl::StrCat(release.name, " ", release.release));
  }
  if (document.port_uses.empty()) return faults;
  ORRERY_ASSIGN_OR_RETURN(const std::string templates, TemplatesOf(release));
  const Faults ports = CheckRelationPorts(document, templates);
  faults.insert(faults.end(), ports.begin(), ports.end());
  return faults;
}

void InForceReader::Refuse(const Release& holder, const Faults& faults) {
  for (const RelationsFault& fault : faults) {
    result_.refusals.push_back(absl::StrCat(fault.code, ": ", FileOf(holder),
                                            "#", fault.pointer, ": ",
                                            fault.text));
    Finding finding;
    finding.rule = fault.code;
    finding.severity = Severity::kError;
    finding.refuses = true;
    finding.path = absl::StrCat(holder.directory, "/", kRelationsFile);
    finding.pointer = fault.pointer;
    finding.line = fault.line;
    finding.text = fault.text;
    result_.findings.emplace_back(holder.source, std::move(finding));
  }
}

// The first overlay source that covers it; inside of one the directory of the
// release, then the highest that selects it.
void InForceReader::Cover(const Release& release, ReleaseRelations* out) const {
  const std::vector<Overlay>& overlays = overlays_.at(release.source);
  const Overlay* chosen = nullptr;
  for (const Overlay& overlay : overlays) {
    if (!overlay.Covers(release)) continue;
    if (chosen == nullptr ||
        (overlay.holder->source == chosen->holder->source &&
         overlay.holder->release == release.release)) {
      chosen = &overlay;
    }
  }
  if (chosen == nullptr) return;
  out->document = chosen->document;
  out->holder = chosen->holder;
}

}  // namespace

bool Selects(const resolver::VersionRange& range, const Release& release) {
  const std::optional<Version> label = LabelOf(release);
  return label.has_value()
             ? range.Contains(*label, static_cast<uint64_t>(release.release),
                              PrereleaseGate::kOpen)
             : range.is_any();
}

absl::StatusOr<RelationsInForce> ReadRelationsInForce(
    const Snapshot& snapshot, const PackageEntry& package,
    OverlayFiles overlays) {
  return InForceReader(&snapshot, &package, overlays).Read();
}

Finding DanglingOverlay(const Release& holder, absl::string_view base) {
  Finding finding;
  finding.rule = "overlay-dangling";
  finding.severity = Severity::kWarn;
  finding.path = holder.directory;
  finding.text = absl::StrCat("source ", base, " has no release ",
                              holder.release, " of ", holder.name);
  return finding;
}

std::string RelationsDigest(const ReleaseRelations& relations) {
  if (relations.holder == nullptr) return "none";
  return absl::StrCat(
      "sha256:", FindFile(*relations.holder, kRelationsFile)->digest->Hex());
}

std::string RelationsOrigin(const ReleaseRelations& relations) {
  return relations.holder == nullptr ? "" : FileOf(*relations.holder);
}

}  // namespace orrery::registry
