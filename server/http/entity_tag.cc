#include "server/http/entity_tag.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "signing/digest.h"

namespace orrery::server {

std::string EntityTag(absl::string_view bytes, ContentCoding coding) {
  const absl::string_view name = CodingName(coding);
  return absl::StrCat("\"", signing::Digest::Of(bytes).Hex(),
                      name.empty() ? "" : "-", name, "\"");
}

// Tags may hold commas, so the list is read tag by tag; reading ends at the
// first thing that is none.
bool MatchesAnyWeakly(absl::string_view field, absl::string_view tag) {
  field = absl::StripAsciiWhitespace(field);
  if (field == "*") return true;
  while (!field.empty()) {
    absl::ConsumePrefix(&field, "W/");
    const size_t end = absl::StartsWith(field, "\"") ? field.find('"', 1)
                                                     : absl::string_view::npos;
    if (end == absl::string_view::npos) return false;
    if (field.substr(0, end + 1) == tag) return true;
    field = absl::StripLeadingAsciiWhitespace(field.substr(end + 1));
    absl::ConsumePrefix(&field, ",");
    field = absl::StripLeadingAsciiWhitespace(field);
  }
  return false;
}

}  // namespace orrery::server
