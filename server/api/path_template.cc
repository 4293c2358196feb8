#include "server/api/path_template.h"

#include <algorithm>

#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "server/http/http_message.h"

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

bool PathTemplate::HasShape(absl::string_view path) const {
  const absl::string_view last = path.substr(path.rfind('/') + 1);
  if (SplitVerb(last).second != verb_) return false;
  path.remove_suffix(verb_.size());
  size_t begin = 0;
  for (const Segment& segment : segments_) {
    // One behind the end of the path: the segments before were all it has.
    if (begin > path.size()) return false;
    const size_t end = std::min(path.find('/', begin), path.size());
    const absl::string_view part = path.substr(begin, end - begin);
    if (segment.is_variable ? part.empty() : part != segment.text) return false;
    begin = end + 1;
  }
  return begin == path.size() + 1;
}

std::optional<PathTemplate::Variables> PathTemplate::Match(
    absl::string_view path) const {
  if (!absl::ConsumePrefix(&path, "/") || !HasShape(path)) return std::nullopt;
  path.remove_suffix(verb_.size());
  Variables values;
  auto segment = segments_.begin();
  for (const absl::string_view part : absl::StrSplit(path, '/')) {
    const Segment& wanted = *segment++;
    if (!wanted.is_variable) continue;
    std::optional<std::string> value = PercentDecode(part);
    if (!value.has_value() || value->empty()) return std::nullopt;
    values.emplace_back(wanted.text, *std::move(value));
  }
  return values;
}

}  // namespace orrery::server
