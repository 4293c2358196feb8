#include "catalog/resolution/request_item.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "registry/format/relations_reader.h"
#include "resolver/package_name.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

constexpr size_t kMaxInstanceBytes = 128;

absl::Status Unreadable(absl::string_view text, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("cannot read \"", text, "\": ", why));
}

// What stands after an `@`: a range, else a service id.
bool IsRange(absl::string_view part) {
  if (part.empty()) return false;
  if (absl::ascii_isdigit(part[0]) || absl::StrContains("=!<>^~*", part[0])) {
    return true;
  }
  if (part[0] == 'v' && part.size() > 1 && absl::ascii_isdigit(part[1])) {
    return true;
  }
  return absl::ConsumePrefix(&part, "release") && !part.empty() &&
         absl::StrContains("=!<>", part[0]);
}

absl::Status CheckInstance(absl::string_view text, absl::string_view instance) {
  bool fits = !instance.empty() && instance.size() <= kMaxInstanceBytes;
  for (const char c : instance) {
    fits = fits && (absl::ascii_islower(c) || absl::ascii_isdigit(c) ||
                    c == '-' || c == '.' || c == '/');
  }
  if (fits) return absl::OkStatus();
  return Unreadable(text, absl::StrCat("\"", instance,
                                       "\" is neither a range nor the name of "
                                       "a service"));
}

// Takes `[a,b]` off the end of `name`.
absl::StatusOr<std::vector<std::string>> TakeFeatures(absl::string_view text,
                                                      absl::string_view* name) {
  const size_t open = name->find('[');
  if (open == absl::string_view::npos) return std::vector<std::string>();
  absl::string_view list = name->substr(open + 1);
  if (!absl::ConsumeSuffix(&list, "]") || list.empty()) {
    return Unreadable(text, "features stand in brackets, as in hdfs[kerberos]");
  }
  *name = name->substr(0, open);
  std::vector<std::string> features = absl::StrSplit(list, ',');
  for (const std::string& feature : features) {
    if (registry::IsRelationsName(feature)) continue;
    return Unreadable(text,
                      absl::StrCat("\"", feature, "\" is not a feature name"));
  }
  return features;
}

}  // namespace

std::string NodeText(absl::string_view package, absl::string_view instance) {
  return instance.empty() || instance == package
             ? std::string(package)
             : absl::StrCat(package, "@", instance);
}

std::string RequestItem::NodeText() const {
  return catalog::NodeText(is_capability ? absl::StrCat("cap:", name) : name,
                           instance);
}

std::string RequestItem::Text() const {
  std::string text = NodeText();
  if (!features.empty()) {
    absl::StrAppend(&text, "[", absl::StrJoin(features, ","), "]");
  }
  if (!versions.is_any()) absl::StrAppend(&text, " ", RangeText());
  return text;
}

std::string RequestItem::RangeText() const {
  return revision.has_value()
             ? absl::StrCat(versions.ToString(), "#", *revision)
             : versions.ToString();
}

absl::Status ParseItemRange(absl::string_view text, RequestItem* item) {
  const size_t hash = text.find('#');
  ORRERY_ASSIGN_OR_RETURN(item->versions,
                          resolver::VersionRange::Parse(text.substr(0, hash)));
  if (hash == absl::string_view::npos) return absl::OkStatus();
  const absl::string_view revision = text.substr(hash + 1);
  uint32_t number = 0;
  const bool is_number =
      !revision.empty() && revision.front() != '0' &&
      std::all_of(revision.begin(), revision.end(), absl::ascii_isdigit) &&
      absl::SimpleAtoi(revision, &number);
  if (!is_number || !absl::StartsWith(text, "release=") ||
      !item->versions.names_one()) {
    return Unreadable(text, "a revision stands behind a release: release=7#1");
  }
  item->revision = number;
  return absl::OkStatus();
}

absl::StatusOr<RequestItem> ParseRequestItem(absl::string_view text) {
  RequestItem item;
  absl::string_view rest = text;
  item.is_capability = absl::ConsumePrefix(&rest, "cap:");
  std::vector<absl::string_view> parts = absl::StrSplit(rest, '@');
  absl::string_view name = parts.front();
  ORRERY_ASSIGN_OR_RETURN(item.features, TakeFeatures(text, &name));
  item.name = std::string(name);
  if (item.is_capability && !registry::IsRelationsName(name)) {
    return Unreadable(text,
                      absl::StrCat("\"", name, "\" is not a capability name"));
  }
  if (!item.is_capability) {
    const auto parsed = resolver::PackageName::Parse(name);
    if (!parsed.ok()) return Unreadable(text, parsed.status().message());
  }
  if (parts.size() > 3) return Unreadable(text, "more than two @");
  for (size_t i = 1; i < parts.size(); ++i) {
    absl::string_view part = parts[i];
    if (i == parts.size() - 1 && IsRange(part)) {
      ORRERY_RETURN_IF_ERROR(ParseItemRange(part, &item));
      continue;
    }
    if (i == 2)
      return Unreadable(text, "what follows the second @ is no range");
    if (item.features.empty()) {
      ORRERY_ASSIGN_OR_RETURN(item.features, TakeFeatures(text, &part));
    }
    ORRERY_RETURN_IF_ERROR(CheckInstance(text, part));
    if (part != name) item.instance = std::string(part);
  }
  return item;
}

absl::StatusOr<NodeName> ParseNodeName(absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits('@', 1));
  const auto name = resolver::PackageName::Parse(parts.first);
  if (!name.ok()) return Unreadable(text, name.status().message());
  NodeName node{std::string(parts.first), std::string(parts.second)};
  if (absl::StrContains(text, '@')) {
    ORRERY_RETURN_IF_ERROR(CheckInstance(text, parts.second));
  }
  if (node.instance == node.package) node.instance.clear();
  return node;
}

}  // namespace orrery::catalog
