// Several statements as one.

#ifndef RESOLVER_INTERNAL_MERGED_FACT_H_
#define RESOLVER_INTERNAL_MERGED_FACT_H_

#include <vector>

#include "resolver/fact.h"

namespace orrery::resolver::internal {

// What facts of one kind and subject, about targets of the same names, say
// together. What one release needs is what all of its clauses let in; of
// several releases, what any of them does. Never more than is so; less only
// where clauses of one release differ in several of their alternatives.
// Requires: `facts` is not empty.
Fact MergedFact(std::vector<Fact> facts);

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_MERGED_FACT_H_
