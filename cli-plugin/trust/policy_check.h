// What a policy decides about a name, and by which lines.

#ifndef CLI_PLUGIN_TRUST_POLICY_CHECK_H_
#define CLI_PLUGIN_TRUST_POLICY_CHECK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "registry/format/json_value.h"
#include "signing/policy/client_policy.h"

namespace orrery::cli {

// A setting, its value and the line that decides it; 0: a default.
struct DecidedSetting {
  std::string name;
  std::string value;
  int64_t line = 0;
};

struct PolicyDecision {
  std::string package;
  // Why nothing of this name can be used: no package has it, or no line routes
  // it; empty: it is looked up as `settings` say.
  std::string refusal;
  // `registry` first, then `deny` where a line says so, then what `require`
  // lines set and the defaults.
  std::vector<DecidedSetting> settings;
};

PolicyDecision DecideName(const signing::ClientPolicy& policy,
                          absl::string_view package);

// The lines of a text, for messages: line 1 is the first. Empty past its end.
std::string LineOf(absl::string_view text, int64_t line);

registry::JsonValue DecisionJson(const PolicyDecision& decision,
                                 absl::string_view policy_text);
// For people: the name, then a line for each setting that a line decides.
std::string DecisionText(const PolicyDecision& decision,
                         absl::string_view policy_text);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_TRUST_POLICY_CHECK_H_
