// Members of the API's documents, read leniently: an older server may not send
// them yet.

#ifndef CLI_PLUGIN_TEXT_JSON_MEMBER_H_
#define CLI_PLUGIN_TEXT_JSON_MEMBER_H_

#include <span>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "registry/format/json_value.h"

namespace orrery::cli {

// The member's string, number as written, or "true" and "false"; empty for
// null, other kinds and no member.
std::string MemberText(const registry::JsonValue& object,
                       absl::string_view name);

// The items of an array member; empty when there is none.
std::span<const registry::JsonValue> MemberItems(
    const registry::JsonValue& object, absl::string_view name);

// The texts of an array member.
std::vector<std::string> MemberTexts(const registry::JsonValue& object,
                                     absl::string_view name);

// The member if it is an object, else `object` itself: the server answers some
// resources alone and others inside a response.
const registry::JsonValue& MemberOrSelf(const registry::JsonValue& object,
                                        absl::string_view name);

// {"<name>": items}.
registry::JsonValue ListDocument(absl::string_view name,
                                 std::vector<registry::JsonValue> items);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_TEXT_JSON_MEMBER_H_
