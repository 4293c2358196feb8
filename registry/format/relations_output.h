// What a service tells those that are bound to it (resolver.md §6.1).

#ifndef REGISTRY_FORMAT_RELATIONS_OUTPUT_H_
#define REGISTRY_FORMAT_RELATIONS_OUTPUT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "registry/format/document_reader.h"
#include "registry/format/json_value.h"
#include "registry/format/relations_reader.h"

namespace orrery::registry {

enum class OutputType : uint8_t { kString, kInteger, kNumber, kBoolean, kList };

// A value is built of these and never scanned as text.
struct OutputPart {
  enum class Kind : uint8_t {
    kText,
    kOption,
    kService,
    kAddress,
    kEndpoints,
    kIndex,
    kRepeat,
  };
  Kind kind = Kind::kText;
  // The text itself, the option (of kRepeat the one that counts), the member of
  // the service, or the name of the port.
  std::string text;
  // Of an address `host`, `port`, or empty for both.
  std::string part;
  // Of endpoints the item of the service; empty if it has only one.
  std::string item;
  std::optional<std::string> join;
  std::vector<OutputPart> repeated;

  bool operator==(const OutputPart&) const = default;
};

struct RelationOutput {
  OutputType type = OutputType::kString;
  std::vector<OutputPart> value;

  // Whether it is known only when the service runs.
  bool is_late() const;

  bool operator==(const RelationOutput&) const = default;
};

// Whether the text is a value of the type; every text is a string.
bool IsOfOutputType(absl::string_view text, OutputType type);

// `string`, `integer`, …
absl::string_view OutputTypeName(OutputType type);

// Reads the member `outputs`.
std::map<std::string, RelationOutput> ReadOutputs(const JsonValue& value,
                                                  const JsonPath& path,
                                                  RelationsReader* reader);

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_RELATIONS_OUTPUT_H_
