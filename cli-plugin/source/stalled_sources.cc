#include "cli-plugin/source/stalled_sources.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli-plugin/text/json_member.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

// More of them are counted.
constexpr size_t kMostNamed = 3;

}  // namespace

std::string StalledText(const JsonValue& source) {
  const std::string since = MemberText(source, "stalled_since");
  if (since.empty()) return "";
  const std::string error = MemberText(source, "error");
  return absl::StrCat(
      "source ", MemberText(source, "name"), " has not advanced since ", since,
      ", ", MemberText(source, "state"), error.empty() ? "" : ": ", error);
}

void WarnOfStalledSources(CommandContext& context) {
  const absl::StatusOr<JsonValue> page =
      context.api->Get("/v1/sources", {{"stalled_only", "true"}});
  if (!page.ok()) return;
  std::vector<std::string> texts;
  size_t count = 0;
  for (const JsonValue& source : MemberItems(*page, "sources")) {
    std::string text = StalledText(source);
    if (text.empty()) continue;
    if (++count <= kMostNamed) texts.push_back(std::move(text));
  }
  if (count == 0) return;
  if (count > kMostNamed) {
    texts.push_back(absl::StrCat(count - kMostNamed,
                                 " more; `orrery source list` has them all"));
  }
  context.terminal->Warn(absl::StrJoin(texts, "; "));
}

}  // namespace orrery::cli
