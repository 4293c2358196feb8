#include "server/path_template.h"

#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "server/http_message.h"

namespace orrery::server {
namespace {

// `{source}:sync` to `{source}` and `:sync`.
std::pair<absl::string_view, absl::string_view> SplitVerb(
    absl::string_view segment) {
  const size_t colon = segment.rfind(':');
  if (colon == absl::string_view::npos) return {segment, ""};
  return {segment.substr(0, colon), segment.substr(colon)};
}

}  // namespace

PathTemplate::PathTemplate(absl::string_view text) : text_(text) {
  const auto [path, verb] = SplitVerb(text);
  verb_ = std::string(verb);
  for (absl::string_view part :
       absl::StrSplit(absl::StripPrefix(path, "/"), '/')) {
    const bool is_variable =
        absl::ConsumePrefix(&part, "{") && absl::ConsumeSuffix(&part, "}");
    segments_.push_back({std::string(part), is_variable});
    if (is_variable) variables_.emplace_back(part);
  }
}

std::optional<PathTemplate::Variables> PathTemplate::Match(
    absl::string_view path) const {
  if (!absl::ConsumePrefix(&path, "/")) return std::nullopt;
  std::vector<absl::string_view> parts = absl::StrSplit(path, '/');
  if (parts.size() != segments_.size()) return std::nullopt;
  const auto [last, verb] = SplitVerb(parts.back());
  if (verb != verb_) return std::nullopt;
  parts.back() = last;

  Variables values;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (!segments_[i].is_variable) {
      if (parts[i] != segments_[i].text) return std::nullopt;
      continue;
    }
    std::optional<std::string> value = PercentDecode(parts[i]);
    if (!value.has_value() || value->empty()) return std::nullopt;
    values.emplace_back(segments_[i].text, *std::move(value));
  }
  return values;
}

}  // namespace orrery::server
