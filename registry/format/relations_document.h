// relations.json: what a release requires, provides and excludes (resolver.md
// §5), and the outputs that fill the options of others (§6).

#ifndef REGISTRY_FORMAT_RELATIONS_DOCUMENT_H_
#define REGISTRY_FORMAT_RELATIONS_DOCUMENT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "registry/format/relations_output.h"
#include "registry/format/relations_reader.h"
#include "resolver/version.h"
#include "resolver/written_relations.h"

namespace orrery::registry {

inline constexpr char kRelationsFile[] = "relations.json";

struct RelationsDocument {
  resolver::WrittenRelations relations;
  std::map<std::string, RelationOutput> outputs;
  // Everything the file says of the release's own options.
  std::vector<OptionUse> option_uses;
  // The same of ports of its services.
  std::vector<PortUse> port_uses;
};

// Where the file lies.
struct RelationsPlace {
  std::string package;
  // Number of the directory.
  int64_t release = 0;
  bool in_overlay = false;
  // Label of the release, where it is known: what an overlay selects must have
  // it.
  std::optional<resolver::Version> version;
};

struct ParsedRelations {
  RelationsDocument document;
  // The file is refused if there are any; the first 100 by place in the file.
  std::vector<RelationsFault> faults;
};

// Reads and judges the text of the file alone: neither the config.json of the
// release nor other packages are looked at. Pure; thread-safe.
ParsedRelations ParseRelations(absl::string_view text,
                               const RelationsPlace& place);

// The texts of all requirements, those of features too, by bytes (§5.5).
std::vector<std::string> RequirementTexts(
    const resolver::WrittenRelations& relations);

// What the relations name, for those who look for it: `needs kafka`,
// `needs cap:sql`, `needs @dcos`, and `provides sql`; sorted, each once.
// Requirements count, with their conditions; conflicts and bounds do not.
std::vector<std::string> RelationMentions(
    const resolver::WrittenRelations& relations);

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_RELATIONS_DOCUMENT_H_
