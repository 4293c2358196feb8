// What a relations.json says of options, against the config.json that has them.

#ifndef REGISTRY_FORMAT_RELATIONS_OPTIONS_H_
#define REGISTRY_FORMAT_RELATIONS_OPTIONS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "registry/format/json_value.h"
#include "registry/format/relations_document.h"
#include "registry/format/relations_output.h"

namespace orrery::registry {

// Options that `config` (the root of a config.json; null when there is none)
// does not have, and scalars that they do not take: `relations.option`,
// `relations.output` and `relations.type`. `release` names the release for the
// message: `kafka 1200`.
std::vector<RelationsFault> CheckRelationOptions(
    const RelationsDocument& document, const JsonValue* config,
    absl::string_view release);

// The JSON types that the option allows; none when it takes all, or is not
// there.
std::vector<std::string> OptionTypes(const JsonValue* config,
                                     absl::string_view option);

// Whether the option takes what the output gives (resolver.md §6.3); an option
// that is not there takes nothing. `joined` says whether a list is joined.
bool OptionTakesOutput(const JsonValue* config, absl::string_view option,
                       OutputType type, bool joined);

// Whether the option holds a secret (cosmos-api.md §10.5), by its schema, or by
// its name where there is none.
bool HoldsSecret(const JsonValue* config, absl::string_view option);

// The option whose value the output is; null where it is made of other parts,
// which no secret is one of (resolver.md §6.1).
const std::string* OnlyOption(const RelationOutput& output);

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_RELATIONS_OPTIONS_H_
