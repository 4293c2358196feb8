#include "cli-plugin/trust/policy_check.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "cli-plugin/text/printable.h"

#include "signing/field.h"
#include "signing/policy/require_options.h"
#include "signing/refusal.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

absl::string_view AnchorName(signing::NameAnchor anchor) {
  switch (anchor) {
    case signing::NameAnchor::kCurated:
      return "curated";
    case signing::NameAnchor::kClaimed:
      return "claimed";
    case signing::NameAnchor::kOpen:
      return "open";
  }
  return "curated";
}

absl::string_view OverlayName(signing::OverlayUse use) {
  switch (use) {
    case signing::OverlayUse::kNone:
      return "none";
    case signing::OverlayUse::kAdd:
      return "add";
  }
  return "none";
}

absl::string_view Accepts(bool accepts) {
  return accepts ? "accept" : "refuse";
}

std::vector<DecidedSetting> SettingsOf(const signing::Demands& demands) {
  std::vector<DecidedSetting> settings;
  const auto add = [&](absl::string_view name, absl::string_view value,
                       int64_t line) {
    settings.push_back({std::string(name), std::string(value), line});
  };
  add("evidence", signing::EvidenceName(demands.evidence.value),
      demands.evidence.line);
  add("threshold", absl::StrCat(demands.threshold.value),
      demands.threshold.line);
  add("names", AnchorName(demands.names.value), demands.names.line);
  if (demands.keyset.value.has_value()) {
    add("keyset", "sha256:" + demands.keyset.value->Hex(), demands.keyset.line);
  }
  add("min-age", absl::StrCat(absl::ToInt64Seconds(demands.min_age.value), "s"),
      demands.min_age.line);
  add("import", Accepts(demands.accepts_import.value),
      demands.accepts_import.line);
  add("yanked", Accepts(demands.accepts_yanked.value),
      demands.accepts_yanked.line);
  add("revisions", Accepts(demands.accepts_revisions.value),
      demands.accepts_revisions.line);
  add("pins", demands.requires_pins.value ? "required" : "declared",
      demands.requires_pins.line);
  add("overlays", OverlayName(demands.overlays.value), demands.overlays.line);
  return settings;
}

}  // namespace

PolicyDecision DecideName(const signing::ClientPolicy& policy,
                          absl::string_view package) {
  PolicyDecision decision;
  decision.package = std::string(package);
  if (!signing::CheckPackageName(package).ok()) {
    decision.refusal = "no package can have this name";
    return decision;
  }
  const auto route = policy.RouteOf(package);
  if (!route.ok()) {
    decision.refusal = std::string(route.status().message());
    return decision;
  }
  decision.settings.push_back(
      {"registry",
       absl::StrCat(route->registry, route->source.empty() ? "" : "/",
                    route->source),
       route->line});
  const auto denied = signing::RefusalOf(policy.CheckPackage(package));
  if (denied.has_value()) {
    decision.settings.push_back(
        {"deny", "package", denied->place.line.value_or(0)});
  }
  for (DecidedSetting& setting : SettingsOf(policy.DemandsOn(package))) {
    decision.settings.push_back(std::move(setting));
  }
  return decision;
}

std::string LineOf(absl::string_view text, int64_t line) {
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  if (line < 1 || line > static_cast<int64_t>(lines.size())) return "";
  return std::string(absl::StripAsciiWhitespace(lines[line - 1]));
}

JsonValue DecisionJson(const PolicyDecision& decision,
                       absl::string_view policy_text) {
  JsonValue object = JsonValue::Object(
      {{"package", JsonValue::String(OneLine(decision.package))}});
  if (!decision.refusal.empty()) {
    object.Set("refusal", JsonValue::String(decision.refusal));
    return object;
  }
  std::vector<JsonValue> settings;
  for (const DecidedSetting& setting : decision.settings) {
    JsonValue one =
        JsonValue::Object({{"setting", JsonValue::String(setting.name)},
                           {"value", JsonValue::String(setting.value)}});
    if (setting.line > 0) {
      one.Set("line", JsonValue::Integer(setting.line));
      one.Set("text", JsonValue::String(LineOf(policy_text, setting.line)));
    }
    settings.push_back(std::move(one));
  }
  object.Set("decided", JsonValue::Array(std::move(settings)));
  return object;
}

std::string DecisionText(const PolicyDecision& decision,
                         absl::string_view policy_text) {
  if (!decision.refusal.empty()) {
    return absl::StrCat(OneLine(decision.package), ": ", decision.refusal,
                        "\n");
  }
  std::string text = absl::StrCat(OneLine(decision.package), "\n");
  for (const DecidedSetting& setting : decision.settings) {
    if (setting.line == 0) continue;
    absl::StrAppend(&text, "  ", setting.name, " ", setting.value, "  (line ",
                    setting.line, ": ", LineOf(policy_text, setting.line),
                    ")\n");
  }
  return text;
}

}  // namespace orrery::cli
