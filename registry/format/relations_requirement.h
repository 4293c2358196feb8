// The requirements and targets of a relations.json (resolver.md §5.1).

#ifndef REGISTRY_FORMAT_RELATIONS_REQUIREMENT_H_
#define REGISTRY_FORMAT_RELATIONS_REQUIREMENT_H_

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "registry/format/document_reader.h"
#include "registry/format/json_value.h"
#include "registry/format/relations_reader.h"
#include "resolver/written_relations.h"

namespace orrery::registry {

// Reads requirements and targets of one file of package `self`, which must not
// require itself. `self` and `reader` must outlive it.
class RequirementReader {
 public:
  RequirementReader(absl::string_view self, RelationsReader* reader)
      : self_(self), reader_(*reader) {}

  // A member `requires`; its requirements count towards the 64 of the file. Two
  // with one text are a fault. `feature` is the one they belong to, or empty.
  std::vector<resolver::WrittenRequirement> ReadRequirements(
      const JsonValue& value, const JsonPath& path, size_t most,
      absl::string_view feature);

  // A Target: a package or a capability with a range.
  std::optional<resolver::WrittenTarget> ReadTarget(const JsonValue& value,
                                                    const JsonPath& path);

  // Whether the target is not the package itself.
  bool CheckOther(const resolver::WrittenTarget& target, const JsonValue& at,
                  const JsonPath& path);

 private:
  struct Seen {
    std::string text;
    std::string pointer;
  };

  std::optional<resolver::WrittenRequirement> ReadRequirement(
      const JsonValue& value, const JsonPath& path);
  std::optional<resolver::WrittenAlternative> ReadAlternative(
      const JsonValue& value, const JsonPath& path, bool in_place);
  std::optional<resolver::WrittenTarget> ReadNamed(
      const JsonValue& value, const JsonPath& path,
      std::initializer_list<absl::string_view> kinds);
  void ReadBindings(const JsonValue& value, const JsonPath& path,
                    std::vector<resolver::WrittenBinding>* out);
  std::optional<resolver::WrittenBinding> ReadBinding(const JsonValue& value,
                                                      const JsonPath& path);
  std::optional<resolver::WrittenCondition> ReadCondition(
      const JsonValue& value, const JsonPath& path);
  std::optional<resolver::OptionCondition> ReadOptionCondition(
      const JsonValue& value, const JsonPath& path);
  void CheckText(const resolver::WrittenRequirement& requirement,
                 absl::string_view feature, const JsonValue& at,
                 const JsonPath& path);

  absl::string_view self_;
  RelationsReader& reader_;
  std::vector<Seen> seen_;
  size_t count_ = 0;
};

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_RELATIONS_REQUIREMENT_H_
