// command.json: lines of a pip requirements file. Legacy; shown, never run
// (universe-format §7).

#ifndef REGISTRY_FORMAT_COMMAND_DOCUMENT_H_
#define REGISTRY_FORMAT_COMMAND_DOCUMENT_H_

#include <string>
#include <vector>

#include "registry/format/document_reader.h"
#include "registry/format/json_value.h"

namespace orrery::registry {

struct CommandDocument {
  std::vector<std::string> pip;
};

Parsed<CommandDocument> ParseCommandDocument(const JsonValue& root);

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_COMMAND_DOCUMENT_H_
