// A relations.json of a release or, with a first byte of `o`, of an overlay:
// what is accepted keeps the limits, and its requirements have distinct texts.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "registry/format/relations_document.h"
#include "registry/format/relations_options.h"
#include "resolver/version.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace registry = orrery::registry;
  absl::string_view text(reinterpret_cast<const char*>(data), size);
  registry::RelationsPlace place;
  place.package = "kafka";
  place.release = 7;
  place.version = *orrery::resolver::Version::Parse("1.0");
  if (!text.empty() && text.front() == 'o') {
    place.in_overlay = true;
    text.remove_prefix(1);
  }
  const registry::ParsedRelations parsed =
      registry::ParseRelations(text, place);
  for (const registry::RelationsFault& fault : parsed.faults) {
    if (fault.code.empty() || fault.text.empty() || fault.line < 1) {
      std::abort();
    }
  }
  if (!parsed.faults.empty()) return 0;
  const std::vector<std::string> texts =
      registry::RequirementTexts(parsed.document.relations);
  if (texts.size() > 64 ||
      std::adjacent_find(texts.begin(), texts.end()) != texts.end()) {
    std::abort();
  }
  for (const std::string& requirement : texts) {
    if (requirement.size() > 512) std::abort();
    for (const char c : requirement) {
      if (c < 0x20 || c > 0x7e) std::abort();
    }
  }
  registry::RelationMentions(parsed.document.relations);
  registry::CheckRelationOptions(parsed.document, nullptr, "kafka 7");
  return 0;
}
