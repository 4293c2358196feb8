// Plans as people read them.

#ifndef CLI_PLUGIN_SERVICE_PLAN_TEXT_H_
#define CLI_PLUGIN_SERVICE_PLAN_TEXT_H_

#include <string>

#include "registry/format/json_value.h"

namespace orrery::cli {

// A plan of catalog.v1: what is done, to what, why, and what is held back.
std::string PlanText(const registry::JsonValue& plan);

// `held back: zookeeper 3.4 (newest 3.5): kafka 2.0 needs zookeeper 3.4`, for
// an entry of `held` of a plan or an answer.
std::string HeldText(const registry::JsonValue& held);

// Whether a step goes to a lower version label.
bool AnyLabelGoesDown(const registry::JsonValue& plan);

// "2048 MiB of memory, and 512 are free" for what the cluster has too little
// of; empty when all fits, or nobody knows.
std::string ShortageText(const registry::JsonValue& plan);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_SERVICE_PLAN_TEXT_H_
