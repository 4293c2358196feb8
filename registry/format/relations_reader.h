// Reads the values of a relations.json and notes what is wrong with them in the
// codes and words of resolver.md §5.8.

#ifndef REGISTRY_FORMAT_RELATIONS_READER_H_
#define REGISTRY_FORMAT_RELATIONS_READER_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "registry/format/document_reader.h"
#include "registry/format/json_value.h"
#include "resolver/version_range.h"
#include "resolver/written_relations.h"

namespace orrery::registry {

// Why a relations.json is refused.
struct RelationsFault {
  // `relations.syntax` and so on.
  std::string code;
  // JSON pointer into the file.
  std::string pointer;
  // From 1.
  int line = 1;
  // Lower case, no final period.
  std::string text;

  bool operator==(const RelationsFault&) const = default;
};

// A place of the file that names an option of the release's config.json.
struct OptionUse {
  std::string pointer;
  int line = 1;
  resolver::OptionPointer option;
  // What the option is set to or compared with; nothing otherwise.
  std::optional<resolver::Scalar> value = {};
  // Whether an output is made of it.
  bool in_output = false;
  // Of an output: it has nothing else.
  bool is_alone = false;
  // What the output makes of it: anything, one text, a number of repetitions.
  enum class Role { kAny, kText, kCount };
  Role role = Role::kAny;
};

// A place of the file that names a port of the release's service.
struct PortUse {
  std::string pointer;
  int line = 1;
  std::string port;
};

// Whether it can name an output, a feature, a capability or a kind of claim.
bool IsRelationsName(absl::string_view name);

// What kind of name a text is to be, for the message.
enum class RelationsName { kPackage, kCapability, kFeature, kOutput, kClaim };

// One file. `text` must outlive it. Readers return nothing after a fault.
class RelationsReader {
 public:
  explicit RelationsReader(absl::string_view text) : text_(text) {}

  void Add(absl::string_view code, const JsonPath& path, const JsonValue& at,
           std::string text);

  bool Expect(const JsonValue& value, JsonValue::Kind kind,
              const JsonPath& path);
  // Also whether it is an object without other members than `known`.
  bool ExpectObject(const JsonValue& value, const JsonPath& path,
                    std::initializer_list<absl::string_view> known);
  // Whether it is an array, or object, of at most so many `noun`.
  bool ExpectList(const JsonValue& value, const JsonPath& path, size_t most,
                  absl::string_view noun);
  bool ExpectMap(const JsonValue& value, const JsonPath& path, size_t most,
                 absl::string_view noun);

  std::optional<bool> Bool(const JsonValue& value, const JsonPath& path);
  // At most so many bytes.
  std::optional<std::string> Text(const JsonValue& value, const JsonPath& path,
                                  size_t most);
  std::optional<std::string> Name(const JsonValue& value, const JsonPath& path,
                                  RelationsName kind);
  // The same of the name of a member; `at` is its value.
  bool CheckName(absl::string_view name, const JsonValue& at,
                 const JsonPath& path, RelationsName kind);
  bool CheckFact(absl::string_view name, const JsonValue& at,
                 const JsonPath& path);
  std::optional<resolver::VersionRange> Range(const JsonValue& value,
                                              const JsonPath& path);
  std::optional<resolver::Scalar> Scalar(const JsonValue& value,
                                         const JsonPath& path);
  // A pointer into the options, which is noted as a use of the option.
  std::optional<resolver::OptionPointer> Pointer(const JsonValue& value,
                                                 const JsonPath& path);
  // At most 16 pointers with their scalars.
  std::map<resolver::OptionPointer, resolver::Scalar> Settings(
      const JsonValue& value, const JsonPath& path);

  int LineOf(const JsonValue& value) const;
  std::vector<OptionUse>& option_uses() { return option_uses_; }
  std::vector<PortUse>& port_uses() { return port_uses_; }
  std::vector<RelationsFault>& faults() { return faults_; }

 private:
  bool CheckPointer(absl::string_view pointer, const JsonValue& at,
                    const JsonPath& path);

  absl::string_view text_;
  std::vector<OptionUse> option_uses_;
  std::vector<PortUse> port_uses_;
  std::vector<RelationsFault> faults_;
};

namespace relations_codes {

inline constexpr char kSyntax[] = "relations.syntax";
inline constexpr char kLimit[] = "relations.limit";
inline constexpr char kName[] = "relations.name";
inline constexpr char kRange[] = "relations.range";
inline constexpr char kTarget[] = "relations.target";
inline constexpr char kSelf[] = "relations.self";
inline constexpr char kDuplicate[] = "relations.duplicate";
inline constexpr char kOutput[] = "relations.output";
inline constexpr char kOption[] = "relations.option";
inline constexpr char kType[] = "relations.type";
inline constexpr char kSelector[] = "relations.selector";

}  // namespace relations_codes
}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_RELATIONS_READER_H_
