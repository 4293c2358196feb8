#include "registry/format/relations_ports.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "registry/format/document_reader.h"
#include "registry/format/relations_reader.h"

namespace orrery::registry {
namespace {

// Whether a member `name` is filled, in full or in part, by a tag.
bool HasComputedName(absl::string_view templates) {
  constexpr absl::string_view kMember = "\"name\"";
  for (size_t at = templates.find(kMember); at != absl::string_view::npos;
       at = templates.find(kMember, at + 1)) {
    absl::string_view value = templates.substr(at + kMember.size());
    value = absl::StripLeadingAsciiWhitespace(value);
    if (!absl::ConsumePrefix(&value, ":")) continue;
    value = absl::StripLeadingAsciiWhitespace(value);
    if (!absl::ConsumePrefix(&value, "\"")) return true;
    if (absl::StrContains(value.substr(0, value.find('"')), "{{")) return true;
  }
  return false;
}

}  // namespace

std::vector<RelationsFault> CheckRelationPorts(
    const RelationsDocument& document, absl::string_view templates) {
  std::vector<RelationsFault> faults;
  if (templates.empty() || HasComputedName(templates)) return faults;
  for (const PortUse& use : document.port_uses) {
    if (absl::StrContains(templates, absl::StrCat("\"", use.port, "\""))) {
      continue;
    }
    faults.push_back({relations_codes::kOutput, use.pointer, use.line,
                      absl::StrCat("no port ", Shown(use.port))});
  }
  return faults;
}

}  // namespace orrery::registry
