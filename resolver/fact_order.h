// The order in which facts are told.

#ifndef RESOLVER_FACT_ORDER_H_
#define RESOLVER_FACT_ORDER_H_

#include <cstddef>
#include <span>
#include <vector>

#include "resolver/fact.h"

namespace orrery::resolver {

// resolver.md §11.3: what is asked for, then always what speaks of something
// already mentioned. Indices into `facts`.
std::vector<size_t> OrderOfFacts(std::span<const Fact> facts);

void OrderFacts(std::vector<Fact>* facts);

}  // namespace orrery::resolver

#endif  // RESOLVER_FACT_ORDER_H_
