// The one text of a requirement, in records, facts and locks.

#ifndef RESOLVER_REQUIREMENT_TEXT_H_
#define RESOLVER_REQUIREMENT_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

#include "resolver/written_relations.h"

namespace orrery::resolver {

// `kafka-zookeeper >=2.1 | @feature:dcos-zookeeper if option:/uri unset`
// (resolver.md §5.5). A requirement of a feature names it last. All characters
// are printable ASCII: others are escaped in scalars and pointers.
std::string RequirementText(const WrittenRequirement& requirement,
                            absl::string_view feature = "");

}  // namespace orrery::resolver

#endif  // RESOLVER_REQUIREMENT_TEXT_H_
