#include "resolver/fact.h"

#include "absl/strings/str_join.h"

namespace orrery::resolver {

std::string TargetNames(const Fact& fact) {
  return absl::StrJoin(fact.targets, " | ",
                       [](std::string* out, const Fact::Targeted& target) {
                         out->append(target.text);
                       });
}

}  // namespace orrery::resolver
